import type { Queryable } from '@datum/platform';

/** What other rooms must know of an item to check their own records against it. */
export interface ItemFacts { id: string; code: string; baseUnit: string; state: string }

/** Reads inside the caller's transaction: a check must not wait for a second connection. */
export async function itemFactsOf(queryable: Queryable, ids: readonly string[]): Promise<Map<string, ItemFacts>> {
  if (ids.length === 0) return new Map();
  const rows = await queryable.query<ItemFacts>('SELECT id, code, base_unit AS "baseUnit", state FROM item WHERE id = ANY($1::uuid[])', [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}
