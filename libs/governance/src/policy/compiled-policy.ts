import { isCelError, parse, plan } from '@bufbuild/cel';
import type { RecordDefinition } from '@datum/governed';
import { analysePredicate, predicateLimits, type PredicateAnalysis } from './policy-analysis.js';
import { policyLanguage } from './policy-language.js';
import { fillSentence } from './policy-sentence.js';
import { celValue, variablesOf, type PolicyQuestion } from './policy-variables.js';
import { askingChannels, type Policy } from './policy.record.js';

/** What a policy says to a change. `failed` when its predicate could not be evaluated. */
export type PolicyAnswer = { says: 'pass' } | { says: 'hit'; sentence: string } | { says: 'failed'; sentence: string };

/** The part of a policy that is compiled: all of it but its name and time. */
export type PolicyRule = Pick<Policy, 'when' | 'channels' | 'predicate' | 'sentence'>;

const pass: PolicyAnswer = { says: 'pass' };

/** A predicate made ready to be asked many times. */
export class CompiledPolicy {
  private constructor(
    readonly rule: PolicyRule,
    readonly analysis: PredicateAnalysis,
    private readonly evaluate: (variables: Record<string, never>) => unknown,
    private readonly channels: ReadonlySet<string>,
  ) {}

  /** @throws Error: why the predicate does not compile, in words for its author */
  static of(rule: PolicyRule, definitions: readonly RecordDefinition[]): CompiledPolicy {
    const parsed = parsedPredicate(rule.predicate);
    const analysis = analysePredicate(parsed.expr, definitions);
    return new CompiledPolicy(rule, analysis, plan(policyLanguage, parsed), new Set(rule.channels ?? askingChannels));
  }

  /** Never throws, and changes nothing. */
  ask(question: PolicyQuestion): PolicyAnswer {
    const { rule } = this;
    if (rule.when === (question.before === null ? 'update' : 'create') || !this.channels.has(question.channel)) return pass;
    const variables = variablesOf(question);
    try {
      const result = this.evaluate(this.bindings(variables));
      if (result === false) return pass;
      if (result === true) return { says: 'hit', sentence: fillSentence(rule.sentence, variables) };
      return { says: 'failed', sentence: isCelError(result) ? result.message : 'The predicate gave no true or false.' };
    } catch (error) {
      return { says: 'failed', sentence: (error as Error).message };
    }
  }

  private bindings(variables: Record<string, unknown>): Record<string, never> {
    const listMax = this.analysis.walks ? predicateLimits.listSize : Infinity;
    return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, celValue(value, listMax) as never]));
  }
}

function parsedPredicate(predicate: string): ReturnType<typeof parse> {
  try {
    return parse(predicate);
  } catch (error) {
    if (error instanceof RangeError) throw new Error('It is nested too deep.', { cause: error });
    throw new Error((error as Error).message.replace('<input>:', 'At '), { cause: error });
  }
}
