import { AppError, invalid, isUuid, parseIfMatch, type FieldProblem } from '@datum/platform';
import { isPlainObject } from '@datum/governed';
import type { WriteRequestWish } from './write-request.intake.js';

const bodyMembers = new Set(['op', 'target', 'ifMatch', 'patch', 'reason']);
const targetMembers = new Set(['recordType', 'id', 'key', 'localKey']);

/** The body of a request as a wish. @throws AppError 422 naming each member; 428 without `ifMatch` */
export function parseWish(body: unknown): WriteRequestWish {
  const problems: FieldProblem[] = [];
  const refuse = (pointer: string, code: string, detail: string): void => { problems.push({ pointer, code, detail }); };
  const given = isPlainObject(body) ? body : {};
  if (!isPlainObject(body)) refuse('#', 'type.object', 'An object is expected.');
  for (const name of Object.keys(given)) if (!bodyMembers.has(name)) refuse(`#/${name}`, 'field.unknown', 'A write request has no such field.');
  const { op = 'update', patch, reason } = given;
  if (op !== 'update' && op !== 'create') refuse('#/op', 'enum.unknown', 'Must be update or create.');
  if (!isPlainObject(patch) || Object.keys(patch).length === 0) refuse('#/patch', 'type.object', 'An object with at least one attribute is expected.');
  if (reason !== undefined && (typeof reason !== 'string' || reason.length === 0 || reason.length > 500)) refuse('#/reason', 'type.text', 'A text of at most 500 characters is expected.');
  const target = parseTarget(given.target, op === 'create', refuse);
  if (problems.length > 0) throw invalid(`The write request has ${problems.length} problem(s).`, problems, 'write-request.invalid');
  return {
    op: op as 'update' | 'create', ...target, patch: patch as Record<string, unknown>, ifMatch: op === 'create' ? undefined : ifMatchOf(given.ifMatch),
    ...(reason === undefined ? {} : { reason: reason as string }),
  };
}

function ifMatchOf(value: unknown): WriteRequestWish['ifMatch'] {
  if (value === undefined) throw new AppError('preconditionMissing', 'precondition.missing', 'Send ifMatch with the ETag of the record that you read.');
  if (typeof value === 'number') return { versions: [value] };
  if (typeof value === 'string') return parseIfMatch(value);
  throw invalid('ifMatch is an ETag.', [{ pointer: '#/ifMatch', code: 'type.text', detail: 'An ETag like "v3" in double quotes, a version, or "*" is expected.' }], 'write-request.invalid');
}

function parseTarget(
  target: unknown, isCreate: boolean, refuse: (pointer: string, code: string, detail: string) => void,
): Pick<WriteRequestWish, 'recordType' | 'target' | 'localKey'> {
  const given = isPlainObject(target) ? target : {};
  if (!isPlainObject(target)) refuse('#/target', 'type.object', 'An object with recordType and id or key is expected.');
  for (const name of Object.keys(given)) if (!targetMembers.has(name)) refuse(`#/target/${name}`, 'field.unknown', 'A target has no such field.');
  const { recordType, id, key, localKey } = given;
  if (typeof recordType !== 'string') refuse('#/target/recordType', 'field.required', 'Say which type of record.');
  if (id !== undefined && (typeof id !== 'string' || !isUuid(id))) refuse('#/target/id', 'type.uuid', 'An id is expected.');
  if (key !== undefined && !isPlainObject(key)) refuse('#/target/key', 'type.object', 'The natural key, or {system, code}, as an object is expected.');
  if (localKey !== undefined && (typeof localKey !== 'string' || localKey.length === 0 || localKey.length > 120)) refuse('#/target/localKey', 'type.text', 'A code is expected.');
  if (!isCreate && (id === undefined) === (key === undefined)) refuse('#/target', 'write-request.target', 'Name the record by either id or key.');
  const named = isPlainObject(key) ? (typeof key.system === 'string' ? (key as { system: string; code: string }) : { key }) : undefined;
  return {
    recordType: String(recordType), target: isCreate ? undefined : typeof id === 'string' ? { id } : named,
    ...(typeof localKey === 'string' ? { localKey } : {}),
  };
}
