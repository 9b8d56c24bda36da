import { conflict, invalid, type AppError, type TxContext } from '@datum/platform';
import type { Candidate, Guard } from '@datum/governed';
import { lockRulePeriods, type RulePeriod } from './ownership-rule.repository.js';

/**
 * There is never more than one owner: rules of one group and site must not overlap in time. Writers of rules are serialised, so that two cannot slip past
 * each other; rules of one batch are compared with those before them, so that one may end in it and the next begin.
 */
export const oneOwnerGuard: Guard = {
  name: 'one-owner',
  recordTypes: ['ownership-rule'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const domains = [...new Set(candidates.map(({ after }) => String(after.domain)))];
    const rules = new Map((await lockRulePeriods(context.tx, domains)).map((rule) => [rule.id, rule]));
    for (const candidate of candidates) {
      const rule = candidate.after as unknown as RulePeriod;
      candidate.error = emptyPeriod(rule) ?? clash(rule, [...rules.values()]);
      if (!candidate.error) rules.set(rule.id, rule);
    }
  },
};

function emptyPeriod({ effectiveFrom, effectiveTo }: RulePeriod): AppError | undefined {
  if (effectiveTo === null || Date.parse(effectiveFrom) < Date.parse(effectiveTo)) return undefined;
  const detail = 'A rule ends after it begins.';
  return invalid(detail, [{ pointer: '#/effectiveTo', code: 'ownership-rule.period', detail }], 'ownership-rule.invalid');
}

function clash(rule: RulePeriod, rules: readonly RulePeriod[]): AppError | undefined {
  const other = rules.find((each) => each.id !== rule.id && each.domain === rule.domain && each.attributeGroup === rule.attributeGroup
    && (each.site ?? null) === (rule.site ?? null) && overlap(each, rule));
  return other && conflict('ownership-rule.overlap', `The rule of ${other.effectiveFrom} is still in force then; end it first.`, { ruleId: other.id });
}

const overlap = (a: RulePeriod, b: RulePeriod): boolean => Date.parse(a.effectiveFrom) < endOf(b) && Date.parse(b.effectiveFrom) < endOf(a);

const endOf = ({ effectiveTo }: RulePeriod): number => (effectiveTo === null ? Infinity : Date.parse(effectiveTo));
