import { Exact } from '@datum/semantics';
import type { Line, Node, Structure } from './structure.js';

/** One use of a component on its path down from the item that is exploded. */
export interface Visit {
  /** 1 below the item itself. */
  level: number;
  parent: Node;
  line: Line;
  quantity: Exact;
  /** A phantom with components of its own: they follow in its place, it is never stocked itself. */
  passedThrough: boolean;
  /** Needed by the item itself: only phantoms lie between. */
  direct: boolean;
}

const isPassedThrough = ({ phantom, child }: Line): boolean => phantom && child.lines.length > 0;
const amountOf = (line: Line, quantity: Exact): Exact => (line.perUse.isZero ? line.perUnit.times(quantity) : line.perUse);

interface Frame { node: Node; quantity: Exact; next: number; level: number; direct: boolean }

/** Every use of every component, depth first, each right below its parent: the multi-level explosion. Rows are made as they are asked for. */
export function* walk({ root }: Structure, quantity: Exact): Generator<Visit, void, undefined> {
  const stack: Frame[] = [{ node: root, quantity, next: 0, level: 1, direct: true }];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]!;
    const line = frame.node.lines[frame.next];
    if (!line) {
      stack.pop();
      continue;
    }
    frame.next += 1;
    const needed = amountOf(line, frame.quantity);
    const passedThrough = isPassedThrough(line);
    yield { level: frame.level, parent: frame.node, line, quantity: needed, passedThrough, direct: frame.direct };
    if (line.child.lines.length > 0) {
      stack.push({ node: line.child, quantity: needed, next: 0, level: frame.level + 1, direct: frame.direct && passedThrough });
    }
  }
}

/** What the item itself needs: one level, phantoms replaced by their components. */
export function* directNeeds(structure: Structure, quantity: Exact): Generator<Visit, void, undefined> {
  for (const visit of walk(structure, quantity)) if (visit.direct && !visit.passedThrough) yield visit;
}

/** How many rows `walk` gives, without walking: shared sub-assemblies can make it grow without bounds. */
export function countRows({ root }: Structure): number {
  const known = new Map<Node, number>();
  const count = (node: Node): number => {
    let rows = known.get(node);
    if (rows === undefined) {
      rows = node.lines.reduce((sum, { child }) => sum + 1 + (child.lines.length > 0 ? count(child) : 0), 0);
      known.set(node, rows);
    }
    return rows;
  };
  return count(root);
}

/** A total over all uses of one component. */
export interface Total { node: Node; unit: string; quantity: Exact; /** Deepest level of use (low-level code). */ level: number }

export interface Summary {
  /** What is needed in the end: everything that has no BOM of its own. */
  components: Total[];
  /** What is made and stocked on the way. */
  assemblies: Total[];
}

/** Parents before children, each once. */
export function topDown({ root }: Structure): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const visit = (node: Node): void => {
    if (done.has(node)) return;
    done.add(node);
    for (const { child } of node.lines) visit(child);
    order.push(node);
  };
  visit(root);
  return order.reverse();
}

/** What of an item a quantity of the root needs over all its uses, and how many uses there are. */
export interface Need { quantity: Exact; uses: bigint; stocked: Exact; level: number; byUnit: Map<string, Exact> }

/** The need of every item of the structure, the root's own included. */
export function needsOf(structure: Structure, quantity: Exact, order: readonly Node[] = topDown(structure)): Map<Node, Need> {
  const needs = new Map<Node, Need>([[structure.root, { quantity, uses: 1n, stocked: Exact.zero, level: 0, byUnit: new Map() }]]);
  for (const node of order) {
    const need = needs.get(node)!;
    for (const line of node.lines) addNeed(needs, line, need);
  }
  return needs;
}

/** Totals per component over all levels. Time grows with the lines, not with the paths. */
export function summarise(structure: Structure, quantity: Exact): Summary {
  const order = topDown(structure);
  const needs = needsOf(structure, quantity, order);
  const summary: Summary = { components: [], assemblies: [] };
  for (const node of order.slice(1)) {
    const { byUnit, stocked, level } = needs.get(node)!;
    if (node.lines.length > 0) {
      if (!stocked.isZero) summary.assemblies.push({ node, unit: node.unit, quantity: stocked, level });
    } else {
      for (const [unit, total] of byUnit) summary.components.push({ node, unit, quantity: total, level });
    }
  }
  const byCode = (a: Total, b: Total): number => (a.node.code < b.node.code ? -1 : a.node.code > b.node.code ? 1 : 0);
  return { components: summary.components.sort(byCode), assemblies: summary.assemblies.sort(byCode) };
}

function addNeed(needs: Map<Node, Need>, line: Line, parent: Need): void {
  const amount = line.perUse.isZero ? line.perUnit.times(parent.quantity) : line.perUse.times(Exact.of(parent.uses.toString()));
  let need = needs.get(line.child);
  if (!need) needs.set(line.child, (need = { quantity: Exact.zero, uses: 0n, stocked: Exact.zero, level: 0, byUnit: new Map() }));
  need.quantity = need.quantity.plus(amount);
  need.uses += parent.uses;
  if (!isPassedThrough(line)) need.stocked = need.stocked.plus(amount);
  need.level = Math.max(need.level, parent.level + 1);
  need.byUnit.set(line.unit, (need.byUnit.get(line.unit) ?? Exact.zero).plus(amount));
}
