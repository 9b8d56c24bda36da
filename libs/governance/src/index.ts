export * from './governance.module.js';
export * from './ownership-rule.record.js';
export * from './seed-ownership.js';
export { defaultPolicies, type DefaultPolicy } from './policy/default-policies.js';
export { policyRecord, type Policy, type PolicyCase } from './policy/policy.record.js';
export { PolicyBook } from './policy/policy-book.js';
export * from './policy/seed-policies.js';
export { seedVocabularies } from './vocabulary/seed-vocabularies.js';
export { vocabularyTermRecord, type VocabularyTerm } from './vocabulary/vocabulary-term.record.js';
