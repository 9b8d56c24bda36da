import { setImmediate } from 'node:timers/promises';
import { conflict, countPolicyFinding, invalid, machineNowMs, type AppError, type Clock, type TxContext } from '@datum/platform';
import type { Candidate, ChangePurpose, Consequence, Guard, PolicyFinding } from '@datum/governed';
import type { KeptPolicy, PolicyBook } from './policy-book.js';
import type { PolicyQuestion } from './policy-variables.js';
import { policyRecord, type Policy, type PolicyChannel } from './policy.record.js';
import './policy-problem.js';

/** Other requests get their turn after this long. */
const turnMs = 20;
const approvalRoute = { writeRequests: { href: '/v1/write-requests', method: 'POST' } };

/**
 * Asks the policies that people set about every change, whatever channel it comes through. It is the last guard: what it sees is what would be written,
 * and what another guard refuses for a reason of its own keeps that reason. What cannot be asked is not let through.
 */
export const policiesGuard = (book: PolicyBook, clock: Clock): Guard => ({
  name: 'policies',
  stage: 'last',
  async check(context, candidates, purpose) {
    const now = clock.now();
    const policies = book.inForce(candidates[0]!.definition.type, now);
    if (policies.length === 0) return;
    let turn = machineNowMs();
    for (const candidate of candidates) {
      judge(policies, candidate, { now, purpose, context });
      if (machineNowMs() - turn < turnMs) continue;
      await setImmediate();
      turn = machineNowMs();
    }
  },
});

/** A policy holds from the moment on that it is stored, in this process without waiting for the ledger's tail. */
export const policiesConsequence = (book: PolicyBook): Consequence => ({
  recordType: policyRecord.type,
  async apply(context, applied) {
    const stored = applied.map(({ after }) => structuredClone(after) as unknown as Policy);
    context.tx.afterCommit(() => book.take(stored));
  },
});

interface Occasion { now: string; purpose: ChangePurpose; context: TxContext }
type Found = PolicyFinding & { kept: KeptPolicy };

function judge(policies: readonly KeptPolicy[], candidate: Candidate, occasion: Occasion): void {
  const question = questionOf(candidate, occasion);
  const found = policies.flatMap((kept) => findingOf(kept, question) ?? []);
  if (found.length === 0) return;
  if (occasion.purpose !== 'preview') for (const { policy, effect } of found) countPolicyFinding(policy, effect);
  candidate.findings = found.map(({ kept: _kept, ...finding }) => finding);
  const refusals = found.filter(({ effect }) => effect === 'refused' || effect === 'failed');
  const approvals = found.filter(({ effect }) => effect === 'approval');
  if (refusals.length > 0) candidate.error = refusal(candidate, refusals);
  else if (approvals.length > 0 && occasion.purpose === 'preview') candidate.approvals = [...(candidate.approvals ?? []), ...approvals.map(({ sentence }) => sentence)];
  else if (approvals.length > 0) candidate.error = approvalRequired(approvals);
}

function questionOf({ definition, before, after, changed }: Candidate, { now, purpose, context }: Occasion): PolicyQuestion {
  // A value that is dated back and overtaken stands in `changed` only; it is asked about all the same.
  const change = { before: before ?? null, after: { ...after, ...changed }, changed: Object.keys(changed) };
  return { definition, ...change, actor: context.requester ?? context.actor, channel: channelOf(context, purpose), now };
}

function channelOf({ channel }: TxContext, purpose: ChangePurpose): PolicyChannel {
  if (purpose === 'preview') return 'write-request';
  return purpose === 'consequence' ? 'gateway' : channel;
}

const effectOf = { refuse: 'refused', approve: 'approval', warn: 'warned' } as const;

function findingOf(kept: KeptPolicy, question: PolicyQuestion): Found | undefined {
  const { name, version, mode, severity } = kept.policy;
  const answer = kept.ask(question);
  if (answer.says === 'pass') return undefined;
  const sentence = answer.says === 'failed' ? `The policy ${name} could not be asked: ${answer.sentence}` : answer.sentence;
  // What only notes never refuses, not even when it fails.
  const stops = mode === 'enforce' && severity !== 'warn';
  const effect = answer.says === 'failed' ? (stops ? 'failed' : 'observed') : mode === 'observe' ? 'observed' : effectOf[severity];
  return { policy: name, version, effect, sentence, kept };
}

function refusal(candidate: Candidate, found: readonly Found[]): AppError {
  const details = { policies: found.map(named) };
  const hits = found.filter(({ effect }) => effect === 'refused');
  if (hits.length === 0) return conflict('policy.undecided', `${sentencesOf(found)} What cannot be checked is not let through.`, details);
  const error = invalid(sentencesOf(hits), hits.flatMap((hit) => fieldsOf(candidate, hit)), 'policy.refused');
  Object.assign(error.details, details);
  return error;
}

const approvalRequired = (found: readonly Found[]): AppError =>
  conflict('policy.approval-required', `${sentencesOf(found)} Another person has to agree: send it as a write request.`, { policies: found.map(named), links: approvalRoute });

const named = ({ policy, version, sentence }: Found) => ({ name: policy, version, sentence });
const sentencesOf = (found: readonly Found[]): string => found.map(({ sentence }) => sentence).join(' ');

/** The attributes that the change touches and the policy names; all that it touches when it names none of them. */
function fieldsOf({ changed }: Candidate, { kept, policy, sentence }: Found): { pointer: string; code: string; detail: string }[] {
  const touched = Object.keys(changed);
  const meant = touched.filter((name) => kept.attributes.has(name));
  return (meant.length > 0 ? meant : touched).map((name) => ({ pointer: `#/${name}`, code: `policy.${policy}`, detail: sentence }));
}
