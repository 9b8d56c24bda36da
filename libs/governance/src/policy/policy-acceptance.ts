import { invalid, type AppError } from '@datum/platform';
import type { Candidate, Guard, RecordCatalogue, RecordDefinition } from '@datum/governed';
import { CompiledPolicy } from './compiled-policy.js';
import { runCases } from './policy-cases.js';
import { problemAt, type PolicyProblem } from './policy-problem.js';
import { sentenceProblem } from './policy-sentence.js';
import { askingChannels, policyChannels, policyRecord, type Policy } from './policy.record.js';

/** What is checked again when it changes. Time and mode are not among them: a policy that broke must still be put out of force. */
const checkedParts = ['recordTypes', 'when', 'channels', 'predicate', 'sentence', 'severity', 'testCases'];

/** A policy is stored only when its predicate compiles and every one of its test cases holds. */
export const policyAcceptanceGuard = (catalogue: RecordCatalogue): Guard => ({
  name: 'policy-acceptance',
  recordTypes: [policyRecord.type],
  check(_context, candidates) {
    for (const candidate of candidates) candidate.error ??= acceptanceError(catalogue, candidate);
  },
});

function acceptanceError(catalogue: RecordCatalogue, { changed, after }: Candidate): AppError | undefined {
  const policy = after as unknown as Policy;
  const problems = checkedParts.some((name) => name in changed) ? policyProblems(catalogue, policy) : [];
  if (policy.validTo !== null && Date.parse(policy.validTo) <= Date.parse(policy.validFrom)) problems.push(problemAt('#/validTo', 'policy.time', 'Must be after validFrom.'));
  return problems.length === 0 ? undefined : invalid(problems[0]!.detail, problems, 'policy.invalid');
}

/** Everything that speaks against a policy. */
export function policyProblems(catalogue: RecordCatalogue, policy: Policy): PolicyProblem[] {
  const { definitions, problems } = typesOf(catalogue, policy.recordTypes);
  problems.push(...channelProblems(policy));
  if (problems.length > 0) return problems;
  const sentence = sentenceProblem(policy.sentence, definitions);
  if (sentence) problems.push(problemAt('#/sentence', 'policy.sentence', sentence));
  try {
    const compiled = CompiledPolicy.of(policy, definitions);
    return [...problems, ...runCases(compiled, policy.testCases, { definitions, now: policy.validFrom })];
  } catch (error) {
    return [...problems, problemAt('#/predicate', 'policy.predicate', (error as Error).message)];
  }
}

/** Policies do not look at policies: a wrong one could never be taken back. */
export function typesOf(catalogue: RecordCatalogue, types: readonly string[]): { definitions: RecordDefinition[]; problems: PolicyProblem[] } {
  const known = new Map(catalogue.all().filter(({ type }) => type !== policyRecord.type).map((definition) => [definition.type, definition]));
  const problems = types.flatMap((type, i) => (known.has(type) ? [] : [problemAt(`#/recordTypes/${i}`, 'policy.record-type', `Policies look at ${[...known.keys()].sort().join(', ')}.`)]));
  if (types.length === 0) problems.push(problemAt('#/recordTypes', 'field.required', 'At least one record type is needed.'));
  return { definitions: types.flatMap((type) => known.get(type) ?? []), problems };
}

function channelProblems({ channels, severity }: Policy): PolicyProblem[] {
  const allowed: readonly string[] = severity === 'approve' ? askingChannels : policyChannels;
  return (channels ?? []).flatMap((channel, i) => {
    if (allowed.includes(channel)) return [];
    const detail = policyChannels.includes(channel as never) ? `Nobody can be asked to agree to what comes by ${channel}: it has happened already.` : `Must be one of ${policyChannels.join(', ')}.`;
    return [problemAt(`#/channels/${i}`, 'policy.channel', detail)];
  });
}
