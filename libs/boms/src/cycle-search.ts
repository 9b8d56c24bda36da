import { intersection, type Span } from './effectivity.js';
import type { Edge } from './bom-structure.repository.js';

/**
 * Finds the way by which `edge` would close a cycle: from its component down to its parent, over edges that count on a common day at a common site.
 * Returns the items of the cycle beginning and ending with the component, undefined when there is none.
 * @param up the ways into each item from above: enough of them to cover all ancestors of the parent
 */
export function cycleThrough(edge: Edge, up: ReadonlyMap<string, readonly Edge[]>): string[] | undefined {
  if (edge.parentId === edge.componentId) return [edge.componentId, edge.componentId];
  const seen = new Set<string>();
  const climb = (item: string, span: Span, site: string | null): string[] | undefined => {
    for (const way of up.get(item) ?? []) {
      const shared = intersection(span, way);
      if (!shared || way.lineId === edge.lineId || (site !== null && way.site !== null && site !== way.site)) continue;
      if (way.parentId === edge.componentId) return [edge.componentId, item];
      const at = site ?? way.site;
      const state = `${way.parentId} ${shared.from} ${shared.to} ${at}`;
      if (seen.has(state)) continue;
      seen.add(state);
      const found = climb(way.parentId, shared, at);
      if (found) return [...found, item];
    }
    return undefined;
  };
  const found = climb(edge.parentId, edge, edge.site);
  return found && [...found, edge.componentId];
}
