import { Args, Query, Resolver } from '@nestjs/graphql';
import { JsonScalar, Permission } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { PolicyTrial } from './policy-trial.js';
import { policyRecord } from './policy.record.js';
import { PolicyTrialView } from './policy.view.js';

@Resolver(() => viewsOf(policyRecord).view)
export class PolicyResolver extends recordResolver(policyRecord) {}

@Resolver(() => PolicyTrialView)
export class PolicyTrialResolver {
  constructor(private readonly trial: PolicyTrial) {}

  @Permission('policy.read')
  @Query(() => PolicyTrialView, { description: 'Asks a predicate about a change that is made up: {predicate, recordType, before, after, …}. Nothing is stored.' })
  tryPolicy(@Args('trial', { type: () => JsonScalar }) trial: object) {
    return this.trial.try(trial);
  }
}
