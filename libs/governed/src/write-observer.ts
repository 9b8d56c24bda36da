import { Injectable } from '@nestjs/common';
import { countOwnershipVerdict, type TxContext } from '@datum/platform';
import type { Candidate } from './change.js';
import { SignsOfLife } from './signs-of-life.js';
import { siteOf } from './ownership-check.js';

/** Counts what ownership said, so that a rule in observe mode shows what it would have refused before it is enforced. */
@Injectable()
export class WriteObserver {
  constructor(private readonly signs: SignsOfLife) {}

  /** Once per change, however often it was tried. A system is in touch when something of it was accepted and is there to stay. */
  count(context: TxContext, candidates: readonly Candidate[]): void {
    const { actor, channel, tx } = context;
    if (channel !== 'gateway' && candidates.some(({ error }) => !error)) tx.afterCommit(() => this.signs.heard(actor.systemCode));
    for (const { definition, after, verdicts } of candidates) {
      for (const [group, { verdict }] of verdicts) {
        countOwnershipVerdict({ verdict, domain: definition.domain, group, site: siteOf(definition, after) ?? 'all' });
      }
    }
  }
}
