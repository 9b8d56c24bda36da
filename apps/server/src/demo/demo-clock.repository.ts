import type { Queryable } from '@datum/platform';

/** Business time of the last change; undefined in an empty ledger. */
export async function latestBusinessTime(queryable: Queryable): Promise<string | undefined> {
  const [row] = await queryable.query<{ at: string | null }>(`SELECT max(valid_from) AS at FROM (SELECT valid_from FROM ledger ORDER BY id DESC LIMIT 1000) latest`);
  return row?.at ?? undefined;
}
