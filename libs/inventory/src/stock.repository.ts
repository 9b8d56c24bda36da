import type { Queryable } from '@datum/platform';

/** Site codes a reader may see; null: all. */
export type VisibleSites = readonly string[] | null;

export interface StockSum { itemId: string; site: string; state: string; counterSite: string | null; quantity: string }

/** Stock per item, site and state. Stock on its way is seen from both ends. */
export async function sumStock(queryable: Queryable, itemIds: readonly string[], sites: VisibleSites): Promise<StockSum[]> {
  return queryable.query<StockSum>(
    `SELECT item_id AS "itemId", site, state, counter_site AS "counterSite", trim_scale(sum(quantity)) AS quantity
     FROM stock_balance
     WHERE item_id = ANY($1::uuid[]) AND quantity <> 0 AND ($2::text[] IS NULL OR site = ANY($2) OR counter_site = ANY($2))
     GROUP BY item_id, site, state, counter_site ORDER BY item_id, site, state, counter_site`, [itemIds, sites]);
}

export interface StockSource { itemId: string; site: string; system: string; at: string }

/** Whose word the stock of a site is, and the business time of each one's last word. */
export async function stockSources(queryable: Queryable, itemIds: readonly string[]): Promise<StockSource[]> {
  return queryable.query<StockSource>(
    `SELECT b.item_id AS "itemId", b.site, p.value->>'system' AS system, max((p.value->>'at')::timestamptz) AS at
     FROM stock_balance b CROSS JOIN LATERAL jsonb_each(b.provenance) p
     WHERE b.item_id = ANY($1::uuid[]) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, [itemIds]);
}

export interface StockBin {
  site: string; location: string | null; place: string | null; state: string; lot: string | null; serial: string | null; owner: string | null;
  counterSite: string | null; quantity: string; asOf: string | null; system: string; at: string;
}

export const stockBinsMax = 2_000;

/** The bins of one item that hold something, with the system that counts each. At most `stockBinsMax`; the list of balances has all. */
export async function stockBins(queryable: Queryable, itemId: string, sites: VisibleSites): Promise<StockBin[]> {
  return queryable.query<StockBin>(
    `SELECT b.site, b.location, b.place, b.state, b.lot, b.serial, b.owner, b.counter_site AS "counterSite", b.quantity, b.as_of AS "asOf",
            p.system, p.at
     FROM stock_balance b CROSS JOIN LATERAL (
       SELECT value->>'system' AS system, (value->>'at')::timestamptz AS at FROM jsonb_each(b.provenance) ORDER BY 2 DESC LIMIT 1) p
     WHERE b.item_id = $1 AND b.quantity <> 0 AND ($2::text[] IS NULL OR b.site = ANY($2) OR b.counter_site = ANY($2))
     ORDER BY b.site, b.location, b.state, b.lot, b.serial LIMIT ${stockBinsMax}`, [itemId, sites]);
}

export interface ValuationLine {
  area: string; period: string; method: string; unitCost: string; currency: string; quantity: string | null; value: string | null; valueCurrency: string | null;
  system: string; at: string;
}

/** The latest valuation of an item per area, with the system that decides it. */
export async function latestValuations(queryable: Queryable, itemId: string, sites: VisibleSites): Promise<ValuationLine[]> {
  return queryable.query<ValuationLine>(
    `SELECT DISTINCT ON (area) area, period, method, unit_cost AS "unitCost", unit_cost_currency AS currency, quantity, value,
            value_currency AS "valueCurrency", provenance#>>'{valuation,system}' AS system, (provenance#>>'{valuation,at}')::timestamptz AS at
     FROM valuation WHERE item_id = $1 AND ($2::text[] IS NULL OR site IS NULL OR site = ANY($2)) ORDER BY area, period DESC`, [itemId, sites]);
}
