import type { RegistryDirectory } from '@datum/registry';
import type { ProvenanceByGroup } from './record-rows.js';

/** How old what we say is, against what its source promised. */
export interface Freshness {
  state: 'fresh' | 'stale';
  /** Business time up to which the source has told us everything; null when it was never heard. */
  asOf: string | null;
  /** Business time since when it is stale; null while fresh. */
  since: string | null;
  system: string;
}

/**
 * Freshness per attribute group. A source that keeps in touch is fresh even when the value is old: what counts is when it was last heard, against its own
 * contract. The gateway's own values are always fresh.
 */
export function freshnessByGroup(directory: RegistryDirectory, provenance: ProvenanceByGroup, nowMs: number): Record<string, Freshness> {
  return Object.fromEntries(Object.entries(provenance).map(([group, { system, at }]) => [group, freshnessOf(directory, system, at, nowMs)]));
}

export function freshnessOf(directory: RegistryDirectory, system: string, valueAt: string, nowMs: number): Freshness {
  const contract = directory.freshnessOf(system);
  if (!contract) return { state: 'fresh', asOf: valueAt, since: null, system };
  const asOf = contract.lastSeenAt ?? valueAt;
  const dueMs = Date.parse(asOf) + contract.maxAgeSeconds * 1_000;
  if (nowMs <= dueMs) return { state: 'fresh', asOf, since: null, system };
  return { state: 'stale', asOf, since: asOf, system };
}

/** A system behind a record, and since when the oldest of its values holds. */
export interface Source { system: string; at: string }

/** The systems behind a record, each once: of one system's values the oldest decides. */
export function sourcesOf(provenance: ProvenanceByGroup): Source[] {
  const oldest = new Map<string, Source>();
  for (const { system, at } of Object.values(provenance)) {
    const known = oldest.get(system);
    if (!known || at < known.at) oldest.set(system, { system, at });
  }
  return [...oldest.values()];
}

/** How fresh a record is as a whole. */
export const freshnessOfSources = (directory: RegistryDirectory, sources: readonly Source[], nowMs: number): Freshness | undefined =>
  worst(sources.map(({ system, at }) => freshnessOf(directory, system, at, nowMs)));

/** The oldest part decides for the whole. */
export function worst(parts: readonly Freshness[]): Freshness | undefined {
  return parts.reduce<Freshness | undefined>((oldest, part) => {
    if (!oldest) return part;
    if (part.state !== oldest.state) return part.state === 'stale' ? part : oldest;
    return (part.asOf ?? '') < (oldest.asOf ?? '') ? part : oldest;
  }, undefined);
}

/** The header `Datum-Freshness`, a structured field item [RFC 9651]: `fresh; as-of="…"; system="CE"`. */
export const freshnessHeader = (freshness: Freshness): string =>
  `${freshness.state}; as-of="${freshness.asOf ?? ''}"; system="${freshness.system}"`;
