import type { Policy } from './policy.record.js';

export type DefaultPolicy = Pick<Policy, 'name' | 'recordTypes' | 'when' | 'predicate' | 'sentence' | 'severity' | 'testCases'>;

const usd = (amount: string) => ({ amount, currency: 'USD' });

/** The policies that a new installation starts with. They are data: each is versioned and changed like any other record. */
export const defaultPolicies: readonly DefaultPolicy[] = [
  {
    name: 'standard-cost-plausible', recordTypes: ['item', 'item-site'], when: 'update', severity: 'approve',
    predicate: '"standardCost" in changed && before.standardCost != null && after.standardCost != null'
      + ' && (before.standardCost.currency != after.standardCost.currency || changesMoreThan(before.standardCost.amount, after.standardCost.amount, "50"))',
    sentence: 'The standard cost would go from {before.standardCost} to {after.standardCost}, by more than 50 % or into another currency.',
    testCases: [
      { name: 'half as much again', before: { standardCost: usd('38') }, after: { standardCost: usd('57') }, expect: 'pass' },
      { name: 'a cent more than that', before: { standardCost: usd('38') }, after: { standardCost: usd('57.01') }, expect: 'hit' },
      { name: 'a misplaced point', before: { standardCost: usd('130.153') }, after: { standardCost: usd('13.0153') }, expect: 'hit' },
      { name: 'another currency', before: { standardCost: usd('38') }, after: { standardCost: { amount: '38', currency: 'EUR' } }, expect: 'hit' },
      { name: 'the first cost', before: {}, after: { standardCost: usd('38') }, expect: 'pass' },
      { name: 'at a site', recordType: 'item-site', before: { standardCost: usd('10') }, after: { standardCost: usd('16') }, expect: 'hit' },
      { name: 'something else', before: { standardCost: usd('38') }, after: {}, expect: 'pass' },
    ],
  },
  {
    name: 'lead-time-plausible', recordTypes: ['item-site'], when: 'both', severity: 'refuse',
    predicate: '"leadTimeDays" in changed && after.leadTimeDays != null && after.leadTimeDays > 365',
    sentence: 'A lead time of {after.leadTimeDays} days is more than a year.',
    testCases: [
      { name: 'a year', before: { leadTimeDays: 12 }, after: { leadTimeDays: 365 }, expect: 'pass' },
      { name: 'more than a year', before: { leadTimeDays: 12 }, after: { leadTimeDays: 366 }, expect: 'hit' },
      { name: 'on a new record', after: { leadTimeDays: 400 }, expect: 'hit' },
      { name: 'cleared', before: { leadTimeDays: 12 }, after: { leadTimeDays: null }, expect: 'pass' },
      { name: 'long before, and not touched', before: { leadTimeDays: 400 }, after: { buyer: 'B07' }, expect: 'pass' },
    ],
  },
  {
    name: 'safety-stock-not-negative', recordTypes: ['item-site'], when: 'both', severity: 'refuse',
    predicate: '"safetyStock" in changed && after.safetyStock != null && decCompare(after.safetyStock, 0) < 0',
    sentence: 'A safety stock of {after.safetyStock} is less than nothing.',
    testCases: [
      { name: 'less than nothing', before: { safetyStock: '40' }, after: { safetyStock: '-0.5' }, expect: 'hit' },
      { name: 'none', before: { safetyStock: '40' }, after: { safetyStock: '0' }, expect: 'pass' },
      { name: 'as a text it would come before 5', before: { safetyStock: '5' }, after: { safetyStock: '40' }, expect: 'pass' },
      { name: 'cleared', before: { safetyStock: '40' }, after: { safetyStock: null }, expect: 'pass' },
    ],
  },
  {
    name: 'supplier-bank-four-eyes', recordTypes: ['supplier'], when: 'both', severity: 'approve',
    predicate: '"bank" in groups',
    sentence: 'Bank data of a supplier would change ({changed}).',
    testCases: [
      { name: 'another account', before: { iban: 'DE89370400440532013000' }, after: { iban: 'DE75512108001245126199' }, expect: 'hit' },
      { name: 'other terms', before: { paymentTerms: 'net 30' }, after: { paymentTerms: 'net 45' }, expect: 'pass' },
    ],
  },
];
