import { malformed, type Database, type Filter, type Queryable, type SortKey } from '@datum/platform';
import { wireJsonOf } from './record-json.js';
import { columnsOf, type RecordRow } from './record-rows.js';
import type { AnyRecord } from './record-definition.js';

export interface ListPlan {
  filters: Filter[];
  sort: SortKey[];
  limit: number;
  /** Values of the sort columns of the last row of the page before, id last. */
  after?: unknown[];
  /** Site codes the reader may see; null: all. Records without a site are seen by all. */
  sites: readonly string[] | null;
  /** Only these ids (look-ups by local key). */
  ids?: readonly string[];
}

const operators: Record<string, string> = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' };
const baseFields: Record<string, string> = { id: 'id', version: 'version', createdAt: 'created_at', updatedAt: 'updated_at' };

/** One page of a list, in the order asked, id last so that the order is total. Reads one row more than the page, to know whether there is more. */
export async function selectPage(queryable: Queryable, definition: AnyRecord, plan: ListPlan): Promise<RecordRow[]> {
  const { text, values } = pageStatement(definition, plan, '*');
  return queryable.query<RecordRow>(text, values);
}

/** A record as JSON text, with what its place in the list is made of. */
export type JsonRow = Record<string, unknown> & { json: string };

/** `selectPage` with every record as the text that goes to the wire. */
export async function selectJsonPage(database: Database, definition: AnyRecord, plan: ListPlan): Promise<JsonRow[]> {
  const position = orderOf(plan.sort).map((key) => columnOf(definition, key.field));
  const { text, values } = pageStatement(definition, plan, `${wireJsonOf(definition)} AS json, ${position.join(', ')}`);
  const name = statementName(text);
  return name === undefined ? database.query<JsonRow>(text, values) : database.named<JsonRow>(name, text, values);
}

const statementNames = new Map<string, string>();
const statementsMax = 200;

/** Lists come in few shapes, and those are worth preparing; a caller who makes up ever new ones must not fill the server's memory with them. */
function statementName(text: string): string | undefined {
  const known = statementNames.get(text);
  if (known !== undefined || statementNames.size >= statementsMax) return known;
  const name = `list-${statementNames.size}`;
  statementNames.set(text, name);
  return name;
}

function pageStatement(definition: AnyRecord, plan: ListPlan, columns: string): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const param = (value: unknown): string => `$${values.push(value)}`;
  const conditions = plan.filters.map((filter) => condition(definition, filter, param));
  if (plan.ids) conditions.push(`id = ANY(${param(plan.ids)}::uuid[])`);
  if (plan.sites && definition.site) {
    const column = definition.attributes[definition.site]!.column;
    conditions.push(`(${column} IS NULL OR ${column} = ANY(${param(plan.sites)}::text[]))`);
  }
  const order = orderOf(plan.sort);
  if (plan.after) conditions.push(afterCondition(definition, order, plan.after, param));
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const orderBy = order.map((key) => orderTerm(definition, key)).join(', ');
  return { text: `SELECT ${columns} FROM ${definition.table} ${where} ORDER BY ${orderBy} LIMIT ${param(plan.limit + 1)}`, values };
}

export const orderOf = (sort: SortKey[]): SortKey[] =>
  sort.some((key) => key.field === 'id') ? sort : [...sort, { field: 'id', direction: 'asc' }];

/** The sort values of a row, for the cursor. */
export const positionOf = (definition: AnyRecord, sort: SortKey[], row: Record<string, unknown>): unknown[] =>
  orderOf(sort).map((key) => row[columnOf(definition, key.field)] ?? null);

export function columnOf(definition: AnyRecord, field: string): string {
  const column = baseFields[field] ?? (definition.attributes[field] ? columnsOf(definition.attributes[field])[0] : undefined);
  if (!column) throw malformed('query.invalid', `There is no field ${field}.`);
  return column;
}

/** Base columns, and attributes that no record lacks. */
const isNeverNull = (definition: AnyRecord, field: string): boolean => field in baseFields || definition.attributes[field]?.required === true;

/** Without a word about NULL where there is none: with it, PostgreSQL would not use the column's index and sort the whole table for every page. */
function orderTerm(definition: AnyRecord, { field, direction }: SortKey): string {
  const nulls = isNeverNull(definition, field) ? '' : direction === 'desc' ? ' NULLS LAST' : ' NULLS FIRST';
  return `${columnOf(definition, field)} ${direction === 'desc' ? 'DESC' : 'ASC'}${nulls}`;
}

function condition(definition: AnyRecord, { field, op, values }: Filter, param: (value: unknown) => string): string {
  const column = columnOf(definition, field);
  switch (op) {
    case 'in': return `${column} = ANY(${param(values)})`;
    case 'like': return `${column} ILIKE ${param(values[0])}`;
    case 'exists': return `${column} IS ${values[0] === 'true' ? 'NOT NULL' : 'NULL'}`;
    case 'ne': return `${column} IS DISTINCT FROM ${param(values[0])}`;
    default: return `${column} ${operators[op]} ${param(values[0])}`;
  }
}

/**
 * Rows behind a position in a mixed-direction order: for keys a, b, c — a beyond, or a equal and b beyond, and so on. NULL counts as smaller than
 * everything, which is how ORDER BY above sorts it in both directions.
 */
function afterCondition(definition: AnyRecord, order: SortKey[], after: unknown[], param: (value: unknown) => string): string {
  if (order.every(({ field, direction }) => direction === order[0]!.direction && isNeverNull(definition, field))) {
    // One comparison of rows, which an index on the first column can begin at.
    const columns = order.map((key) => columnOf(definition, key.field)).join(', ');
    return `(${columns}) ${order[0]!.direction === 'desc' ? '<' : '>'} (${order.map((_, i) => param(after[i])).join(', ')})`;
  }
  const alternatives = order.map((key, i) => {
    const equal = order.slice(0, i).map((earlier, j) => `${columnOf(definition, earlier.field)} IS NOT DISTINCT FROM ${param(after[j])}`);
    return [...equal, beyond(columnOf(definition, key.field), key.direction, after[i], param)].join(' AND ');
  });
  return `(${alternatives.map((each) => `(${each})`).join(' OR ')})`;
}

function beyond(column: string, direction: 'asc' | 'desc', value: unknown, param: (value: unknown) => string): string {
  if (value === null) return direction === 'asc' ? `${column} IS NOT NULL` : 'false';
  if (direction === 'asc') return `${column} > ${param(value)}`;
  return `(${column} < ${param(value)} OR ${column} IS NULL)`;
}
