import { merge } from './change-intake.js';
import type { AnyRecord } from './record-definition.js';
import type { WireRecord } from './record-rows.js';

/** One change of the past: what it set, and from when that holds in business time. */
export interface PastChange { validFrom: string; changes: Record<string, unknown> }

export interface MergedChange {
  after: Record<string, unknown>;
  changed: Record<string, unknown>;
  superseded: ReadonlySet<string>;
}

/**
 * A change dated back is compared with what held then, not with what holds now, and may be older than what is known already: for each attribute the value
 * that holds latest in business time stays the current one, and the back-dated value only enters the history.
 * @param past the changes of the record in the order of their versions
 */
export function mergeAt(
  definition: AnyRecord, current: WireRecord, attributes: Record<string, unknown>, { past, validFrom }: { past: readonly PastChange[]; validFrom: string },
): MergedChange {
  const at = Date.parse(validFrom);
  const superseded = new Set(past.filter((change) => Date.parse(change.validFrom) > at).flatMap(({ changes }) => Object.keys(changes)));
  const { changed } = merge(definition, stateThen(definition, current, past, at), attributes);
  const standing = Object.fromEntries(Object.entries(changed).filter(([name]) => !superseded.has(name)));
  return { after: { ...merge(definition, current, {}).after, ...standing }, changed, superseded };
}

/** What is given once and never changed holds at all times. */
function stateThen(definition: AnyRecord, current: WireRecord, past: readonly PastChange[], at: number): WireRecord {
  const state: Record<string, unknown> = { ...current };
  for (const [name, { fixed }] of Object.entries(definition.attributes)) if (!fixed) state[name] = null;
  const known = past.filter((change) => Date.parse(change.validFrom) <= at);
  const ordered = [...known].sort((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom));
  for (const { changes } of ordered) {
    for (const [name, value] of Object.entries(changes)) if (!definition.attributes[name]?.fixed) state[name] = value;
  }
  return state as WireRecord;
}
