import { conflict, invalid, type Queryable, type TxContext } from '@datum/platform';
import type { Candidate, Guard } from '@datum/governed';
import { units } from '@datum/semantics';
import { itemRecord } from './item.record.js';

/** Something that is counted in the base unit of an item, in words: `stock at A`, `order PO-4711`. */
export interface BaseUnitUse { itemId: string; use: string }

/** Stock is counted in a unit of UN/ECE Rec 20 that we know, or in packages: X and a Rec 21 code. */
export const baseUnitGuard: Guard = {
  name: 'base-unit',
  recordTypes: [itemRecord.type],
  check(_context: TxContext, candidates: readonly Candidate[]): void {
    for (const candidate of candidates.filter(({ changed }) => 'baseUnit' in changed)) {
      const unit = String(candidate.after.baseUnit);
      if (units.has(unit) || /^X[A-Z0-9]{2}$/.test(unit)) continue;
      const detail = `${unit} is not a unit of UN/ECE Rec 20 with a fixed factor, nor X and a Rec 21 package code.`;
      candidate.error = invalid(detail, [{ pointer: '#/baseUnit', code: 'unit.unknown', detail }], 'item.invalid');
    }
  },
};

/**
 * Keeps the base unit of items while numbers stand in it: they would silently mean something else. Each room that keeps such numbers adds one.
 * `usesOf` names at most a few uses per item.
 */
export const baseUnitInUseGuard = (name: string, usesOf: (queryable: Queryable, itemIds: readonly string[]) => Promise<BaseUnitUse[]>): Guard => ({
  name,
  recordTypes: [itemRecord.type],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const changed = candidates.filter((candidate) => candidate.before && 'baseUnit' in candidate.changed);
    if (changed.length === 0) return;
    const uses = await usesOf(context.tx, changed.map(({ after }) => after.id));
    for (const candidate of changed) {
      const { before, after } = candidate;
      const found = uses.filter(({ itemId }) => itemId === after.id).map(({ use }) => use);
      if (found.length === 0) continue;
      candidate.error = conflict('item.base-unit-in-use', `${String(after.code)} is counted in ${String(before!.baseUnit)} in ${found.join(', ')}.`, {
        baseUnit: before!.baseUnit, uses: found,
      });
    }
  },
});
