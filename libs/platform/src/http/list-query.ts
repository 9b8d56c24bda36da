import { createHash } from 'node:crypto';
import { malformed, type FieldProblem } from '../errors/app-error.js';
import { canonicalJson } from '../values/canonical-json.js';
import { parseInstant } from '../values/instant.js';
import { parseFilters, type FieldSpec, type Filter } from './list-filter.js';
import { readQuery, type QueryParameters } from './query-parameters.js';

export type { FieldSpec, FieldType, Filter, FilterOp } from './list-filter.js';

/** What one list accepts. Everything else is refused by name. */
export interface ListQuerySpec {
  /** Wire name → what it can be filtered and sorted by. Only what an index carries belongs here. */
  fields: Readonly<Record<string, FieldSpec>>;
  expand?: readonly string[];
  includes?: readonly string[];
  /** Plain parameters of this list: `system`, `code`, `site`. */
  extra?: readonly string[];
  /** First segments that `fields=` may name; without it any well-formed path is taken. */
  select?: readonly string[];
  /** Which of the parameters about time this resource does not know. */
  without?: readonly ('asOf' | 'knownAt' | 'maxAgeSeconds')[];
}

export interface SortKey {
  field: string;
  direction: 'asc' | 'desc';
}

/** The parameters of a single record. */
export interface RecordQuery {
  /** `fields=a,b.c` → [['a'], ['b', 'c']]; undefined means all. */
  fields?: string[][];
  expand: string[];
  include: string[];
  /** Business time, normalised to UTC. */
  asOf?: string;
  /** Known time, normalised to UTC. */
  knownAt?: string;
  maxAgeSeconds?: number;
  extra: Record<string, string>;
}

export interface ListQuery extends RecordQuery {
  filters: Filter[];
  sort: SortKey[];
  limit: number;
  /** As it came: to be verified by the `CursorSigner`. */
  cursor?: string;
}

export const defaultLimit = 50;
export const maxLimit = 500;
const sortKeysMax = 5;
const pathsMax = 100;
const pathPattern = /^[A-Za-z]\w{0,63}(?:\.\w{1,64}){0,7}$/;
const timeParameters = ['asOf', 'knownAt', 'maxAgeSeconds'] as const;

/**
 * Reads the query of a list: `limit`, `cursor`, `filter[field][op]`, `sort`, and what `parseRecordQuery` reads.
 * @param rawQuery the text behind `?`, still percent-encoded
 * @throws AppError malformed `query.invalid` with one pointer `#/query/<name>` per problem; `query.unknown-parameter` names what is not known
 */
export function parseListQuery(rawQuery: string, spec: ListQuerySpec): ListQuery {
  const parameters = readQuery(rawQuery);
  const problems: FieldProblem[] = [];
  const filters = parseFilters(parameters, spec.fields, problems);
  const sort = readSort(parameters, spec, problems);
  const limit = readWhole(parameters, 'limit', { min: 1, max: maxLimit }, problems) ?? defaultLimit;
  const cursor = parameters.take('cursor');
  if (cursor === '' || (cursor?.length ?? 0) > 1_024) problems.push(problem('cursor', 'cursor.invalid', 'Not a cursor.'));
  const record = readRecordParameters(parameters, spec, problems);
  refuse(parameters, problems);
  return { filters, sort, limit, ...(cursor === undefined ? {} : { cursor }), ...record };
}

/** Reads the query of a single record. @throws as `parseListQuery` */
export function parseRecordQuery(rawQuery: string, spec: Omit<ListQuerySpec, 'fields'>): RecordQuery {
  const parameters = readQuery(rawQuery);
  const problems: FieldProblem[] = [];
  const record = readRecordParameters(parameters, spec, problems);
  refuse(parameters, problems);
  return record;
}

/**
 * What a cursor of this list belongs to: the reader, and everything that decides which records come in which order. `limit` and the shape of
 * the body are left out, so that they may change from page to page.
 */
export function listScope(participantId: string, query: ListQuery): string {
  const { filters, sort, extra, asOf, knownAt } = query;
  return createHash('sha256').update(canonicalJson([participantId, filters, sort, extra, asOf, knownAt])).digest('base64url');
}

function readRecordParameters(
  parameters: QueryParameters, spec: Omit<ListQuerySpec, 'fields'>, problems: FieldProblem[],
): RecordQuery {
  const query: RecordQuery = {
    expand: readNames(parameters, 'expand', spec.expand ?? [], problems),
    include: readNames(parameters, 'include', spec.includes ?? [], problems),
    extra: readExtra(parameters, spec.extra ?? []),
  };
  const fields = readPaths(parameters, spec.select, problems);
  if (fields) query.fields = fields;
  for (const name of timeParameters.filter((known) => !spec.without?.includes(known))) {
    if (name !== 'maxAgeSeconds') setDefined(query, name, readInstant(parameters, name, problems));
    else setDefined(query, name, readWhole(parameters, name, { min: 0, max: 31_536_000 }, problems));
  }
  return query;
}

const setDefined = <K extends keyof RecordQuery>(query: RecordQuery, name: K, value: RecordQuery[K]): void => {
  if (value !== undefined) query[name] = value;
};

function readSort(parameters: QueryParameters, spec: ListQuerySpec, problems: FieldProblem[]): SortKey[] {
  const text = parameters.take('sort');
  if (text === undefined) return [];
  const keys = text.split(',').map((part): SortKey =>
    part.startsWith('-') ? { field: part.slice(1), direction: 'desc' } : { field: part, direction: 'asc' });
  const sortable = Object.keys(spec.fields).filter((name) => spec.fields[name]!.sortable);
  const distinct = new Set(keys.map((key) => key.field)).size === keys.length;
  if (keys.length > sortKeysMax || !distinct || keys.some((key) => !sortable.includes(key.field))) {
    const detail = `Expected up to ${sortKeysMax} different names of: ${listed(sortable)}; "-" before a name sorts downwards.`;
    problems.push(problem('sort', 'sort.invalid', detail));
    return [];
  }
  return keys;
}

function readWhole(
  parameters: QueryParameters, name: string, range: { min: number; max: number }, problems: FieldProblem[],
): number | undefined {
  const text = parameters.take(name);
  if (text === undefined) return undefined;
  const value = /^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : NaN;
  if (value >= range.min && value <= range.max) return value;
  problems.push(problem(name, `${name}.invalid`, `Expected a whole number from ${range.min} to ${range.max}.`));
  return undefined;
}

function readInstant(parameters: QueryParameters, name: string, problems: FieldProblem[]): string | undefined {
  const text = parameters.take(name);
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === undefined) problems.push(problem(name, 'instant.invalid', 'Expected an RFC 3339 instant such as 2026-03-04T14:00:00Z.'));
  return instant;
}

function readNames(
  parameters: QueryParameters, name: 'expand' | 'include', known: readonly string[], problems: FieldProblem[],
): string[] {
  const text = parameters.take(name);
  if (text === undefined) return [];
  const names = [...new Set(text.split(','))];
  if (names.every((part) => known.includes(part))) return names.sort();
  problems.push(problem(name, `${name}.unknown`, `Known here: ${listed(known)}.`));
  return [];
}

function readPaths(
  parameters: QueryParameters, select: readonly string[] | undefined, problems: FieldProblem[],
): string[][] | undefined {
  const text = parameters.take('fields');
  if (text === undefined) return undefined;
  const parts = [...new Set(text.split(','))];
  const paths = parts.map((part) => part.split('.'));
  const wellFormed = parts.length <= pathsMax && parts.every((part) => pathPattern.test(part));
  if (wellFormed && paths.every(([first]) => !select || select.includes(first!))) return paths;
  const known = select ? ` Known here: ${listed(select)}.` : '';
  problems.push(problem('fields', 'fields.invalid', `Expected up to ${pathsMax} names such as a,b.c.${known}`));
  return undefined;
}

function readExtra(parameters: QueryParameters, names: readonly string[]): Record<string, string> {
  const extra: Record<string, string> = {};
  for (const name of names) {
    const value = parameters.take(name);
    if (value !== undefined) extra[name] = value;
  }
  return extra;
}

function refuse(parameters: QueryParameters, problems: FieldProblem[]): void {
  for (const name of parameters.untaken()) {
    problems.push(problem(name, 'query.unknown-parameter', `There is no parameter ${name} here.`));
  }
  if (problems.length === 0) return;
  const codes = new Set(problems.map((each) => each.code));
  const code = codes.size === 1 && codes.has('query.unknown-parameter') ? 'query.unknown-parameter' : 'query.invalid';
  throw malformed(code, `The query is not understood: ${problems[0]!.detail}`, problems);
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

const problem = (name: string, code: string, detail: string): FieldProblem =>
  ({ pointer: `#/query/${name}`, code, detail });
