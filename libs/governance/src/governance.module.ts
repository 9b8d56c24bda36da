import { Module } from '@nestjs/common';
import { PolicyGuards, RecordCatalogue } from '@datum/governed';
import { OwnershipController, OwnershipRuleController } from './ownership.controller.js';
import { OwnershipExplainer } from './ownership-explainer.js';
import { OwnershipResolver, OwnershipRuleResolver } from './ownership.resolver.js';
import { oneOwnerGuard } from './ownership-rule.guard.js';
import { ownershipRuleRecord } from './ownership-rule.record.js';

@Module({
  controllers: [OwnershipRuleController, OwnershipController],
  providers: [OwnershipExplainer, OwnershipRuleResolver, OwnershipResolver],
})
export class GovernanceModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards) {
    catalogue.add(ownershipRuleRecord);
    guards.add(oneOwnerGuard);
  }
}
