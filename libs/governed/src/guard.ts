import { Injectable } from '@nestjs/common';
import { type AppError, invalid, type TxContext } from '@datum/platform';
import type { Candidate } from './change.js';

/** Why a change is looked at: to be written, as what follows from one that was accepted, or to see what would become of it. */
export type ChangePurpose = 'write' | 'consequence' | 'preview';

/**
 * A policy guard: a named check over a batch of changes of one record type. It sets `candidate.error` on those it refuses, and says why in a sentence.
 * Guards run in order, after ownership has decided, and the same list runs at acceptance, in simulation and again before dispatch.
 */
export interface Guard {
  name: string;
  /** Record types it looks at; absent: all. */
  recordTypes?: readonly string[];
  /** `last` guards look at what all others let pass, with every value in place that those derive. */
  stage?: 'last';
  /** In a preview it must leave everything but the candidates as it is. */
  check(context: TxContext, candidates: readonly Candidate[], purpose: ChangePurpose): Promise<void> | void;
}

/** What has to follow a change in the same transaction: a movement moves the balance. */
export interface Consequence {
  recordType: string;
  apply(context: TxContext, applied: readonly Candidate[]): Promise<void>;
}

/** The ordered guards and consequences of this process. Domain modules add theirs when they are made. */
@Injectable()
export class PolicyGuards {
  private readonly guards: Guard[] = [lifecycleGuard];
  private readonly consequences: Consequence[] = [];

  add(...guards: Guard[]): void {
    this.guards.push(...guards);
    this.guards.sort((a, b) => Number(a.stage === 'last') - Number(b.stage === 'last'));
  }

  after(...consequences: Consequence[]): void {
    this.consequences.push(...consequences);
  }

  /** Runs every guard over the candidates that are still standing. */
  async run(context: TxContext, candidates: readonly Candidate[], purpose: ChangePurpose = 'write'): Promise<void> {
    const type = candidates[0]?.definition.type;
    for (const guard of this.guards) {
      if (guard.recordTypes && !guard.recordTypes.includes(type!)) continue;
      const standing = candidates.filter((candidate) => !candidate.error);
      if (standing.length === 0) return;
      await guard.check(context, standing, purpose);
    }
  }

  async runConsequences(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const type = applied[0]?.definition.type;
    for (const consequence of this.consequences) {
      if (consequence.recordType === type) await consequence.apply(context, applied);
    }
  }
}

/** Refuses a jump that the record's life cycle does not have. */
const lifecycleGuard: Guard = {
  name: 'lifecycle',
  check: (_context, candidates) => {
    for (const candidate of candidates) candidate.error ??= lifecycleProblem(candidate);
  },
};

/** A state that was overtaken already enters the history only: there is no jump from the present one. */
function lifecycleProblem({ definition, before, after, changed, superseded }: Candidate): AppError | undefined {
  const { lifecycle } = definition;
  if (!lifecycle || !(lifecycle.attribute in changed) || superseded.has(lifecycle.attribute)) return undefined;
  const to = String(after[lifecycle.attribute]);
  if (!before) {
    if (lifecycle.initial.includes(to)) return undefined;
    return illegalState(definition.type, lifecycle.attribute, `A new ${definition.type} starts as ${lifecycle.initial.join(' or ')}, not as ${to}.`);
  }
  const from = String(before[lifecycle.attribute]);
  const allowed = lifecycle.transitions[from] ?? [];
  if (allowed.includes(to)) return undefined;
  const ways = allowed.length > 0 ? `only to ${allowed.join(', ')}` : 'nowhere: it is an end';
  return illegalState(definition.type, lifecycle.attribute, `A ${definition.type} cannot go from ${from} to ${to}; from ${from} it goes ${ways}.`);
}

const illegalState = (type: string, attribute: string, sentence: string): AppError =>
  invalid(sentence, [{ pointer: `#/${attribute}`, code: 'lifecycle.illegal', detail: sentence }], `${type}.illegal-transition`);
