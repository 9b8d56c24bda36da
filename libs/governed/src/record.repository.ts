import type { Database, Queryable } from '@datum/platform';
import { wireJsonOf } from './record-json.js';
import { baseColumns, columnsOf, type ProvenanceByGroup, type RecordRow } from './record-rows.js';
import type { AnyRecord } from './record-definition.js';

/** Every statement over governed tables. Table and column names come from declarations, never from a request. */

export async function selectById(queryable: Queryable, { table }: AnyRecord, id: string): Promise<RecordRow | undefined> {
  const [row] = await queryable.query<RecordRow>(`SELECT * FROM ${table} WHERE id = $1`, [id]);
  return row;
}

/** A record as JSON text, with what decides who may see it and how fresh it is. */
export interface JsonRecord { json: string; version: number; site: string | null; provenance: ProvenanceByGroup }

export async function selectJsonById(database: Database, definition: AnyRecord, id: string): Promise<JsonRecord | undefined> {
  const site = definition.site ? definition.attributes[definition.site]!.column! : 'NULL';
  const [row] = await database.named<JsonRecord>(
    `${definition.type}-json`, `SELECT ${wireJsonOf(definition)} AS json, version, ${site} AS site, provenance FROM ${definition.table} WHERE id = $1`, [id]);
  return row;
}

export async function selectByIds(queryable: Queryable, { table }: AnyRecord, ids: readonly string[]): Promise<RecordRow[]> {
  return ids.length === 0 ? [] : queryable.query<RecordRow>(`SELECT * FROM ${table} WHERE id = ANY($1::uuid[])`, [ids]);
}

const wireColumns = new WeakMap<AnyRecord, string>();

/** What `toWire` reads: the row without its provenance, which is a quarter of it and not asked for by references and lists. */
function wireColumnsOf(definition: AnyRecord): string {
  let columns = wireColumns.get(definition);
  if (!columns) {
    columns = [...baseColumns.slice(0, 4), ...Object.values(definition.attributes).flatMap(columnsOf)].join(', ');
    wireColumns.set(definition, columns);
  }
  return columns;
}

/** The rows behind ids, ready for `toWire`. */
export async function selectWireRows(queryable: Queryable, definition: AnyRecord, ids: readonly string[]): Promise<Omit<RecordRow, 'provenance'>[]> {
  if (ids.length === 0) return [];
  const text = `SELECT ${wireColumnsOf(definition)} FROM ${definition.table} WHERE id = ANY($1::uuid[])`;
  return queryable.named<RecordRow>(`${definition.type}-wire`, text, [ids]);
}

/** Locks the rows in id order, so that two batches over the same records cannot deadlock. */
export async function lockByIds(queryable: Queryable, { table }: AnyRecord, ids: readonly string[]): Promise<RecordRow[]> {
  if (ids.length === 0) return [];
  return queryable.query<RecordRow>(`SELECT * FROM ${table} WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`, [ids]);
}

/** Ids of the records whose natural key equals one of `keys` (wire names → values). The order is that of the table. */
export async function idsByKeys(
  queryable: Queryable, definition: AnyRecord, keys: readonly Record<string, unknown>[],
): Promise<(Record<string, unknown> & { id: string })[]> {
  if (keys.length === 0) return [];
  const columns = definition.key.map((name) => definition.attributes[name]!.column!);
  const wanted = keys.map((key) => Object.fromEntries(definition.key.map((name, i) => [columns[i], key[name] ?? null])));
  // A required part is never null: plain equality lets the unique index serve a whole batch.
  const isRequired = definition.key.map((name) => definition.attributes[name]!.required);
  const on = columns.map((column, i) => `t.${column} ${isRequired[i] ? '=' : 'IS NOT DISTINCT FROM'} k.${column}`).join(' AND ');
  const named = definition.key.map((name, i) => `t.${columns[i]} AS "${name}"`).join(', ');
  return queryable.query(
    `SELECT t.id, ${named} FROM json_populate_recordset(NULL::${definition.table}, $1::json) k JOIN ${definition.table} t ON ${on}`,
    [JSON.stringify(wanted)],
  );
}

/** Inserts rows; those whose key exists already are left out. Returns the ids that were inserted. */
export async function insertRows(queryable: Queryable, { table }: AnyRecord, rows: readonly Record<string, unknown>[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const inserted = await queryable.query<{ id: string }>(
    `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json) ON CONFLICT DO NOTHING RETURNING id`,
    [JSON.stringify(rows)],
  );
  return new Set(inserted.map((row) => row.id));
}

/** Writes every column of rows that are locked already. */
export async function updateRows(queryable: Queryable, definition: AnyRecord, rows: readonly Record<string, unknown>[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = [...baseColumns.slice(1), ...Object.values(definition.attributes).flatMap(columnsOf)];
  const assignments = columns.map((column) => `${column} = s.${column}`).join(', ');
  await queryable.query(
    `UPDATE ${definition.table} t SET ${assignments} FROM json_populate_recordset(NULL::${definition.table}, $1::json) s WHERE t.id = s.id`,
    [JSON.stringify(rows)],
  );
}

/** Rows by id, for walks over a whole table. */
export async function selectAfterId(queryable: Queryable, { table }: AnyRecord, afterId: string | null, limit: number): Promise<RecordRow[]> {
  return queryable.query<RecordRow>(`SELECT * FROM ${table} WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`, [afterId, limit]);
}
