import { Args, Query, Resolver } from '@nestjs/graphql';
import { AnyParticipant } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { OwnershipExplainer } from './ownership-explainer.js';
import { OwnershipExplanationView } from './ownership.view.js';
import { ownershipRuleRecord } from './ownership-rule.record.js';

@Resolver(() => viewsOf(ownershipRuleRecord).view)
export class OwnershipRuleResolver extends recordResolver(ownershipRuleRecord) {}

@Resolver(() => OwnershipExplanationView)
export class OwnershipResolver {
  constructor(private readonly explainer: OwnershipExplainer) {}

  @AnyParticipant()
  @Query(() => OwnershipExplanationView, { description: 'Who decides an attribute, in a sentence.' })
  explainOwnership(
    @Args('domain', { type: () => String }) domain: string,
    @Args('attribute', { type: () => String }) attribute: string,
    @Args('site', { type: () => String, nullable: true }) site?: string,
    @Args('at', { type: () => String, nullable: true }) at?: string,
  ) {
    return this.explainer.explain({ domain, attribute, ...(site ? { site } : {}), ...(at ? { at } : {}) });
  }
}
