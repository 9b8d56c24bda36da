/** What happens when a non-owner writes: nothing but a count, a count and a warning, or a refusal. */
export const ownershipModes = ['observe', 'warn', 'enforce'] as const;
export type OwnershipMode = (typeof ownershipModes)[number];

/** How two claims on one value are settled. `owner-wins` is the rule of the house; the others are for measured and disputed values. */
export const conflictPolicies = ['owner-wins', 'newest-event', 'highest-trust', 'hold-for-human', 'computed'] as const;
export type ConflictPolicy = (typeof conflictPolicies)[number];

/**
 * Who decides an attribute group of a domain, where, and from when until when.
 *
 * `owner` is a selector: a system code (`CE`), `site:erp`, `site:mes`, `site:stock` (the system of that kind at the record's site),
 * `record:system` (the system the record itself names), `role:<name>` (people with the scope `<name>.decide`) or `GW` (computed here).
 */
export interface OwnershipRule {
  id: string;
  version: number;
  domain: string;
  attributeGroup: string;
  /** Site code the rule is limited to; null for every site. A rule for the site goes before a rule for all. */
  site: string | null;
  owner: string;
  conflictPolicy: ConflictPolicy;
  mode: OwnershipMode;
  /** Modes of single sites, which go before `mode`. */
  siteModes: Record<string, OwnershipMode>;
  /** Accountable steward and deputy: a rule without both is refused. */
  steward: string;
  deputySteward: string;
  /** Business time, RFC 3339 UTC; `effectiveTo` is exclusive, null for open. */
  effectiveFrom: string;
  effectiveTo: string | null;
}

export const modeAt = (rule: OwnershipRule, site: string | null): OwnershipMode =>
  (site !== null ? rule.siteModes[site] : undefined) ?? rule.mode;

/** Kinds of system a `site:` selector means, in order: the first kind present at the site decides (a site without a WMS is counted by its ERP). */
export const siteSelectors: Record<string, readonly string[]> = {
  'site:erp': ['legacy-erp', 'cloud-erp', 'corp-erp'],
  'site:mes': ['mes'],
  'site:wms': ['wms'],
  'site:stock': ['wms', 'stock-file', 'legacy-erp', 'cloud-erp'],
  'site:quality': ['quality', 'mes'],
};

export const selectorPattern = /^(?:[A-Z][A-Z0-9-]{0,31}|site:(?:erp|mes|wms|stock|quality)|record:system|role:[a-z][a-z-]{0,31})$/;
