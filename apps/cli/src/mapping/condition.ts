import { usage } from '../cli-error.js';
import { cellOf, textOf, type Evaluate, type ExpressionContext, type SourceRow } from './source-row.js';

export type Holds = (row: SourceRow) => boolean;
type Compile = (source: unknown, context: ExpressionContext) => Evaluate;

/**
 * Compiles a condition of a pack: `{column: X, is: empty}`, `{column: X, is: notEmpty}`, `{column: X, equals: "1"}`, `{column: X, in: [A, B]}`; the same of
 * `value:` any expression instead of a column; `{all: […]}`, `{any: […]}`, `{not: …}`. Values are compared as text.
 * @throws CliError on what it does not know
 */
export function conditionOf(source: unknown, context: ExpressionContext, compile: Compile): Holds {
  const condition = source as Record<string, unknown>;
  if (typeof source !== 'object' || source === null) throw usage(`A condition is an object, not ${JSON.stringify(source)}.`);
  if (Array.isArray(condition.all)) {
    const all = condition.all.map((each) => conditionOf(each, context, compile));
    return (row) => all.every((holds) => holds(row));
  }
  if (Array.isArray(condition.any)) {
    const any = condition.any.map((each) => conditionOf(each, context, compile));
    return (row) => any.some((holds) => holds(row));
  }
  if (condition.not !== undefined) {
    const inner = conditionOf(condition.not, context, compile);
    return (row) => !inner(row);
  }
  return onValue(condition, condition.value === undefined ? cellOf(String(condition.column), context) : compile(condition.value, context));
}

function onValue(condition: Record<string, unknown>, valueOf: Evaluate): Holds {
  if (condition.is === 'empty') return (row) => valueOf(row) === undefined;
  if (condition.is === 'notEmpty') return (row) => valueOf(row) !== undefined;
  if ('equals' in condition) return (row) => comparable(valueOf(row)) === String(condition.equals);
  if (Array.isArray(condition.in)) {
    const wanted = new Set(condition.in.map(String));
    return (row) => wanted.has(comparable(valueOf(row)));
  }
  throw usage(`A condition says is, equals or in: ${JSON.stringify(condition)}.`);
}

const comparable = (value: unknown): string => (value === undefined ? '' : textOf(value));
