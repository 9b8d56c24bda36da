import type { OwnershipRule } from './ownership-rule.js';

/**
 * The rules compiled for look-up: per domain and group, most specific first, then the one that became effective last. Immutable: a change makes a new
 * table, so that a decision never sees half a change.
 */
export class OwnershipTable {
  private readonly byGroup = new Map<string, OwnershipRule[]>();

  constructor(readonly rules: readonly OwnershipRule[]) {
    for (const rule of rules) {
      const key = `${rule.domain}\n${rule.attributeGroup}`;
      const list = this.byGroup.get(key);
      if (list) list.push(rule);
      else this.byGroup.set(key, [rule]);
    }
    for (const list of this.byGroup.values()) list.sort(bySpecificity);
  }

  /** The rule in force for the group at the site at the business time `at`; undefined when nobody was given it. */
  find(domain: string, group: string, site: string | null, at: string): OwnershipRule | undefined {
    const candidates = this.byGroup.get(`${domain}\n${group}`);
    return candidates?.find((rule) => (rule.site === null || rule.site === site) && isInForce(rule, at));
  }
}

/** Instants are compared as time: texts of different precision do not sort alike. */
export function isInForce(rule: OwnershipRule, at: string): boolean {
  const time = Date.parse(at);
  return Date.parse(rule.effectiveFrom) <= time && (rule.effectiveTo === null || time < Date.parse(rule.effectiveTo));
}

function bySpecificity(a: OwnershipRule, b: OwnershipRule): number {
  if ((a.site === null) !== (b.site === null)) return a.site === null ? 1 : -1;
  return Date.parse(b.effectiveFrom) - Date.parse(a.effectiveFrom);
}
