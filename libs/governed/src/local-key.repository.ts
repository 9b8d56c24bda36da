import type { Queryable } from '@datum/platform';

interface LocalKeyQuery { system: string; code: string; site?: string | null }

/** For each query, the ids of the records of `recordType` that the active local key means. */
export async function idsByLocalKeys(queryable: Queryable, recordType: string, queries: readonly LocalKeyQuery[]): Promise<string[][]> {
  if (queries.length === 0) return [];
  const rows = await queryable.query<{ ord: number; id: string }>(
    `SELECT DISTINCT q.ord, k.record_id AS id
     FROM json_to_recordset($2::json) AS q(ord int, system text, code text, site text)
     JOIN local_key k ON k.record_type = $1 AND k.system = q.system AND k.code = q.code AND k.status = 'active'
       AND (q.site IS NULL OR k.site IS NULL OR k.site = q.site)
     ORDER BY q.ord, id`,
    [recordType, JSON.stringify(queries.map(({ system, code, site }, ord) => ({ ord, system, code: String(code), site: site ?? null })))],
  );
  const found: string[][] = queries.map(() => []);
  for (const { ord, id } of rows) found[ord]!.push(id);
  return found;
}

export interface LocalKeyRow { recordId: string; system: string; site: string | null; code: string }

/** The active codes of many records at once. */
export async function localKeysOf(queryable: Queryable, recordIds: readonly string[]): Promise<LocalKeyRow[]> {
  if (recordIds.length === 0) return [];
  return queryable.query<LocalKeyRow>(
    `SELECT record_id AS "recordId", system, site, code FROM local_key
     WHERE record_id = ANY($1::uuid[]) AND status = 'active' ORDER BY system, site, code`,
    [recordIds],
  );
}
