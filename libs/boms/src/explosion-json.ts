import { setImmediate as turn } from 'node:timers/promises';
import { directNeeds, summarise, walk, type Total, type Visit } from './explosion.js';
import type { Exact } from '@datum/semantics';
import type { Line, Node, Structure, StructureQuestion } from './structure.js';

export type ExplosionMode = 'summary' | 'multilevel' | 'single';
export interface ExplosionPlan { structure: Structure; question: StructureQuestion; quantity: Exact; mode: ExplosionMode }

const chunkCharacters = 64 * 1024;

export const headOf = ({ structure: { root, leftOut }, question, quantity }: Omit<ExplosionPlan, 'mode'>) => ({
  itemId: root.id, code: root.code, quantity: { value: quantity.toDecimal(), unit: root.unit }, date: question.date, site: question.site,
  bom: root.bom ?? null, linesLeftOut: leftOut,
});

export const totalOf = ({ node, unit, quantity, level }: Total) =>
  ({ itemId: node.id, code: node.code, type: node.type, quantity: { value: quantity.toDecimal(), unit }, level });

export const lineOf = ({ level, line, quantity, passedThrough }: Visit) => ({
  level, position: line.position, itemId: line.child.id, code: line.child.code, type: line.child.type,
  quantity: { value: quantity.toDecimal(), unit: line.unit }, lineId: line.id, phantom: passedThrough, made: line.child.made,
});

/**
 * The explosion as JSON, in chunks: rows are computed while they are sent, so that memory does not grow with them. Between chunks others get their turn.
 */
export async function* explosionJson(plan: ExplosionPlan): AsyncGenerator<string, void, undefined> {
  yield `${JSON.stringify({ ...headOf(plan), mode: plan.mode }).slice(0, -1)},"data":[`;
  if (plan.mode === 'summary') {
    const { components, assemblies } = summarise(plan.structure, plan.quantity);
    yield* chunks(components, (total) => JSON.stringify(totalOf(total)));
    yield '],"assemblies":[';
    yield* chunks(assemblies, (total) => JSON.stringify(totalOf(total)));
  } else {
    const rows = plan.mode === 'multilevel' ? walk(plan.structure, plan.quantity) : directNeeds(plan.structure, plan.quantity);
    yield* chunks(rows, visitWriter());
  }
  yield ']}';
}

async function* chunks<T>(rows: Iterable<T>, text: (row: T) => string): AsyncGenerator<string, void, undefined> {
  let buffer = '';
  let separator = '';
  for (const row of rows) {
    buffer += separator + text(row);
    separator = ',';
    if (buffer.length < chunkCharacters) continue;
    yield buffer;
    buffer = '';
    await turn();
  }
  if (buffer !== '') yield buffer;
}

/** Writes what `lineOf` says, without making the objects. Codes are JSON text already; ids, types, units and decimals need no escaping. */
function visitWriter(): (visit: Visit) => string {
  const known = new Map<Node, string>();
  const item = (node: Node): string => {
    let text = known.get(node);
    if (text === undefined) known.set(node, (text = `"itemId":"${node.id}","code":${node.codeJson},"type":"${node.type}","quantity":{"value":"`));
    return text;
  };
  const tail = (line: Line, passedThrough: boolean): string =>
    `","unit":"${line.unit}"},"lineId":"${line.id}","phantom":${passedThrough},"made":${line.child.made}}`;
  return ({ level, line, quantity, passedThrough }) =>
    `{"level":${level},"position":${line.position},${item(line.child)}${quantity.toDecimal()}${tail(line, passedThrough)}`;
}
