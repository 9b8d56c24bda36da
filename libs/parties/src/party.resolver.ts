import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { Permission, type GraphqlContext } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { itemRecord } from '@datum/items';
import { matchCandidateRecord } from './match-candidate.record.js';
import { PartyMatchView, SourcePartyInput } from './party.view.js';
import { PartyMatcher } from './party-matcher.service.js';
import { bankChangeRecord, customerRecord, itemSupplierRecord, supplierRecord } from './supplier.record.js';

@Resolver(() => viewsOf(supplierRecord).view)
export class SupplierResolver extends recordResolver(supplierRecord) {}

@Resolver(() => viewsOf(bankChangeRecord).view)
export class BankChangeResolver extends recordResolver(bankChangeRecord, { relations: [supplierRecord] }) {}

@Resolver(() => viewsOf(customerRecord).view)
export class CustomerResolver extends recordResolver(customerRecord) {}

@Resolver(() => viewsOf(itemSupplierRecord).view)
export class ItemSupplierResolver extends recordResolver(itemSupplierRecord, { relations: [itemRecord, supplierRecord] }) {}

@Resolver(() => viewsOf(matchCandidateRecord).view)
export class MatchCandidateResolver extends recordResolver(matchCandidateRecord, { relations: [supplierRecord] }) {}

@Resolver(() => PartyMatchView)
export class PartyMatchResolver {
  constructor(private readonly matcher: PartyMatcher) {}

  @Permission('supplier.write')
  @Mutation(() => [PartyMatchView], { description: "Which of our suppliers a system's records mean. Sending the same again finds what was linked." })
  matchParties(@Args('records', { type: () => [SourcePartyInput] }) records: object[], @Context() graphql: GraphqlContext) {
    return this.matcher.match(graphql.requestContext, records.map((record) => ({ ...record })));
  }
}
