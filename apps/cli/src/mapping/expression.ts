import { usage } from '../cli-error.js';
import { conditionOf } from './condition.js';
import { cellOf, textOf, type Evaluate, type ExpressionContext, type Value } from './source-row.js';
import { RowProblem, transformOf, type Transform } from './transforms.js';

/**
 * Compiles what stands behind an attribute in a pack:
 * - `$Column` a cell; other plain values are constants
 * - `{from: Column, apply: [trim, {code: unit}], default: …, required: true, clear: true}`; the same with `value: expression` instead of a column
 * - `{concat: [$A, "-", $B]}`; nothing when one part is missing
 * - `{reference: {system: CE, code: $Id, site: …}}` another record by a system's key
 * - `{quantity: [amount, unit]}`, `{money: [amount, currency]}`; nothing when the amount is missing
 * - `{lookup: {table: T, key: $Id, column: Name, missing: …}}` from a small table of the pack
 * - `{when: condition, then: …, else: …}`
 * - any other object: its members, those without a value left out
 * @throws CliError on what it does not know
 */
export function expressionOf(source: unknown, context: ExpressionContext): Evaluate {
  if (typeof source === 'string' && source.startsWith('$')) return cellOf(source.slice(1), context);
  if (typeof source !== 'object' || source === null) return () => source;
  if (Array.isArray(source)) {
    const items = source.map((each) => expressionOf(each, context));
    return (row) => items.map((item) => item(row)).filter((value) => value !== undefined);
  }
  const kind = Object.keys(forms).find((name) => Object.hasOwn(source, name));
  return kind ? forms[kind]!(source as Record<string, unknown>, context) : nested(source as Record<string, unknown>, context);
}

type Form = (source: Record<string, unknown>, context: ExpressionContext) => Evaluate;

const forms: Record<string, Form> = {
  from: (source, context) => {
    const options = source as unknown as Stepped & { from: string };
    return stepped(cellOf(options.from, context), { name: options.from, ...options }, context);
  },
  value: (source, context) => stepped(expressionOf(source.value, context), { name: 'The value', ...source }, context),
  concat: ({ concat }, context) => {
    const parts = (concat as unknown[]).map((part) => expressionOf(part, context));
    return (row) => {
      const values = parts.map((part) => part(row));
      return values.some((value) => value === undefined || value === null) ? undefined : values.join('');
    };
  },
  reference: ({ reference }, context) => {
    const members = nested(reference as Record<string, unknown>, context);
    return (row) => {
      const value = members(row) as Record<string, unknown> | undefined;
      return value && 'code' in value ? { ...value, code: String(value.code) } : undefined;
    };
  },
  quantity: ({ quantity }, context) => pair(quantity, ['value', 'unit'], context),
  money: ({ money }, context) => pair(money, ['amount', 'currency'], context),
  lookup: ({ lookup }, context) => lookupOf(lookup as Lookup, context),
  when: ({ when, then, else: otherwise }, context) => {
    const holds = conditionOf(when, context, expressionOf);
    const [yes, no] = [expressionOf(then, context), expressionOf(otherwise, context)];
    return (row) => (holds(row) ? yes(row) : no(row));
  },
};

interface Stepped { apply?: (string | Record<string, unknown>)[]; default?: unknown; required?: boolean; clear?: boolean }

function stepped(input: Evaluate, { name, apply = [], default: fallback, required, clear }: Stepped & { name: string }, context: ExpressionContext): Evaluate {
  const steps = apply.map((step) => transformOf(step, context));
  return (row) => {
    const value = through(steps, input(row));
    if (value !== undefined) return value;
    if (fallback !== undefined) return fallback;
    if (required) throw new RowProblem(`${name} is empty.`);
    return clear ? null : undefined;
  };
}

function through(steps: readonly Transform[], cell: Value): Value {
  let value = cell;
  for (const step of steps) {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object') throw new RowProblem('A transform takes one value, not an object.');
    value = step(value as string);
  }
  return value ?? undefined;
}

function pair(source: unknown, [first, second]: readonly [string, string], context: ExpressionContext): Evaluate {
  const [amount, unit] = (source as unknown[]).map((part) => expressionOf(part, context));
  if (!amount || !unit) throw usage(`A ${second === 'unit' ? 'quantity' : 'money value'} is [amount, ${second}].`);
  return (row) => {
    const value = amount(row);
    if (value === undefined || value === null) return value;
    const counted = unit(row);
    if (counted === undefined) throw new RowProblem(`There is an amount (${textOf(value)}) without a ${second}.`);
    return { [first]: textOf(value), [second]: counted };
  };
}

interface Lookup { table: string; key: unknown; column: string; missing?: unknown }

function lookupOf({ table, key, column, missing }: Lookup, context: ExpressionContext): Evaluate {
  const rows = context.tables[table];
  if (!rows) throw usage(`The pack has no table "${table}".`);
  const keyOf = expressionOf(key, context);
  return (row) => {
    const wanted = keyOf(row);
    if (wanted === undefined || wanted === null) return undefined;
    const found = rows.get(textOf(wanted));
    if (!found && missing !== undefined) return missing;
    if (!found) throw new RowProblem(`"${textOf(wanted)}" is not in the table "${table}".`);
    return found[column] === '' ? undefined : found[column];
  };
}

function nested(source: Record<string, unknown>, context: ExpressionContext): Evaluate {
  const members = Object.entries(source).map(([name, part]) => [name, expressionOf(part, context)] as const);
  return (row) => {
    const made = members.map(([name, part]) => [name, part(row)] as const).filter(([, value]) => value !== undefined);
    return made.length === 0 ? undefined : Object.fromEntries(made);
  };
}
