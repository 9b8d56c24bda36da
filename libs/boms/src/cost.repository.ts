import type { Queryable } from '@datum/platform';
import type { CostedOperation, StandardCost } from './cost.js';

/** Standard cost of items: the site's own before the enterprise's. Items without any are left out. */
export async function selectStandardCosts(queryable: Queryable, itemIds: readonly string[], site: string | null): Promise<StandardCost[]> {
  return queryable.query<StandardCost>(
    `SELECT i.id AS "itemId",
            CASE WHEN s.standard_cost IS NULL THEN i.standard_cost ELSE s.standard_cost END AS amount,
            CASE WHEN s.standard_cost IS NULL THEN i.standard_cost_currency ELSE s.standard_cost_currency END AS currency
     FROM item i LEFT JOIN item_site s ON s.item_id = i.id AND s.site = $2
     WHERE i.id = ANY($1::uuid[]) AND coalesce(s.standard_cost, i.standard_cost) IS NOT NULL`, [itemIds, site]);
}

/** Operations of the routing that counts for each item: the site's own before the enterprise's standard, the lowest alternative, the latest revision. */
export async function selectOperations(queryable: Queryable, itemIds: readonly string[], day: { date: string; site: string | null }): Promise<CostedOperation[]> {
  return queryable.query<CostedOperation>(
    `SELECT r.item_id AS "itemId", o.position, w.code AS "workCentre", w.cost_rate AS rate, w.cost_rate_currency AS "rateCurrency",
            coalesce(o.setup_hours, 0)::text AS "setupHours", coalesce(o.run_hours, 0)::text AS "runHours", coalesce(o.run_quantity, 1)::text AS "runQuantity",
            coalesce(o.yield_percent, 100)::text AS "yieldPercent", o.cost_per_unit AS "costPerUnit", o.cost_per_unit_currency AS "costCurrency"
     FROM (SELECT DISTINCT ON (item_id) id, item_id FROM routing
           WHERE item_id = ANY($1::uuid[]) AND state IN ('released', 'superseded') AND (site IS NULL OR site = $3)
             AND (effective_from IS NULL OR effective_from <= $2::date) AND (effective_to IS NULL OR effective_to > $2::date)
           ORDER BY item_id, (site IS NOT NULL) DESC, alternative NULLS FIRST, effective_from DESC NULLS LAST, revision DESC, id) r
     JOIN routing_operation o ON o.routing_id = r.id
     LEFT JOIN work_centre w ON w.id = o.work_centre_id
     ORDER BY r.item_id, o.position`, [itemIds, day.date, day.site]);
}
