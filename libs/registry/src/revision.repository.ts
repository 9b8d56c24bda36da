import type { Database, Queryable } from '@datum/platform';

/** Every change of the registry raises it, which also makes these (rare) changes follow one another. */
export const raiseRevision = (tx: Queryable): Promise<unknown> =>
  tx.query(`UPDATE registry_revision SET revision = revision + 1`);

export async function readRevision(database: Database): Promise<string> {
  const [row] = await database.named<{ revision: string }>('registry-revision', `SELECT revision::text AS revision FROM registry_revision`);
  return row!.revision;
}
