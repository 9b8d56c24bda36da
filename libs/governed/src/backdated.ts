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
  const { changed } = merge(definition, stateAfter(definition, current, past.filter((change) => Date.parse(change.validFrom) <= at)), attributes);
  const standing = Object.fromEntries(Object.entries(changed).filter(([name]) => !superseded.has(name)));
  return { after: { ...merge(definition, current, {}).after, ...standing }, changed, superseded };
}

/**
 * The attributes as these changes leave them, in the order of their validity, and of their versions where that is the same. What is given once and never
 * changed holds at all times: it is taken from `image`.
 */
export function stateAfter(definition: AnyRecord, image: WireRecord, changes: readonly PastChange[]): WireRecord {
  const state: Record<string, unknown> = { ...image };
  for (const [name, { fixed }] of Object.entries(definition.attributes)) if (!fixed) state[name] = null;
  const ordered = [...changes].sort((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom));
  for (const { changes: set } of ordered) {
    for (const [name, value] of Object.entries(set)) if (!definition.attributes[name]?.fixed) state[name] = value;
  }
  return state as WireRecord;
}

/** Whether the record is there: all that a record of its type must have holds. What is dated before its creation is not enough to make one. */
export const isWhole = (definition: AnyRecord, state: WireRecord): boolean =>
  Object.entries(definition.attributes).every(([name, { required, computed }]) => !required || computed || (state[name] ?? null) !== null);
