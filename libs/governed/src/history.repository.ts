import type { Queryable } from '@datum/platform';

/** Attributes of a record that some change set from a business time after `instant`. */
export async function attributesChangedAfter(queryable: Queryable, recordId: string, instant: string): Promise<Set<string>> {
  const rows = await queryable.query<{ name: string }>(
    `SELECT DISTINCT k.name FROM ledger l CROSS JOIN LATERAL json_object_keys(l.changes::json) AS k(name)
     WHERE l.record_id = $1 AND l.valid_from > $2`,
    [recordId, instant],
  );
  return new Set(rows.map((row) => row.name));
}

/** The record type behind an id; undefined when the ledger never saw it. */
export async function recordTypeOf(queryable: Queryable, recordId: string): Promise<string | undefined> {
  const [row] = await queryable.query<{ type: string }>(`SELECT record_type AS type FROM ledger WHERE record_id = $1 LIMIT 1`, [recordId]);
  return row?.type;
}
