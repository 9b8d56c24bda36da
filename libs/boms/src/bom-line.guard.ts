import { conflict, invalid, type AppError, type Queryable, type TxContext } from '@datum/platform';
import type { Candidate, Guard } from '@datum/governed';
import { conversionFactor } from '@datum/semantics';
import { bomHeads, edgesInto, edgesOfBoms, itemHeads, itemsWithBom, lockStructure, routingSites, type BomHead, type Edge } from './bom-structure.repository.js';
import { compareSerials, intersection } from './effectivity.js';
import { cycleThrough } from './cycle-search.js';

const stringOf = (value: unknown): string | null => (value as string | null | undefined) ?? null;

/** A line belongs to a BOM of the same site, is counted in a unit that its component knows, and its ranges begin before they end. */
export const bomLineFitsGuard: Guard = {
  name: 'bom-line-fits',
  recordTypes: ['bom-line'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const heads = await bomHeads(context.tx, [...new Set(candidates.map(({ after }) => after.bomId as string))]);
    const items = await itemHeads(context.tx, [...new Set(candidates.map(({ after }) => after.componentId as string))]);
    for (const candidate of candidates) {
      const { after } = candidate;
      const component = items.get(after.componentId as string);
      const head = heads.get(after.bomId as string);
      if (!head) candidate.error = fieldProblem('bomId', 'reference.not-found', 'There is no bom with this id.');
      else if (!component) candidate.error = fieldProblem('componentId', 'reference.not-found', 'There is no item with this id.');
      else candidate.error = siteProblem(after, head) ?? unitProblem(after, component) ?? rangeProblem(after);
    }
  },
};

/** An operation belongs to a routing of the same site; what a period ends must lie behind its start. */
export const routingOperationFitsGuard: Guard = {
  name: 'routing-operation-fits',
  recordTypes: ['routing-operation'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const sites = await routingSites(context.tx, [...new Set(candidates.map(({ after }) => after.routingId as string))]);
    for (const candidate of candidates) {
      const site = sites.get(candidate.after.routingId as string);
      if (site === undefined) candidate.error = fieldProblem('routingId', 'reference.not-found', 'There is no routing with this id.');
      else if (site !== stringOf(candidate.after.site)) candidate.error = fieldProblem('site', 'site.differs', `The routing is ${site === null ? "the enterprise's" : `of site ${site}`}; its operations are too.`);
    }
  },
};

/** The end of a validity is exclusive, so it lies behind the start. */
export const periodGuard: Guard = {
  name: 'period',
  recordTypes: ['bom', 'bom-line', 'routing'],
  check(_context: TxContext, candidates: readonly Candidate[]): void {
    for (const candidate of candidates) candidate.error ??= periodProblem(candidate.after);
  },
};

function periodProblem({ effectiveFrom, effectiveTo }: Record<string, unknown>): AppError | undefined {
  const [from, to] = [stringOf(effectiveFrom), stringOf(effectiveTo)];
  if (from === null || to === null || from < to) return undefined;
  return fieldProblem('effectiveTo', 'period.empty', 'The first day that no longer counts lies behind the first that does.');
}

function siteProblem(line: Record<string, unknown>, { site }: BomHead): AppError | undefined {
  if (stringOf(line.site) === site) return undefined;
  return fieldProblem('site', 'site.differs', `The BOM is ${site === null ? "the enterprise's" : `of site ${site}`}; its lines are too.`);
}

function unitProblem(line: Record<string, unknown>, { code, unit }: { code: string; unit: string }): AppError | undefined {
  const from = line.unit as string;
  if (from.startsWith('X') || conversionFactor(from, unit)) return undefined;
  return fieldProblem('unit', 'unit.not-convertible', `${code} is counted in ${unit}; ${from} cannot be converted to it by a fixed factor.`);
}

function rangeProblem(line: Record<string, unknown>): AppError | undefined {
  for (const kind of ['serial', 'lot']) {
    const [from, to] = [stringOf(line[`${kind}From`]), stringOf(line[`${kind}To`])];
    if (from !== null && to !== null && compareSerials(from, to) > 0) return fieldProblem(`${kind}To`, 'range.reversed', `The last ${kind} lies before the first.`);
  }
  return undefined;
}

const fieldProblem = (name: string, code: string, detail: string): AppError => invalid(detail, [{ pointer: `#/${name}`, code, detail }], 'bom-line.invalid');

/** An item can never be a part of itself, on any day at any site. Writers of lines are serialised from here to their commit. */
export const noCycleGuard: Guard = {
  name: 'no-bom-cycle',
  recordTypes: ['bom-line'],
  async check(context: TxContext, all: readonly Candidate[]): Promise<void> {
    // Parent, component and start are given once; of what can change, only a later end can close a cycle.
    const candidates = all.filter(({ before, changed }) => !before || 'effectiveTo' in changed);
    if (candidates.length === 0) return;
    await lockStructure(context.tx);
    const heads = await bomHeads(context.tx, [...new Set(candidates.map(({ after }) => after.bomId as string))]);
    const edges = candidates.map(({ after }) => lineEdge(after, heads.get(after.bomId as string)!));
    await refuseCycles(context.tx, candidates.map((candidate, i) => ({ candidate, edges: [edges[i]!].filter((edge) => edge !== undefined) })));
  },
};

/** A BOM whose validity grows may close a cycle with the lines it has. (Obsolete ones never come back.) */
export const noCycleByValidityGuard: Guard = {
  name: 'no-bom-cycle-by-validity',
  recordTypes: ['bom'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const moved = candidates.filter(({ before, changed }) => before && ('effectiveFrom' in changed || 'effectiveTo' in changed));
    if (moved.length === 0) return;
    await lockStructure(context.tx);
    const lines = await edgesOfBoms(context.tx, moved.map(({ after }) => after.id));
    await refuseCycles(context.tx, moved.map((candidate) => ({ candidate, edges: lines.filter(({ bomId }) => bomId === candidate.after.id).flatMap((line) => {
      const span = intersection(line, { from: stringOf(candidate.after.effectiveFrom), to: stringOf(candidate.after.effectiveTo) });
      return span ? [{ ...line, ...span }] : [];
    }) })));
  },
};

function lineEdge(line: Record<string, unknown>, head: BomHead): Edge | undefined {
  const span = intersection({ from: stringOf(line.effectiveFrom), to: stringOf(line.effectiveTo) }, head);
  if (!span || head.state === 'obsolete') return undefined;
  return { lineId: line.id as string, parentId: head.itemId, componentId: line.componentId as string, site: head.site, ...span };
}

interface Claim { candidate: Candidate; edges: Edge[] }

async function refuseCycles(queryable: Queryable, claims: Claim[]): Promise<void> {
  const all = claims.flatMap(({ edges }) => edges);
  const withBom = await itemsWithBom(queryable, [...new Set(all.map(({ componentId }) => componentId))]);
  const suspects = all.filter(({ componentId, parentId }) => withBom.has(componentId) || componentId === parentId);
  if (suspects.length === 0) return;
  const up = await ancestorsOf(queryable, suspects.map(({ parentId }) => parentId), all);
  for (const { candidate, edges } of claims) {
    const cycle = edges.filter((edge) => suspects.includes(edge)).map((edge) => cycleThrough(edge, up)).find((found) => found);
    if (cycle && !candidate.error) candidate.error = await cycleError(queryable, cycle);
  }
}

/** Every way into the items and all above them, level by level. What is being written stands in for what is stored of it. */
async function ancestorsOf(queryable: Queryable, itemIds: readonly string[], written: readonly Edge[]): Promise<Map<string, Edge[]>> {
  const up = new Map<string, Edge[]>();
  const writtenIds = new Set(written.map(({ lineId }) => lineId));
  let level = [...new Set(itemIds)];
  while (level.length > 0) {
    for (const id of level) up.set(id, written.filter(({ componentId }) => componentId === id));
    const stored = await edgesInto(queryable, level);
    for (const edge of stored) if (!writtenIds.has(edge.lineId)) up.get(edge.componentId)!.push(edge);
    level = [...new Set(level.flatMap((id) => up.get(id)!.map(({ parentId }) => parentId)))].filter((id) => !up.has(id));
  }
  return up;
}

/** The path as people read it, the item that would contain itself first: `ACT-500 › GBX-10 › HSG-GB › ACT-500`. */
async function cycleError(queryable: Queryable, cycle: readonly string[]): Promise<AppError> {
  const items = await itemHeads(queryable, cycle);
  const path = cycle.map((id) => items.get(id)?.code ?? id);
  return conflict('bom-line.cycle', `An item cannot be a part of itself: ${path.join(' › ')}.`, { path });
}
