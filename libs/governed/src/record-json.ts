import type { Attribute } from './attribute.js';
import type { AnyRecord } from './record-definition.js';

const expressions = new WeakMap<AnyRecord, string>();

/**
 * The SQL expression that gives a row as the JSON text of its wire record, every attribute present. PostgreSQL writes it, so that the gateway neither
 * parses rows nor makes objects only to serialise them again (docs/adr/0040). Sessions run in UTC with ISO dates (`createDataSource`).
 */
export function wireJsonOf(definition: AnyRecord): string {
  let expression = expressions.get(definition);
  if (!expression) expressions.set(definition, (expression = makeExpression(definition)));
  return expression;
}

function makeExpression(definition: AnyRecord): string {
  const parts = [`'{"id":"'`, 'id', `'"'`];
  for (const [name, attribute] of Object.entries(definition.attributes)) parts.push(`',${JSON.stringify(name)}:'`, valueOf(attribute));
  parts.push(`',"version":'`, 'version', `',"createdAt":'`, instant('created_at'), `',"updatedAt":'`, instant('updated_at'), `'}'`);
  return concat(parts);
}

/** A function takes at most 100 arguments. */
function concat(parts: readonly string[]): string {
  if (parts.length <= 90) return `concat(${parts.join(', ')})`;
  return `concat(${concat(parts.slice(0, 88))}, ${concat(parts.slice(88))})`;
}

function valueOf({ kind, column }: Attribute): string {
  switch (kind) {
    case 'money': return pair(column!, `${column}_currency`, ['amount', 'currency']);
    case 'quantity': return pair(column!, `${column}_unit`, ['value', 'unit']);
    case 'int': case 'boolean': case 'localized': case 'map': case 'objectList': return orNull(`${column}::text`);
    case 'decimal': case 'date': case 'reference': return orNull(`'"' || ${column} || '"'`);
    case 'instant': return orNull(instant(column!));
    case 'text': case 'enum': case 'textList': return json(column!);
  }
}

const pair = (first: string, second: string, [a, b]: readonly [string, string]): string =>
  `CASE WHEN ${first} IS NULL THEN 'null' ELSE '{"${a}":"' || ${first} || '","${b}":' || ${json(second)} || '}' END`;

const orNull = (expression: string): string => `coalesce(${expression}, 'null')`;
const json = (column: string): string => orNull(`to_json(${column})::text`);

/** `2026-03-04 14:00:00+00` in RFC 3339. */
const instant = (column: string): string => `'"' || replace(replace(${column}::text, ' ', 'T'), '+00', 'Z') || '"'`;
