import { conditionOf } from '../mapping/condition.js';
import { expressionOf } from '../mapping/expression.js';
import { textOf, type Evaluate, type ExpressionContext, type SourceRow } from '../mapping/source-row.js';
import type { ImportStep } from '../mapping/pack.js';
import { RowProblem } from '../mapping/transforms.js';
import type { SourceRecord } from './source.js';

/** What becomes of a row before it is sent: a line of NDJSON, left out for a reason, the same as one before, or impossible. */
export type Mapped = { line: string } | { skip: string } | { duplicate: string } | { refuse: string };

export type RowMapping = (record: SourceRecord) => Mapped;

/** Compiles one step of a pack for a file with these columns. @throws CliError when it names columns, lists or transforms that are not there */
export function stepMapping(step: ImportStep, context: ExpressionContext): RowMapping {
  const skips = (step.skip ?? []).map(({ when, reason }) => ({ holds: conditionOf(when, context, expressionOf), reason }));
  const attributes = members(step.attributes, context);
  const key = step.key && members(step.key, context);
  const localKeys = (step.localKeys ?? []).map(({ system, site, code }) => ({ system, site, code: expressionOf(code, context) }));
  const seen = step.distinct ? new Set<string>() : undefined;
  const sameText = `a further row of the same ${(step.distinct ?? []).join(' and ')}`;
  const wire = (row: SourceRow): object => ({
    ...(step.op ? { op: step.op } : {}),
    ...(key ? { key: made(key, row) } : {}),
    attributes: made(attributes, row),
    ...(localKeys.length > 0 ? { localKeys: codesOf(localKeys, row) } : {}),
  });
  return ({ row, problem }) => {
    if (problem !== undefined) return { refuse: problem };
    const skipped = skips.find(({ holds }) => holds(row));
    if (skipped) return { skip: skipped.reason };
    const identity = seen && JSON.stringify(step.distinct!.map((column) => row[column]));
    if (identity !== undefined && seen!.has(identity)) return { duplicate: sameText };
    try {
      const line = JSON.stringify(wire(row));
      if (identity !== undefined) seen!.add(identity);
      return { line };
    } catch (error) {
      if (error instanceof RowProblem) return { refuse: error.message };
      throw error;
    }
  };
}

type Members = readonly (readonly [string, Evaluate])[];

const members = (source: Record<string, unknown>, context: ExpressionContext): Members =>
  Object.entries(source).map(([name, part]) => [name, inAttribute(name, expressionOf(part, context))]);

/** A problem says which attribute it was for. */
function inAttribute(name: string, evaluate: Evaluate): Evaluate {
  return (row) => {
    try {
      return evaluate(row);
    } catch (error) {
      throw error instanceof RowProblem ? new RowProblem(`${name}: ${error.message}`) : error;
    }
  };
}

const made = (parts: Members, row: SourceRow): object =>
  Object.fromEntries(parts.map(([name, part]) => [name, part(row)] as const).filter(([, value]) => value !== undefined));

function codesOf(keys: readonly { system: string; site: string | undefined; code: Evaluate }[], row: SourceRow): object[] {
  return keys.flatMap(({ system, site, code }) => {
    const value = code(row);
    return value === undefined || value === null ? [] : [{ system, code: textOf(value), ...(site === undefined ? {} : { site }) }];
  });
}
