import { describeProblems, type FieldProblem } from '@datum/platform';

describeProblems({
  'policy.refused': { title: 'Against a policy', text: 'A policy of the governance board refuses the change and says why. The value was not changed.' },
  'policy.approval-required': { title: 'Another person has to agree', text: 'A policy lets the change pass only when another person agrees. Send it as a write request.' },
  'policy.undecided': { title: 'A policy could not be asked', text: 'The predicate of a policy failed on this change, and what cannot be checked is not let through. Tell the governance board.' },
  'policy.invalid': { title: 'Policy not accepted', text: 'The predicate, its sentence or one of its test cases does not hold. Nothing was stored.' },
});

/** What is wrong with a policy, and where: pointers are relative to the policy. */
export type PolicyProblem = FieldProblem;

export const problemAt = (pointer: string, code: string, detail: string): PolicyProblem => ({ pointer, code, detail });
