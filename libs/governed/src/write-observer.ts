import { Injectable } from '@nestjs/common';
import { countOwnershipVerdict, type RequestContext } from '@datum/platform';
import type { Candidate } from './change.js';
import { SignsOfLife } from './signs-of-life.js';
import { siteOf } from './ownership-check.js';

/** Counts what ownership said, so that a rule in observe mode shows what it would have refused before it is enforced. */
@Injectable()
export class WriteObserver {
  constructor(private readonly signs: SignsOfLife) {}

  count(context: RequestContext, candidates: readonly Candidate[]): void {
    if (context.channel !== 'gateway') this.signs.heard(context.actor.systemCode);
    for (const { definition, after, verdicts } of candidates) {
      for (const [group, { verdict }] of verdicts) {
        countOwnershipVerdict({ verdict, domain: definition.domain, group, site: siteOf(definition, after) ?? 'all' });
      }
    }
  }
}
