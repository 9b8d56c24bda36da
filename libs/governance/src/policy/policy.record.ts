import { defineRecord, enumeration, instant, objectList, text, textList } from '@datum/governed';

/** Where a change that a policy looks at can come from. `write-request`: a wish for a value that another decides, when it is made and before it is sent. */
export const policyChannels = ['rest', 'graphql', 'import', 'event', 'write-request', 'erp', 'gateway'] as const;
export type PolicyChannel = (typeof policyChannels)[number];
/** Where somebody still asks: what an ERP reports has happened there, and what the gateway derives was asked before. */
export const askingChannels: readonly PolicyChannel[] = ['rest', 'graphql', 'import', 'event', 'write-request'];

export const policySeverities = ['refuse', 'approve', 'warn'] as const;
export type PolicySeverity = (typeof policySeverities)[number];

/** An example of what a policy says to a change. `before` null or absent: a new record. */
export interface PolicyCase {
  name: string;
  /** Default: the first of the policy. */
  recordType?: string;
  before?: Record<string, unknown> | null;
  /** What is written: on an update only what differs from `before`. */
  after: Record<string, unknown>;
  actor?: { system?: string; scopes?: string[]; sites?: string[] | null; client?: string };
  channel?: PolicyChannel;
  /** Business time. */
  now?: string;
  expect: 'hit' | 'pass';
}

/** A policy as it is stored. */
export interface Policy {
  id: string;
  version: number;
  name: string;
  recordTypes: string[];
  when: 'create' | 'update' | 'both';
  channels: string[] | null;
  predicate: string;
  sentence: string;
  severity: PolicySeverity;
  mode: 'observe' | 'enforce';
  validFrom: string;
  validTo: string | null;
  testCases: PolicyCase[];
}

export const exampleCases: PolicyCase[] = [
  { name: 'more than a year', before: { leadTimeDays: 12 }, after: { leadTimeDays: 366 }, expect: 'hit' },
  { name: 'a year', before: { leadTimeDays: 12 }, after: { leadTimeDays: 365 }, expect: 'pass' },
];

const caseSchema = {
  type: 'object', required: ['name', 'after', 'expect'],
  properties: {
    name: { type: 'string', maxLength: 120 }, recordType: { type: 'string' }, before: { type: 'object', nullable: true, additionalProperties: true },
    after: { type: 'object', additionalProperties: true }, actor: { type: 'object', additionalProperties: true }, channel: { type: 'string', enum: [...policyChannels] },
    now: { type: 'string', format: 'date-time' }, expect: { type: 'string', enum: ['hit', 'pass'] },
  },
};

/** A rule that people change: checked on every change of the records it names, wherever the change comes from. */
export const policyRecord = defineRecord({
  type: 'policy', typeName: 'Policy', pluralName: 'policies', domain: 'policy', collection: 'policies', table: 'policy',
  summary: 'A rule that changes have to pass, with the cases that prove it.',
  key: ['name'],
  groups: { rule: 'The policy itself.' },
  attributes: {
    name: text({ group: 'rule', description: 'Name.', example: 'lead-time-plausible', required: true, fixed: true, filter: true, sort: true, maxLength: 60, pattern: /^[a-z0-9]+(?:-[a-z0-9]+)*$/ }),
    recordTypes: textList({ group: 'rule', description: 'Record types that it looks at.', example: ['item-site'], required: true, maxItems: 20 }),
    when: enumeration({ group: 'rule', description: 'New records, changes, or both.', example: 'both', required: true, values: ['create', 'update', 'both'], column: 'applies_on' }),
    channels: textList({ group: 'rule', description: `Where a change comes from: ${policyChannels.join(', ')}. Null: wherever somebody asks, which is all but erp and gateway.`, example: ['rest', 'graphql'], maxItems: policyChannels.length }),
    predicate: text({ group: 'rule', description: 'CEL over before, after, changed, groups, actor, recordType, site, channel and now; true means that the policy hits.', example: '"leadTimeDays" in changed && after.leadTimeDays > 365', required: true, maxLength: 2000 }),
    sentence: text({ group: 'rule', description: 'What the one who is refused reads, with {after.…} and {before.…} in it.', example: 'A lead time of {after.leadTimeDays} days is more than a year.', required: true, maxLength: 400 }),
    severity: enumeration({ group: 'rule', description: 'What a hit does: the change is refused, needs the approval of another person, or is noted.', example: 'refuse', required: true, filter: true, values: policySeverities }),
    mode: enumeration({ group: 'rule', description: 'observe only counts what would have happened.', example: 'enforce', required: true, filter: true, values: ['observe', 'enforce'] }),
    validFrom: instant({ group: 'rule', description: 'In force from, business time.', example: '2026-01-01T00:00:00Z', required: true }),
    validTo: instant({ group: 'rule', description: 'In force until (exclusive); null for open.', example: '2027-01-01T00:00:00Z' }),
    testCases: objectList({ group: 'rule', description: 'Examples that prove the predicate, at least one hit and one pass; all must hold.', example: exampleCases, required: true, maxItems: 50, itemSchema: caseSchema }),
  },
});
