import { Module } from '@nestjs/common';
import { Clock } from '@datum/platform';
import { PolicyGuards, RecordCatalogue } from '@datum/governed';
import { OwnershipController, OwnershipRuleController } from './ownership.controller.js';
import { OwnershipExplainer } from './ownership-explainer.js';
import { OwnershipResolver, OwnershipRuleResolver } from './ownership.resolver.js';
import { oneOwnerGuard } from './ownership-rule.guard.js';
import { ownershipRuleRecord } from './ownership-rule.record.js';
import { policyAcceptanceGuard } from './policy/policy-acceptance.js';
import { PolicyBook } from './policy/policy-book.js';
import { PolicyController, PolicyTrialController } from './policy/policy.controller.js';
import { policiesConsequence, policiesGuard } from './policy/policy.guard.js';
import { policyRecord } from './policy/policy.record.js';
import { PolicyResolver, PolicyTrialResolver } from './policy/policy.resolver.js';
import { PolicyTrial } from './policy/policy-trial.js';
import { VocabularyTermController, VocabularyTermResolver } from './vocabulary/vocabulary.api.js';
import { vocabularyTermRecord } from './vocabulary/vocabulary-term.record.js';

@Module({
  controllers: [OwnershipRuleController, VocabularyTermController, OwnershipController, PolicyTrialController, PolicyController],
  providers: [OwnershipExplainer, OwnershipRuleResolver, VocabularyTermResolver, OwnershipResolver, PolicyBook, PolicyTrial, PolicyResolver, PolicyTrialResolver],
})
export class GovernanceModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards, policies: PolicyBook, clock: Clock) {
    catalogue.add(ownershipRuleRecord, policyRecord, vocabularyTermRecord);
    guards.add(oneOwnerGuard, policyAcceptanceGuard(catalogue), policiesGuard(policies, clock));
    guards.after(policiesConsequence(policies));
  }
}
