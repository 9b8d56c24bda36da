import { conflict, type TxContext } from '@datum/platform';
import type { Candidate, Guard } from '@datum/governed';
import { overlappingRule } from './ownership-rule.repository.js';

/** There is never more than one owner: rules of one group and site must not overlap in time. Writers of rules are serialised, so that two cannot slip past each other. */
export const oneOwnerGuard: Guard = {
  name: 'one-owner',
  recordTypes: ['ownership-rule'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    for (const candidate of candidates) {
      const clash = await overlappingRule(context.tx, candidate.after);
      if (clash) candidate.error = conflict('ownership-rule.overlap', `The rule of ${clash.effectiveFrom} is still in force then; end it first.`, { ruleId: clash.id });
    }
  },
};
