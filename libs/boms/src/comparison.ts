import type { Exact } from '@datum/semantics';
import { summarise, type Total } from './explosion.js';
import type { Line, Structure } from './structure.js';

export interface Difference { itemId: string; code: string; unit: string; made: boolean; from: Exact | undefined; to: Exact | undefined }

/** One component took the place of another: same parent, same position or alternate group. */
export interface Replacement { from: string; to: string; parent: string; position: number }

export interface Comparison { added: Difference[]; removed: Difference[]; changed: Difference[]; replaced: Replacement[]; unchanged: number }

/** What differs between two structures of one item, for the same quantity, over all levels. */
export function compare(from: Structure, to: Structure, quantity: Exact): Comparison {
  const differences = new Map<string, Difference>();
  for (const [side, structure] of [['from', from], ['to', to]] as const) {
    const { components, assemblies } = summarise(structure, quantity);
    for (const total of components) put(differences, side, total, false);
    for (const total of assemblies) put(differences, side, total, true);
  }
  const all = [...differences.values()].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  const added = all.filter((each) => each.from === undefined);
  const removed = all.filter((each) => each.to === undefined);
  const changed = all.filter((each) => each.from && each.to && !each.from.equals(each.to));
  return { added, removed, changed, replaced: replacements(from, to, removed, added), unchanged: all.length - added.length - removed.length - changed.length };
}

function put(differences: Map<string, Difference>, side: 'from' | 'to', { node, unit, quantity }: Total, made: boolean): void {
  const key = `${node.id} ${unit}`;
  const known = differences.get(key) ?? { itemId: node.id, code: node.code, unit, made, from: undefined, to: undefined };
  differences.set(key, { ...known, made: known.made || made, [side]: quantity });
}

function replacements(from: Structure, to: Structure, removed: readonly Difference[], added: readonly Difference[]): Replacement[] {
  const gone = new Set(removed.map(({ itemId }) => itemId));
  const come = new Set(added.map(({ itemId }) => itemId));
  const places = new Map<string, Line>();
  for (const [place, line] of placesOf(to)) if (come.has(line.child.id)) places.set(place, line);
  const found = new Map<string, Replacement>();
  for (const [place, line, parent] of placesOf(from)) {
    const successor = gone.has(line.child.id) ? places.get(place) : undefined;
    if (successor) found.set(`${parent} ${line.id}`, { from: line.child.code, to: successor.child.code, parent, position: line.position });
  }
  return [...found.values()];
}

/** Every line under the names of the places it may be compared by. */
function placesOf({ nodes }: Structure): [place: string, line: Line, parent: string][] {
  return [...nodes.values()].flatMap((parent) => parent.lines.flatMap((line): [string, Line, string][] => [
    [`${parent.id} position ${line.position}`, line, parent.code],
    ...(line.alternateGroup === null ? [] : [[`${parent.id} group ${line.alternateGroup}`, line, parent.code] as [string, Line, string]]),
  ]));
}
