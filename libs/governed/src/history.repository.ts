import type { Queryable } from '@datum/platform';
import type { PastChange } from './backdated.js';

/** What each change of the records set, and from when, in the order of their versions. */
export async function changesOf(queryable: Queryable, recordIds: readonly string[]): Promise<Map<string, PastChange[]>> {
  const found = new Map<string, PastChange[]>(recordIds.map((id) => [id, []]));
  if (recordIds.length === 0) return found;
  const rows = await queryable.query<{ recordId: string; validFrom: string; changes: string }>(
    `SELECT record_id AS "recordId", valid_from AS "validFrom", changes FROM ledger
     WHERE record_id = ANY($1::uuid[]) AND op <> 'decision' ORDER BY record_id, version`,
    [recordIds],
  );
  for (const { recordId, validFrom, changes } of rows) found.get(recordId)!.push({ validFrom, changes: JSON.parse(changes) as Record<string, unknown> });
  return found;
}

/** The whole record as one of its versions left it, as JSON text. */
export async function afterImageOf(queryable: Queryable, recordId: string, version: number): Promise<string> {
  const [row] = await queryable.query<{ image: string }>(
    `SELECT after_image AS image FROM ledger WHERE record_id = $1 AND version = $2 AND op <> 'decision' ORDER BY epoch DESC, id DESC LIMIT 1`,
    [recordId, version],
  );
  return row!.image;
}

/** The record type behind an id; undefined when the ledger never saw it. */
export async function recordTypeOf(queryable: Queryable, recordId: string): Promise<string | undefined> {
  const [row] = await queryable.query<{ type: string }>(`SELECT record_type AS type FROM ledger WHERE record_id = $1 LIMIT 1`, [recordId]);
  return row?.type;
}
