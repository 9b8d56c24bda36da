import { conflict, invalid } from '@datum/platform';
import { conversionFactor, Exact } from '@datum/semantics';
import { inRange } from './effectivity.js';

/** What decides which BOMs and lines count. `date` is a day; `site` null asks for the enterprise's BOMs only. */
export interface StructureQuestion {
  itemId: string;
  date: string;
  site: string | null;
  /** Usages in order of preference; the first that has a BOM wins. */
  usages: readonly string[];
  /** Takes this revision of the item itself, whatever its state and dates. */
  revision?: string;
  serial?: string;
  lot?: string;
  /** Which alternates are used: the first by priority, or all by their usage percent. */
  alternates: 'priority' | 'usage';
  /** `one` stops below the item and its phantoms. */
  depth: 'one' | 'all';
}

export interface StoredLine {
  id: string; componentId: string; position: number; quantityPer: string; unit: string; fixed: boolean; phantom: boolean; scrapPercent: string;
  alternateGroup: string | null; alternatePriority: number | null; usagePercent: string | null;
  serialFrom: string | null; serialTo: string | null; lotFrom: string | null; lotTo: string | null; operationPosition: number | null;
}
export interface StoredBom { id: string; itemId: string; revision: string; site: string | null; usage: string; baseQuantity: string; lines: StoredLine[] }
/** `codeJson` is the code as a JSON text, as it goes out again. */
export interface StoredItem { id: string; codeJson: string; type: string; unit: string }

/** An item in a structure, with the BOM that counts for it, if there is one. Each item is there once, however often it is used. */
export class Node {
  bom: { id: string; revision: string; site: string | null; usage: string } | undefined;
  lines: Line[] = [];
  /** Has a BOM that counts, also where the structure stops above it. */
  made = false;

  constructor(readonly id: string, readonly codeJson: string, readonly type: string, readonly unit: string) {}

  /** Read when it is needed: an explosion that is streamed needs the JSON only. */
  get code(): string {
    return JSON.parse(this.codeJson) as string;
  }
}

/** A use of a component, ready to compute with. */
export interface Line {
  id: string;
  position: number;
  child: Node;
  /** Unit of the amounts: the base unit of the component, or that of the line where it cannot be converted. */
  unit: string;
  /** Of the component for one unit of the parent, with scrap; zero for fixed lines. */
  perUnit: Exact;
  /** Of the component once per use of the parent, with scrap; zero for variable lines. */
  perUse: Exact;
  /** Its components take its place. */
  phantom: boolean;
  alternateGroup: string | null;
  operationPosition: number | null;
}

export interface Structure {
  root: Node;
  nodes: Map<string, Node>;
  /** Lines limited to serials or lots that were left out because none was named. */
  leftOut: number;
}

const hundred = Exact.of('100');

/**
 * Puts a structure together from what is stored. Alternates are chosen, units converted, scrap added: exactly.
 * @param stoppedAt BOMs below which nobody asked: their items are made, and have no lines here
 */
export function buildStructure(
  question: StructureQuestion, items: ReadonlyMap<string, StoredItem>, boms: ReadonlyMap<string, StoredBom>, stoppedAt: ReadonlyMap<string, StoredBom> = new Map(),
): Structure {
  const nodes = new Map<string, Node>();
  for (const { id, codeJson, type, unit } of items.values()) {
    nodes.set(id, new Node(id, codeJson, type, unit));
  }
  const amounts = new Map<string, Exact>();
  let leftOut = 0;
  for (const bom of boms.values()) {
    const node = nodes.get(bom.itemId)!;
    const effective = bom.lines.filter((line) => countsFor(line, question));
    leftOut += bom.lines.filter((line) => needsNumber(line, question)).length;
    node.bom = { id: bom.id, revision: bom.revision, site: bom.site, usage: bom.usage };
    node.lines = chooseAlternates(effective, question.alternates).map(({ line, share }) => toLine({ line, share, bom, child: nodes.get(line.componentId)!, amounts }));
    node.made = node.lines.length > 0;
  }
  for (const bom of stoppedAt.values()) nodes.get(bom.itemId)!.made = bom.lines.some((line) => countsFor(line, question));
  const root = nodes.get(question.itemId)!;
  refuseLostUnits(nodes);
  refuseCycle(root);
  return { root, nodes, leftOut };
}

const countsFor = (line: StoredLine, { serial, lot }: StructureQuestion): boolean =>
  inRange({ from: line.serialFrom, to: line.serialTo }, serial) && inRange({ from: line.lotFrom, to: line.lotTo }, lot);

const needsNumber = ({ serialFrom, serialTo, lotFrom, lotTo }: StoredLine, { serial, lot }: StructureQuestion): boolean =>
  (serial === undefined && (serialFrom ?? serialTo) !== null) || (lot === undefined && (lotFrom ?? lotTo) !== null);

interface Choice { line: StoredLine; share: Exact }

function chooseAlternates(lines: readonly StoredLine[], by: StructureQuestion['alternates']): Choice[] {
  const groups = new Map<string, StoredLine[]>();
  for (const line of lines) {
    if (line.alternateGroup === null) continue;
    const group = groups.get(line.alternateGroup);
    if (group) group.push(line);
    else groups.set(line.alternateGroup, [line]);
  }
  if (groups.size === 0) return lines.map((line) => ({ line, share: Exact.one }));
  const shares = new Map<StoredLine, Exact>();
  for (const group of groups.values()) {
    const split = group.filter(({ usagePercent }) => usagePercent !== null);
    // Of the lines that count on that day, for that serial: whatever their percents add up to, together they are the whole need.
    const whole = split.reduce((sum, line) => sum.plus(Exact.of(line.usagePercent!)), Exact.zero);
    if (by === 'usage' && !whole.isZero) for (const line of split) shares.set(line, Exact.of(line.usagePercent!).over(whole));
    else shares.set(firstByPriority(group), Exact.one);
  }
  return lines.flatMap((line) => {
    const share = line.alternateGroup === null ? Exact.one : shares.get(line);
    return share && !share.isZero ? [{ line, share }] : [];
  });
}

const firstByPriority = (group: readonly StoredLine[]): StoredLine =>
  group.reduce((best, line) => ((line.alternatePriority ?? Infinity) < (best.alternatePriority ?? Infinity) ? line : best));

interface Use { line: StoredLine; share: Exact; bom: StoredBom; child: Node; amounts: Map<string, Exact> }

function toLine(use: Use): Line {
  const { line, child } = use;
  const isConvertible = line.unit === child.unit || conversionFactor(line.unit, child.unit) !== undefined;
  const amount = amountOf(use);
  return {
    id: line.id, position: line.position, child, unit: isConvertible ? child.unit : line.unit,
    perUnit: line.fixed ? Exact.zero : amount, perUse: line.fixed ? amount : Exact.zero,
    phantom: line.phantom || child.type === 'phantom',
    alternateGroup: line.alternateGroup, operationPosition: line.operationPosition,
  };
}

/** Quantity × (1 + scrap) × share × unit factor ÷ base quantity. Large BOMs have few different ones, so each is computed once. */
function amountOf({ line, share, bom, child, amounts }: Use): Exact {
  const base = line.fixed ? '1' : bom.baseQuantity;
  const key = `${line.quantityPer} ${line.scrapPercent} ${line.unit} ${child.unit} ${base} ${share === Exact.one ? '' : share.toFraction()}`;
  const known = amounts.get(key);
  if (known) return known;
  const scrap = Exact.one.plus(Exact.of(line.scrapPercent).over(hundred));
  const factor = conversionFactor(line.unit, child.unit) ?? Exact.one;
  const amount = Exact.of(line.quantityPer).times(scrap).times(share).times(factor).over(Exact.of(base)).normal();
  amounts.set(key, amount);
  return amount;
}

/** Below a made component one must compute in its base unit. (A line's unit was convertible when it was written; the base unit may have changed since.) */
function refuseLostUnits(nodes: ReadonlyMap<string, Node>): void {
  for (const node of nodes.values()) {
    const lost = node.lines.find(({ unit, child }) => unit !== child.unit && child.lines.length > 0);
    if (!lost) continue;
    const sentence = `${node.code} counts ${lost.child.code} in ${lost.unit}, which cannot be converted to its base unit ${lost.child.unit}.`;
    throw invalid(sentence, [{ pointer: `#/lines/${lost.id}/unit`, code: 'unit.not-convertible', detail: sentence }], 'bom.unit-not-convertible');
  }
}

/** No guard lets a cycle in; data that came another way must not hang a reader. */
function refuseCycle(root: Node): void {
  const done = new Set<Node>();
  const open: Node[] = [];
  const visit = (node: Node): void => {
    if (done.has(node)) return;
    if (open.includes(node)) {
      const path = [...open.slice(open.indexOf(node)), node].map(({ code }) => code);
      throw conflict('bom.cycle', `An item is a part of itself: ${path.join(' › ')}.`, { path });
    }
    open.push(node);
    for (const { child } of node.lines) if (child.lines.length > 0) visit(child);
    open.pop();
    done.add(node);
  };
  visit(root);
}
