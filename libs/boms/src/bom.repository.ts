import type { Queryable } from '@datum/platform';
import { toWire, type AnyRecord, type WireRecord } from '@datum/governed';

/** Rows of a governed table whose reference is one of the ids, by position: the lines of BOMs, the operations of routings. */
export async function selectParts(queryable: Queryable, definition: AnyRecord, reference: string, ids: readonly string[]): Promise<WireRecord[]> {
  const column = definition.attributes[reference]!.column!;
  const rows = await queryable.query(`SELECT * FROM ${definition.table} WHERE ${column} = ANY($1::uuid[]) ORDER BY ${column}, position, id`, [ids]);
  return rows.map((row) => toWire(definition, row));
}
