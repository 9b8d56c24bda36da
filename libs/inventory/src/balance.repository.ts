import type { Queryable } from '@datum/platform';
import { balanceKeyText, type BalanceKey } from './balance-key.js';

export interface LockedBalance { id: string; quantity: string; unit: string; asOf: string | null; countedAt: string | null }

const keyColumns = 'item_id uuid, site text, location text, state text, lot text, serial text, owner text, counter_site text';

/**
 * Locks the balances behind the keys until the end of the transaction, those that do not exist yet included, and reads them. Keys are locked in one
 * order everywhere, so that two batches over the same bins wait for each other instead of blocking each other.
 */
export async function lockBalances(queryable: Queryable, keys: readonly BalanceKey[]): Promise<Map<string, LockedBalance>> {
  if (keys.length === 0) return new Map();
  await queryable.query(
    `SELECT pg_advisory_xact_lock(k.lock) FROM (SELECT DISTINCT hashtextextended(key, 20) AS lock FROM unnest($1::text[]) AS key ORDER BY 1) k`,
    [keys.map(balanceKeyText)],
  );
  const wanted = keys.map((key) => ({
    item_id: key.itemId, site: key.site, location: key.location, state: key.state, lot: key.lot, serial: key.serial, owner: key.owner,
    counter_site: key.counterSite,
  }));
  const rows = await queryable.query<BalanceKey & LockedBalance>(
    `SELECT b.id, b.quantity, b.quantity_unit AS unit, b.as_of AS "asOf", b.counted_at AS "countedAt", b.item_id AS "itemId", b.site, b.location, b.state, b.lot, b.serial, b.owner, b.counter_site AS "counterSite"
     FROM stock_balance b
     WHERE b.id IN (
       SELECT s.id FROM json_to_recordset($1::json) AS k(${keyColumns})
       JOIN stock_balance s ON s.item_id = k.item_id AND s.site = k.site AND s.state = k.state AND s.location IS NOT DISTINCT FROM k.location
         AND s.lot IS NOT DISTINCT FROM k.lot AND s.serial IS NOT DISTINCT FROM k.serial AND s.owner IS NOT DISTINCT FROM k.owner
         AND s.counter_site IS NOT DISTINCT FROM k.counter_site)
     ORDER BY b.id FOR UPDATE`,
    [JSON.stringify(wanted)],
  );
  return new Map(rows.map((row) => [balanceKeyText(row), { id: row.id, quantity: row.quantity, unit: row.unit, asOf: row.asOf, countedAt: row.countedAt }]));
}

/** Sites where something of the items is counted, as uses of their base unit. */
export async function stockUses(queryable: Queryable, itemIds: readonly string[]): Promise<{ itemId: string; use: string }[]> {
  return queryable.query(
    `SELECT item_id AS "itemId", 'stock at ' || site AS use FROM stock_balance WHERE item_id = ANY($1::uuid[]) AND quantity <> 0 GROUP BY item_id, site ORDER BY 1, 2`,
    [itemIds]);
}

export interface PlaceFacts { site: string; code: string; kind: string; status: string | null }

/** What is known of the places, by site and code. */
export async function readPlaces(queryable: Queryable, places: readonly { site: string; code: string }[]): Promise<Map<string, PlaceFacts>> {
  if (places.length === 0) return new Map();
  const rows = await queryable.query<PlaceFacts>(
    `SELECT DISTINCT l.site, l.code, l.kind, l.status FROM json_to_recordset($1::json) AS p(site text, code text)
     JOIN location l ON l.site = p.site AND l.code = p.code`, [JSON.stringify(places)]);
  return new Map(rows.map((row) => [`${row.site}\n${row.code}`, row]));
}

export interface PolicyFacts { itemId: string; site: string; lotTracked: boolean | null; serialTracked: boolean | null; inspectionDays: number | null }

export async function readPolicies(queryable: Queryable, itemIds: readonly string[]): Promise<PolicyFacts[]> {
  return queryable.query<PolicyFacts>(
    `SELECT item_id AS "itemId", site, lot_tracked AS "lotTracked", serial_tracked AS "serialTracked", inspection_days AS "inspectionDays"
     FROM stock_policy WHERE item_id = ANY($1::uuid[])`, [itemIds]);
}
