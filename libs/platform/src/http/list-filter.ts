import type { FieldProblem } from '../errors/app-error.js';
import { parseDecimal } from '../values/decimal.js';
import { parseDate, parseInstant } from '../values/instant.js';
import { isUuid } from '../values/uuid.js';
import { pointer } from './pointer.js';
import type { QueryParameters } from './query-parameters.js';

export const filterOps = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'exists'] as const;
export type FilterOp = (typeof filterOps)[number];

export type FieldType = 'text' | 'int' | 'decimal' | 'boolean' | 'instant' | 'date' | 'uuid' | 'enum';

export interface FieldSpec {
  type: FieldType;
  ops: readonly FilterOp[];
  sortable?: boolean;
  /** The values of an enum. */
  values?: readonly string[];
}

/** One condition. Values are text in normal form; one of them, or up to 100 for `in`. */
export interface Filter {
  field: string;
  type: FieldType;
  op: FilterOp;
  /**
   * `exists`: `true` or `false`. `like`: a pattern for SQL LIKE with the escape character `\`, made from a text in which `*` stands for
   * any characters; a text without `*` is looked for anywhere.
   */
  values: string[];
}

const filtersMax = 20;
const inValuesMax = 100;
const textMax = 200;
const wildcardsMax = 4;
const filterPattern = /^filter\[([A-Za-z][\w.]{0,63})\]\[([a-z]{2,6})\]$/;

const expected: Record<FieldType, string> = {
  text: `a text of 1 to ${textMax} characters`,
  int: 'a whole number',
  decimal: 'a decimal such as 12.5',
  boolean: 'true or false',
  instant: 'an RFC 3339 instant such as 2026-03-04T14:00:00Z',
  date: 'a date such as 2026-03-04',
  uuid: 'a UUID in lower case',
  enum: 'one of the known values',
};

/** Reads `filter[field][op]=value` parameters and takes them; problems are added to the list. */
export function parseFilters(
  parameters: QueryParameters, fields: Readonly<Record<string, FieldSpec>>, problems: FieldProblem[],
): Filter[] {
  const filters: Filter[] = [];
  for (const name of parameters.names()) {
    if (!name.startsWith('filter')) continue;
    const text = parameters.take(name) ?? '';
    const filter = readFilter(name, text, fields);
    if (typeof filter === 'string') problems.push({ pointer: pointer('query', name), code: 'filter.invalid', detail: filter });
    else filters.push(filter);
  }
  if (filters.length > filtersMax) {
    problems.push({ pointer: '#/query', code: 'filter.too-many', detail: `At most ${filtersMax} filters are read.` });
  }
  return filters.sort((a, b) => (a.field + a.op < b.field + b.op ? -1 : 1));
}

/** The filter, or the sentence that says what is wrong with it. */
function readFilter(name: string, text: string, fields: Readonly<Record<string, FieldSpec>>): Filter | string {
  const match = filterPattern.exec(name);
  if (!match) return 'Filters are written filter[field][op]=value.';
  const [, field = '', op = ''] = match;
  const spec = Object.hasOwn(fields, field) ? fields[field]! : undefined;
  if (!spec) return `Nothing can be filtered by ${field} here; known: ${Object.keys(fields).join(', ')}.`;
  if (!isOp(op) || !spec.ops.includes(op)) return `${field} takes the operators ${spec.ops.join(', ')}.`;
  const values = readValues(op, text, spec);
  return Array.isArray(values) ? { field, type: spec.type, op, values } : values;
}

function readValues(op: FilterOp, text: string, spec: FieldSpec): string[] | string {
  if (op === 'exists') return text === 'true' || text === 'false' ? [text] : 'Expected true or false.';
  if (op === 'like') return likePattern(text) ?? `Expected 1 to ${textMax} characters with at most ${wildcardsMax} *.`;
  const parts = op === 'in' ? text.split(',') : [text];
  if (parts.length > inValuesMax) return `Expected at most ${inValuesMax} values.`;
  const values = parts.map((part) => normalValue(part, spec));
  if (values.every((value) => value !== undefined)) return values;
  return `Expected ${spec.values ? `one of ${spec.values.join(', ')}` : expected[spec.type]}.`;
}

function normalValue(text: string, spec: FieldSpec): string | undefined {
  switch (spec.type) {
    case 'text': return text !== '' && text.length <= textMax ? text : undefined;
    case 'int': return wholeNumber(text);
    case 'decimal': return parseDecimal(text);
    case 'boolean': return text === 'true' || text === 'false' ? text : undefined;
    case 'instant': return parseInstant(text);
    case 'date': return parseDate(text);
    case 'uuid': return isUuid(text) ? text : undefined;
    case 'enum': return spec.values?.includes(text) ? text : undefined;
  }
}

const wholeNumber = (text: string): string | undefined =>
  /^(?:0|-?[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? text : undefined;

function likePattern(text: string): string[] | undefined {
  if (text === '' || text.length > textMax || text.split('*').length - 1 > wildcardsMax) return undefined;
  const literal = text.replace(/[\\%_]/g, (character) => `\\${character}`);
  return [literal.includes('*') ? literal.replaceAll('*', '%') : `%${literal}%`];
}

const isOp = (text: string): text is FilterOp => (filterOps as readonly string[]).includes(text);

/** What a field may be, by the filters; undefined when none of them names it. Several conditions on one field must all hold. For `eq` and `in` only. */
export function filterValuesOf(filters: readonly Filter[], field: string): string[] | undefined {
  const lists = filters.filter((filter) => filter.field === field).map(({ values }) => values);
  return lists.length === 0 ? undefined : lists.reduce((kept, values) => kept.filter((value) => values.includes(value)));
}
