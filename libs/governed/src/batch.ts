import { AppError, etagOf, isUuid, parseInstant, toProblem, type FieldProblem } from '@datum/platform';
import { isPlainObject } from './attribute.js';
import type { ChangeResult, LocalKeyInput, RecordChange } from './change.js';

const ops = new Set(['create', 'update', 'upsert']);
const known = new Set(['op', 'id', 'key', 'attributes', 'localKeys', 'ifMatch', 'validFrom']);

/** One row of a batch or of a bulk stream as a change. @throws AppError 422 with pointers relative to the row. */
export function toChange(row: unknown): RecordChange {
  const problems: FieldProblem[] = [];
  const refuse = (pointer: string, code: string, detail: string): void => { problems.push({ pointer, code, detail }); };
  if (!isPlainObject(row)) throw new AppError('invalid', 'batch.row-invalid', 'A row is an object.', { errors: [{ pointer: '#', code: 'type.object', detail: 'An object is expected.' }] });
  for (const name of Object.keys(row)) if (!known.has(name)) refuse(`#/${name}`, 'field.unknown', 'A row has no such field.');
  const op = row.op ?? 'upsert';
  if (typeof op !== 'string' || !ops.has(op)) refuse('#/op', 'enum.unknown', 'create, update or upsert is expected.');
  if (row.id !== undefined && !(typeof row.id === 'string' && isUuid(row.id))) refuse('#/id', 'type.uuid', 'An id is expected.');
  if (row.key !== undefined && !isPlainObject(row.key)) refuse('#/key', 'type.object', 'The natural key as an object is expected.');
  if (!isPlainObject(row.attributes)) refuse('#/attributes', 'type.object', 'An object is expected.');
  const validFrom = typeof row.validFrom === 'string' ? parseInstant(row.validFrom) : undefined;
  if (row.validFrom !== undefined && validFrom === undefined) refuse('#/validFrom', 'type.instant', 'An RFC 3339 instant like 2026-03-04T14:00:00Z is expected.');
  if (row.ifMatch !== undefined && !Number.isInteger(row.ifMatch)) refuse('#/ifMatch', 'type.int', 'A version is expected.');
  if (row.localKeys !== undefined && !isLocalKeys(row.localKeys)) refuse('#/localKeys', 'type.list', 'A list of {system, code, site?} is expected.');
  if (problems.length > 0) throw new AppError('invalid', 'batch.row-invalid', 'The row has a wrong form.', { errors: problems });
  return {
    op: op as RecordChange['op'],
    attributes: row.attributes as Record<string, unknown>,
    ...(row.id === undefined ? {} : { id: row.id as string }),
    ...(row.key === undefined ? {} : { key: row.key as Record<string, unknown> }),
    ...(row.localKeys === undefined ? {} : { localKeys: row.localKeys as LocalKeyInput[] }),
    ...(row.ifMatch === undefined ? {} : { ifMatch: { versions: [row.ifMatch as number] } }),
    ...(validFrom === undefined ? {} : { validFrom }),
  };
}

function isLocalKeys(value: unknown): value is LocalKeyInput[] {
  return Array.isArray(value) && value.length <= 50 && value.every((key) =>
    isPlainObject(key) && typeof key.system === 'string' && typeof key.code === 'string' && (key.site == null || typeof key.site === 'string'));
}

/** What became of one row, on the wire. */
export interface RowResult { index: number; status: string; id?: string; version?: number; etag?: string; problem?: object; observed?: string[] }

export function toRowResult(index: number, result: ChangeResult, requestId: string): RowResult {
  if (result.status === 'refused') return { index, status: 'refused', problem: toProblem(result.error, `#/data/${index}`, requestId) };
  const { record, observed } = result;
  return { index, status: result.status, id: record.id, version: record.version, etag: etagOf(record.version), ...(observed.length > 0 ? { observed } : {}) };
}
