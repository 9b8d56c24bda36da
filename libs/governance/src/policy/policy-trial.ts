import { Injectable } from '@nestjs/common';
import { Clock, invalid } from '@datum/platform';
import { isPlainObject, RecordCatalogue, type RecordDefinition } from '@datum/governed';
import { typesOf } from './policy-acceptance.js';
import { CompiledPolicy } from './compiled-policy.js';
import { questionOf } from './policy-cases.js';
import { problemAt, type PolicyProblem } from './policy-problem.js';
import { sentenceProblem } from './policy-sentence.js';

export interface PolicyTrialAnswer { says: 'hit' | 'pass' | 'failed'; sentence: string | null; cost: number; attributes: string[]; changed: string[] }

const members = new Set(['predicate', 'sentence', 'recordType', 'before', 'after', 'actor', 'channel', 'now']);
const predicateMax = 2000;

/** Asks a predicate about a change that somebody makes up. Stores nothing. */
@Injectable()
export class PolicyTrial {
  constructor(private readonly catalogue: RecordCatalogue, private readonly clock: Clock) {}

  /** @throws AppError invalid: where the predicate or the change is wrong */
  try(body: unknown): PolicyTrialAnswer {
    const { predicate, sentence = 'The policy hits.', recordType, ...change } = this.checked(body);
    const { definitions, problems } = typesOf(this.catalogue, [recordType as string]);
    if (problems.length > 0) throw refused(problems.map(({ code, detail }) => problemAt('#/recordType', code, detail)));
    const compiled = compile({ predicate: predicate as string, sentence: sentence as string }, definitions);
    const asked = questionOf({ ...change, recordType }, { definitions, now: this.clock.now() }, '#');
    if ('problems' in asked) throw refused(asked.problems);
    const answer = compiled.ask(asked.question);
    const { cost, attributes } = compiled.analysis;
    return { says: answer.says, sentence: answer.says === 'pass' ? null : answer.sentence, cost, attributes: [...attributes].sort(), changed: [...asked.question.changed] };
  }

  private checked(body: unknown): Record<string, unknown> {
    if (!isPlainObject(body)) throw refused([problemAt('#', 'type.object', 'An object is expected.')]);
    const problems = Object.keys(body).filter((name) => !members.has(name)).map((name) => problemAt(`#/${name}`, 'field.unknown', 'A trial has no such field.'));
    for (const [name, max] of [['predicate', predicateMax], ['sentence', 400], ['recordType', 60]] as const) {
      const value = body[name];
      if (value === undefined && name === 'sentence') continue;
      if (typeof value !== 'string' || value.length === 0 || value.length > max) problems.push(problemAt(`#/${name}`, 'type.text', `A text of at most ${max} characters is expected.`));
    }
    if (problems.length > 0) throw refused(problems);
    return body;
  }
}

function compile(rule: { predicate: string; sentence: string }, definitions: readonly RecordDefinition[]): CompiledPolicy {
  const wrong = sentenceProblem(rule.sentence, definitions);
  if (wrong) throw refused([problemAt('#/sentence', 'policy.sentence', wrong)]);
  try {
    return CompiledPolicy.of({ ...rule, when: 'both', channels: ['rest', 'graphql', 'import', 'event', 'write-request', 'erp', 'gateway'] }, definitions);
  } catch (error) {
    throw refused([problemAt('#/predicate', 'policy.predicate', (error as Error).message)]);
  }
}

const refused = (problems: PolicyProblem[]) => invalid(problems[0]!.detail, problems, 'policy.invalid');
