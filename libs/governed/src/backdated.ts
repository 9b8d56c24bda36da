import type { TxContext } from '@datum/platform';
import type { Candidate } from './change.js';
import { attributesChangedAfter } from './history.repository.js';

/**
 * A change dated back may be older than what is known already: for each attribute the value that holds latest in business time stays the current one, and the
 * back-dated value only enters the history. The ledger row still says what was changed, and from when.
 */
export async function backdatedChange(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
  for (const candidate of candidates) {
    if (candidate.change.validFrom === undefined || !candidate.before) continue;
    const later = await attributesChangedAfter(context.tx, candidate.after.id, candidate.validFrom);
    for (const name of Object.keys(candidate.changed)) {
      if (later.has(name)) candidate.after[name] = candidate.before[name];
    }
  }
}
