import type { Queryable } from '@datum/platform';
import type { ExpectedSupply } from '@datum/inventory';

/** Orders and their states, locked in one order: whoever changes lines of an order waits for the other. */
export async function lockOrders(queryable: Queryable, table: string, ids: readonly string[]): Promise<{ id: string; state: string }[]> {
  return queryable.query<{ id: string; state: string }>(`SELECT id, state FROM ${table} WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`, [ids]);
}

/** Per order, whether something, and whether everything, of the measure is done. Table and column come from declarations. */
export async function lineProgress(
  queryable: Queryable, table: string, column: string, orderIds: readonly string[],
): Promise<{ orderId: string; some: boolean; all: boolean }[]> {
  return queryable.query(
    `SELECT order_id AS "orderId", bool_or(coalesce(${column}, 0) > 0) AS some, bool_and(coalesce(${column}, 0) >= coalesce(base_quantity, 0)) AS "all"
     FROM ${table} WHERE order_id = ANY($1::uuid[]) GROUP BY order_id`, [orderIds]);
}

export interface TransferLine { id: string; number: string; site: string; toSite: string; itemId: string; base: string; shipped: string; received: string }

/** The lines of the transfer orders with these numbers, locked, in order of line. */
export async function lockTransferLines(queryable: Queryable, numbers: readonly string[]): Promise<TransferLine[]> {
  return queryable.query<TransferLine>(
    `SELECT l.id, o.number, o.site, o.to_site AS "toSite", l.item_id AS "itemId", coalesce(l.base_quantity, 0) AS base,
            coalesce(l.shipped, 0) AS shipped, coalesce(l.received, 0) AS received
     FROM transfer_order o JOIN transfer_order_line l ON l.order_id = o.id
     WHERE o.number = ANY($1::text[]) ORDER BY o.id, l.line_number FOR UPDATE OF o, l`, [numbers]);
}

export interface DeliveryScore { supplierId: string; lines: number; onTime: number }

/** Whoever counts for the suppliers of these orders waits for the other. */
export async function lockSuppliers(queryable: Queryable, orderIds: readonly string[]): Promise<void> {
  await queryable.query(
    `SELECT FROM supplier WHERE id IN (SELECT supplier_id FROM purchase_order WHERE id = ANY($1::uuid[])) ORDER BY id FOR NO KEY UPDATE`, [orderIds]);
}

/** Fully received lines with a promised day per supplier, and how many of them came by that day. */
export async function deliveryScores(queryable: Queryable, orderIds: readonly string[]): Promise<DeliveryScore[]> {
  return queryable.query<DeliveryScore>(
    `SELECT o.supplier_id AS "supplierId", count(*)::int AS lines, (count(*) FILTER (WHERE l.received_on <= l.promised_on))::int AS "onTime"
     FROM purchase_order o JOIN purchase_order_line l ON l.order_id = o.id
     WHERE o.supplier_id IN (SELECT supplier_id FROM purchase_order WHERE id = ANY($1::uuid[]))
       AND l.received >= l.base_quantity AND l.received_on IS NOT NULL AND l.promised_on IS NOT NULL
     GROUP BY o.supplier_id ORDER BY o.supplier_id`, [orderIds]);
}

/** Open orders of the items, as uses of their base unit. At most a few: whoever reads them needs one. */
export async function orderUses(queryable: Queryable, itemIds: readonly string[]): Promise<{ itemId: string; use: string }[]> {
  const lines = ['purchase_order', 'sales_order', 'transfer_order'].map((table) =>
    `SELECT l.item_id, o.number FROM ${table}_line l JOIN ${table} o ON o.id = l.order_id
     WHERE l.item_id = ANY($1::uuid[]) AND o.state NOT IN ('CLOSED', 'CANCELLED')`).join(' UNION ');
  return queryable.query(
    `SELECT item_id AS "itemId", 'order ' || number AS use FROM (
       SELECT item_id, number, row_number() OVER (PARTITION BY item_id ORDER BY number) AS place FROM (${lines}
         UNION SELECT item_id, number FROM production_order WHERE item_id = ANY($1::uuid[]) AND state NOT IN ('CLOSED', 'CANCELLED')) open
     ) numbered WHERE place <= 3 ORDER BY 1, 2`, [itemIds]);
}

/** What open orders bring to sites and take from them. What is owed without a day is owed today; what is to come without one is not counted. */
export async function expectedSupply(queryable: Queryable, itemIds: readonly string[], today: string): Promise<ExpectedSupply[]> {
  return queryable.query<ExpectedSupply>(
    `SELECT "itemId", site, coalesce(due, $2::date)::text AS date, trim_scale(quantity) AS quantity, kind, document FROM (
       SELECT l.item_id AS "itemId", o.site, l.promised_on AS due, l.base_quantity - coalesce(l.received, 0) AS quantity, 'purchase-order' AS kind, o.number AS document
       FROM purchase_order_line l JOIN purchase_order o ON o.id = l.order_id
       WHERE o.state IN ('ORDERED', 'CONFIRMED', 'PART_RECEIVED') AND l.item_id = ANY($1::uuid[]) AND l.promised_on IS NOT NULL
       UNION ALL
       SELECT item_id, site, due_on, quantity - coalesce(machine_finished, 0), 'production-order', number
       FROM production_order WHERE state IN ('RELEASED', 'STARTED', 'INTERRUPTED') AND item_id = ANY($1::uuid[]) AND due_on IS NOT NULL
       UNION ALL
       SELECT l.item_id, o.to_site, l.expected_on, l.base_quantity - coalesce(l.received, 0), 'transfer-order', o.number
       FROM transfer_order_line l JOIN transfer_order o ON o.id = l.order_id
       WHERE o.state IN ('ORDERED', 'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED') AND l.item_id = ANY($1::uuid[]) AND l.expected_on IS NOT NULL
       UNION ALL
       SELECT l.item_id, o.site, NULL, -greatest(l.base_quantity - coalesce(l.shipped, 0), 0), 'transfer-order', o.number
       FROM transfer_order_line l JOIN transfer_order o ON o.id = l.order_id
       WHERE o.state IN ('ORDERED', 'PART_SHIPPED') AND l.item_id = ANY($1::uuid[])
       UNION ALL
       SELECT l.item_id, o.site, l.promised_on, -greatest(l.base_quantity - coalesce(l.shipped, 0) - coalesce(l.allocated, 0), 0), 'sales-order', o.number
       FROM sales_order_line l JOIN sales_order o ON o.id = l.order_id
       WHERE o.state IN ('CONFIRMED', 'ALLOCATED', 'PART_SHIPPED') AND l.item_id = ANY($1::uuid[])
     ) open
     WHERE quantity <> 0 AND (quantity > 0 OR kind IN ('sales-order', 'transfer-order'))
     ORDER BY "itemId", site, date, document`, [itemIds, today]);
}
