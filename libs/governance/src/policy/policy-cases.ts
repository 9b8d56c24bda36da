import { isDeepStrictEqual } from 'node:util';
import { parseInstant } from '@datum/platform';
import { isPlainObject, type AnyRecord } from '@datum/governed';
import type { CompiledPolicy, PolicyAnswer } from './compiled-policy.js';
import { problemAt, type PolicyProblem } from './policy-problem.js';
import type { PolicyQuestion } from './policy-variables.js';
import { policyChannels, type PolicyCase } from './policy.record.js';

const members = new Set(['name', 'recordType', 'before', 'after', 'actor', 'channel', 'now', 'expect']);
const actorMembers = new Set(['system', 'scopes', 'sites', 'client']);

/** What a case stands on besides itself. */
export interface CaseGround {
  /** The record types of the policy; the first one is meant where a case names none. */
  definitions: readonly AnyRecord[];
  /** Business time where a case names none. */
  now: string;
}

/** A case as a question to the policy, or what is wrong with its form. @param pointer where it stands */
export function questionOf(given: unknown, ground: CaseGround, pointer: string): { question: PolicyQuestion } | { problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const refuse = (at: string, code: string, detail: string): void => { problems.push(problemAt(`${pointer}${at}`, code, detail)); };
  if (!isPlainObject(given)) return { problems: [problemAt(pointer, 'type.object', 'An object is expected.')] };
  for (const name of Object.keys(given)) if (!members.has(name)) refuse(`/${name}`, 'field.unknown', 'A case has no such field.');
  const definition = ground.definitions.find(({ type }) => type === given.recordType) ?? (given.recordType === undefined ? ground.definitions[0] : undefined);
  if (!definition) refuse('/recordType', 'policy.record-type', 'Not a record type of the policy.');
  const { channel = 'rest' } = given;
  if (!policyChannels.includes(channel as never)) refuse('/channel', 'enum.unknown', `Must be one of ${policyChannels.join(', ')}.`);
  const now = given.now === undefined ? ground.now : typeof given.now === 'string' ? parseInstant(given.now) : undefined;
  if (now === undefined) refuse('/now', 'type.instant', 'An RFC 3339 instant is expected.');
  const actor = actorOf(given.actor);
  if (!actor) refuse('/actor', 'policy.actor', 'An actor has system, client, scopes and sites: texts and lists of texts.');
  const before = definition && (given.before ?? null) !== null ? stateOf(definition, given.before, undefined, (at, ...rest) => refuse(`/before${at}`, ...rest)) : null;
  const after = definition && stateOf(definition, given.after, before ?? undefined, (at, ...rest) => refuse(`/after${at}`, ...rest));
  if (problems.length > 0) return { problems };
  const changed = Object.keys(definition!.attributes).filter((name) => !isDeepStrictEqual(before?.[name] ?? null, after![name] ?? null));
  return { question: { definition: definition!, before, after: after!, changed, actor: actor!, channel: channel as PolicyQuestion['channel'], now: now! } };
}

/** Runs every case. Gives what is wrong: the first sentence names the case that fails. */
export function runCases(compiled: CompiledPolicy, cases: readonly PolicyCase[], ground: CaseGround): PolicyProblem[] {
  const problems = cases.flatMap((each, i) => caseProblems(compiled, each, ground, `#/testCases/${i}`));
  for (const wanted of ['hit', 'pass'] as const) {
    if (!cases.some((each) => each.expect === wanted)) problems.push(problemAt('#/testCases', 'policy.case-missing', `At least one case must expect "${wanted}": what cannot fail proves nothing.`));
  }
  return problems;
}

function caseProblems(compiled: CompiledPolicy, given: PolicyCase, ground: CaseGround, pointer: string): PolicyProblem[] {
  if (typeof given.name !== 'string' || given.name.length === 0 || given.name.length > 120) return [problemAt(`${pointer}/name`, 'type.text', 'A name of at most 120 characters is expected.')];
  if (given.expect !== 'hit' && given.expect !== 'pass') return [problemAt(`${pointer}/expect`, 'enum.unknown', 'Must be hit or pass.')];
  const asked = questionOf(given, ground, pointer);
  if ('problems' in asked) return asked.problems;
  const answer = compiled.ask(asked.question);
  return answer.says === given.expect ? [] : [problemAt(pointer, 'policy.case-failed', `The case "${given.name}" expects ${given.expect}, but ${inWords(answer)}`)];
}

const inWords = (answer: PolicyAnswer): string =>
  (answer.says === 'pass' ? 'the policy lets it pass.' : answer.says === 'hit' ? `the policy hits: ${answer.sentence}` : `the predicate fails: ${answer.sentence}`);

/** A record as the case describes it: what it does not name is empty, or as it was before. */
function stateOf(
  definition: AnyRecord, given: unknown, before: Record<string, unknown> | undefined, refuse: (at: string, code: string, detail: string) => void,
): Record<string, unknown> {
  const state: Record<string, unknown> = Object.fromEntries(Object.keys(definition.attributes).map((name) => [name, before?.[name] ?? null]));
  if (!isPlainObject(given)) {
    refuse('', 'type.object', 'An object of attributes is expected.');
    return state;
  }
  for (const [name, value] of Object.entries(given)) {
    const attribute = Object.hasOwn(definition.attributes, name) ? definition.attributes[name]! : undefined;
    if (!attribute) {
      refuse(`/${name}`, 'field.unknown', `A ${definition.type} has no such field.`);
      continue;
    }
    const parsed = value === null ? { value } : attribute.parse(value);
    // A range that the declaration sets today may be lifted; a policy proves its own.
    if ('problem' in parsed && parsed.problem.code === 'number.range') state[name] = value;
    else if ('problem' in parsed) refuse(`/${name}${parsed.problem.at ? `/${parsed.problem.at}` : ''}`, parsed.problem.code, parsed.problem.detail);
    else state[name] = parsed.value;
  }
  return state;
}

function actorOf(given: unknown): PolicyQuestion['actor'] | undefined {
  if (given !== undefined && (!isPlainObject(given) || Object.keys(given).some((name) => !actorMembers.has(name)))) return undefined;
  const { system = 'GW', client = 'case', scopes = [], sites = null } = given ?? {};
  if (typeof system !== 'string' || typeof client !== 'string' || !isTexts(scopes) || !(sites === null || isTexts(sites))) return undefined;
  return { systemCode: system, clientId: client, scopes: new Set(scopes), sites };
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.length <= 100 && value.every((part) => typeof part === 'string');
