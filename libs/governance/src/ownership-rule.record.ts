import { defineRecord, enumeration, instant, map, text, type RecordOf } from '@datum/governed';
import { conflictPolicies, ownershipModes, selectorPattern } from '@datum/ownership';

/** An ownership rule as a governed record: changed through the same door, with the same history and audit, as what it governs. */
export const ownershipRuleRecord = defineRecord({
  type: 'ownership-rule',
  typeName: 'OwnershipRule',
  domain: 'ownership',
  collection: 'ownership/rules',
  table: 'ownership_rule',
  summary: 'Which system decides an attribute group of a domain, where, and from when.',
  key: ['domain', 'attributeGroup', 'site', 'effectiveFrom'],
  groups: { rule: 'The rule itself.' },
  attributes: {
    domain: text({ group: 'rule', description: 'Domain.', example: 'item', required: true, fixed: true, filter: true, maxLength: 40 }),
    attributeGroup: text({ group: 'rule', description: 'Attribute group of the domain.', example: 'identity', required: true, fixed: true, filter: true, maxLength: 40 }),
    site: text({ group: 'rule', description: 'Limited to this site; null for all. A rule for the site goes before a rule for all.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    owner: text({ group: 'rule', description: 'System code, or site:erp, site:mes, site:wms, site:stock, site:quality, record:system, role:<name>, GW.', example: 'CE', required: true, filter: true, maxLength: 40, pattern: selectorPattern }),
    conflictPolicy: enumeration({ group: 'rule', description: 'How two claims on one value are settled.', example: 'owner-wins', required: true, values: conflictPolicies }),
    mode: enumeration({ group: 'rule', description: 'What happens to a write by another: counted, counted and warned, or refused.', example: 'enforce', required: true, filter: true, values: ownershipModes }),
    siteModes: map({ group: 'rule', description: 'Modes of single sites, which go before the mode.', example: { B: 'observe' }, allowed: ownershipModes }),
    steward: text({ group: 'rule', description: 'Accountable steward.', example: 'master-data@kestrel.example', required: true, maxLength: 120 }),
    deputySteward: text({ group: 'rule', description: 'Deputy of the steward.', example: 'planning@kestrel.example', required: true, maxLength: 120 }),
    effectiveFrom: instant({ group: 'rule', description: 'In force from, business time.', example: '2026-01-01T00:00:00Z', required: true, fixed: true }),
    effectiveTo: instant({ group: 'rule', description: 'In force until (exclusive); null for open.', example: '2027-01-01T00:00:00Z' }),
  },
});

export type OwnershipRuleRecord = RecordOf<typeof ownershipRuleRecord>;
