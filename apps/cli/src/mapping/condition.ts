import { usage } from '../cli-error.js';
import { cellOf, type ExpressionContext, type SourceRow } from './expression.js';

export type Holds = (row: SourceRow) => boolean;

/**
 * Compiles a condition of a pack: `{column: X, is: empty}`, `{column: X, is: notEmpty}`, `{column: X, equals: "1"}`, `{column: X, in: [A, B]}`,
 * `{all: […]}`, `{any: […]}`, `{not: …}`. Cells are compared as text.
 * @throws CliError on what it does not know
 */
export function conditionOf(source: unknown, context: ExpressionContext): Holds {
  const condition = source as Record<string, unknown>;
  if (typeof source !== 'object' || source === null) throw usage(`A condition is an object, not ${JSON.stringify(source)}.`);
  if (Array.isArray(condition.all)) {
    const all = condition.all.map((each) => conditionOf(each, context));
    return (row) => all.every((holds) => holds(row));
  }
  if (Array.isArray(condition.any)) {
    const any = condition.any.map((each) => conditionOf(each, context));
    return (row) => any.some((holds) => holds(row));
  }
  if (condition.not !== undefined) {
    const inner = conditionOf(condition.not, context);
    return (row) => !inner(row);
  }
  return onColumn(condition, context);
}

function onColumn(condition: Record<string, unknown>, context: ExpressionContext): Holds {
  const cell = cellOf(String(condition.column), context);
  if (condition.is === 'empty') return (row) => cell(row) === undefined;
  if (condition.is === 'notEmpty') return (row) => cell(row) !== undefined;
  if ('equals' in condition) return (row) => textOf(cell(row)) === String(condition.equals);
  if (Array.isArray(condition.in)) {
    const wanted = new Set(condition.in.map(String));
    return (row) => wanted.has(textOf(cell(row)));
  }
  throw usage(`A condition on a column says is, equals or in: ${JSON.stringify(condition)}.`);
}

const textOf = (value: unknown): string => (value === undefined ? '' : String(value));
