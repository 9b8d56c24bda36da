import type { Queryable } from '@datum/platform';

/** A way from a parent item to a component, with all that decides when and where it counts. */
export interface Edge {
  lineId: string;
  parentId: string;
  componentId: string;
  site: string | null;
  from: string | null;
  to: string | null;
}

/** Writers of BOM structure wait for each other until they commit: two of them could otherwise close a cycle that neither sees. */
export async function lockStructure(queryable: Queryable): Promise<void> {
  await queryable.query(`SELECT pg_advisory_xact_lock(hashtext('datum.bom-structure'))`);
}

const edgeColumns = `
  l.id AS "lineId", b.item_id AS "parentId", l.component_id AS "componentId", b.site,
  greatest(l.effective_from, b.effective_from) AS "from", least(l.effective_to, b.effective_to) AS "to"`;

/** Every way into the components from above, of BOMs that are not obsolete. (greatest and least leave NULL, the open end, out.) */
export async function edgesInto(queryable: Queryable, componentIds: readonly string[]): Promise<Edge[]> {
  return queryable.query<Edge>(
    `SELECT ${edgeColumns} FROM bom_line l JOIN bom b ON b.id = l.bom_id WHERE l.component_id = ANY($1::uuid[]) AND b.state <> 'obsolete'`, [componentIds]);
}

export async function edgesOfBoms(queryable: Queryable, bomIds: readonly string[]): Promise<(Edge & { bomId: string })[]> {
  return queryable.query<Edge & { bomId: string }>(
    `SELECT l.bom_id AS "bomId", l.id AS "lineId", b.item_id AS "parentId", l.component_id AS "componentId", b.site, l.effective_from AS "from", l.effective_to AS "to"
     FROM bom_line l JOIN bom b ON b.id = l.bom_id WHERE l.bom_id = ANY($1::uuid[])`, [bomIds]);
}

/** Of these items, those that have a BOM of their own: only through them can a cycle run. */
export async function itemsWithBom(queryable: Queryable, itemIds: readonly string[]): Promise<Set<string>> {
  const rows = await queryable.query<{ id: string }>(`SELECT DISTINCT item_id AS id FROM bom WHERE item_id = ANY($1::uuid[]) AND state <> 'obsolete'`, [itemIds]);
  return new Set(rows.map(({ id }) => id));
}

export interface BomHead { id: string; itemId: string; site: string | null; from: string | null; to: string | null; state: string }

export async function bomHeads(queryable: Queryable, bomIds: readonly string[]): Promise<Map<string, BomHead>> {
  const rows = await queryable.query<BomHead>(
    `SELECT id, item_id AS "itemId", site, effective_from AS "from", effective_to AS "to", state FROM bom WHERE id = ANY($1::uuid[])`, [bomIds]);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface ItemHead { id: string; code: string; type: string; unit: string }

export async function itemHeads(queryable: Queryable, itemIds: readonly string[]): Promise<Map<string, ItemHead>> {
  if (itemIds.length === 0) return new Map();
  const rows = await queryable.query<ItemHead>(`SELECT id, code, type, base_unit AS unit FROM item WHERE id = ANY($1::uuid[])`, [itemIds]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The sites of routings, by id. */
export async function routingSites(queryable: Queryable, routingIds: readonly string[]): Promise<Map<string, string | null>> {
  const rows = await queryable.query<{ id: string; site: string | null }>(`SELECT id, site FROM routing WHERE id = ANY($1::uuid[])`, [routingIds]);
  return new Map(rows.map(({ id, site }) => [id, site]));
}

/** Items whose BOM or whose use in a BOM is said in their base unit, obsolete BOMs left out. */
export async function bomUses(queryable: Queryable, itemIds: readonly string[]): Promise<{ itemId: string; use: string }[]> {
  return queryable.query(
    `SELECT DISTINCT ON (u.item_id) u.item_id AS "itemId", 'the BOM of ' || i.code AS use FROM (
       SELECT item_id, item_id AS parent_id FROM bom WHERE item_id = ANY($1::uuid[]) AND state <> 'obsolete'
       UNION ALL
       SELECT l.component_id, b.item_id FROM bom_line l JOIN bom b ON b.id = l.bom_id WHERE l.component_id = ANY($1::uuid[]) AND b.state <> 'obsolete'
     ) u JOIN item i ON i.id = u.parent_id ORDER BY u.item_id, i.code`, [itemIds]);
}
