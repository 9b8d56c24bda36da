import type pg from 'pg';

/** Every use of every component below an item, depth first, as one recursive statement. */
export const explosionSql = `
  WITH RECURSIVE use AS (
    SELECT 1 AS level, l.position, l.component_id, l.quantity_per AS quantity, l.unit, l.id AS line_id, ARRAY[l.position] AS path
    FROM bom b JOIN bom_line l ON l.bom_id = b.id
    WHERE b.item_id = $1 AND b.state = 'released' AND (l.effective_from IS NULL OR l.effective_from <= $2::date) AND (l.effective_to IS NULL OR l.effective_to > $2::date)
    UNION ALL
    SELECT u.level + 1, l.position, l.component_id, u.quantity * l.quantity_per, l.unit, l.id, u.path || l.position
    FROM use u JOIN bom b ON b.item_id = u.component_id AND b.state = 'released' JOIN bom_line l ON l.bom_id = b.id
    WHERE (l.effective_from IS NULL OR l.effective_from <= $2::date) AND (l.effective_to IS NULL OR l.effective_to > $2::date)
  )
  SELECT u.level, u.position, u.component_id AS "itemId", i.code, i.type, u.quantity AS value, u.unit, u.line_id AS "lineId"
  FROM use u JOIN item i ON i.id = u.component_id ORDER BY u.path`;

interface UseRow { level: number; position: number; itemId: string; code: string; type: string; value: string; unit: string; lineId: string }

export async function explode(pool: pg.Pool, itemId: string): Promise<object> {
  const { rows } = await pool.query<UseRow>({ name: 'explode', text: explosionSql, values: [itemId, new Date().toISOString().slice(0, 10)] });
  return { itemId, data: rows.map(({ value, unit, ...row }) => ({ ...row, quantity: { value, unit } })) };
}
