import type { Queryable } from '@datum/platform';

/** Whether nobody may log in yet. Gateways that start together ask one after the other. */
export async function nobodyIsKnown(queryable: Queryable): Promise<boolean> {
  await queryable.query(`SELECT pg_advisory_xact_lock(hashtext('datum-first-start'))`);
  const [someone] = await queryable.query('SELECT 1 FROM participant LIMIT 1');
  return someone === undefined;
}
