import type { Actor } from '@datum/platform';
import { groupOf, type AnyRecord } from '@datum/governed';
import type { PolicyChannel } from './policy.record.js';

/** A change as policies look at it: one that is on its way, or one from a test case. */
export interface PolicyQuestion {
  definition: AnyRecord;
  before: Record<string, unknown> | null;
  after: Record<string, unknown>;
  /** Names of the attributes that differ. */
  changed: readonly string[];
  actor: Pick<Actor, 'systemCode' | 'scopes' | 'sites' | 'clientId'>;
  channel: PolicyChannel;
  /** Business time. */
  now: string;
}

/** What predicates and sentences see of a change. */
export function variablesOf({ definition, before, after, changed, actor, channel, now }: PolicyQuestion): Record<string, unknown> {
  return {
    recordType: definition.type,
    before,
    after,
    changed,
    groups: [...new Set(changed.filter((name) => definition.attributes[name]).map((name) => groupOf(definition, after, name)))],
    site: definition.site ? (after[definition.site] ?? null) : null,
    actor: { system: actor.systemCode, scopes: [...actor.scopes], sites: actor.sites, client: actor.clientId },
    channel,
    now,
  };
}

/** Whole numbers are CEL's integers; everything else stays as it is on the wire. @param listMax size above which a list may not be walked over */
export function celValue(value: unknown, listMax: number): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    checkSize(value.length, listMax);
    return value.map((part) => celValue(part, listMax));
  }
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value);
  checkSize(entries.length, listMax);
  return new Map(entries.map(([name, part]) => [name, celValue(part, listMax)]));
}

function checkSize(size: number, listMax: number): void {
  if (size > listMax) throw new Error(`the change has a list of ${size}; a predicate walks over at most ${listMax}`);
}
