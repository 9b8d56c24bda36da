import type { Actor } from '@datum/platform';
import { modeAt, siteSelectors, type OwnershipMode, type OwnershipRule } from './ownership-rule.js';
import type { OwnershipTable } from './ownership-table.js';

/** What the registry knows of a site's systems: their codes, for the kinds asked. */
export interface SiteSystems {
  systemsOf(site: string, kind: string): readonly string[];
}

export interface OwnershipQuestion {
  actor: Actor;
  domain: string;
  group: string;
  /** The site of the record, null for enterprise-wide records. */
  site: string | null;
  /** Business time of the change. */
  at: string;
  /** The system the record itself names, for groups owned by `record:system`. */
  recordSystem?: string | null;
}

/**
 * `accept`: the actor is the owner. `observe`: it is not, and the rule only watches at this site. `refuse`: it is not, or nobody owns the group.
 */
export interface OwnershipVerdict {
  verdict: 'accept' | 'observe' | 'refuse';
  mode: OwnershipMode;
  /** System codes (or `GW`) that may write; empty when nobody was found. */
  owners: readonly string[];
  rule: OwnershipRule | undefined;
}

/** The one ownership decision: every channel asks here, and nowhere else is decided who may write. */
export function decide(table: OwnershipTable, systems: SiteSystems, question: OwnershipQuestion): OwnershipVerdict {
  const { actor, domain, group, site, at } = question;
  const rule = table.find(domain, group, site, at);
  if (!rule) return { verdict: 'refuse', mode: 'enforce', owners: [], rule };
  const mode = modeAt(rule, site);
  const owners = ownersOf(rule, systems, site, question.recordSystem ?? null);
  if (isOwner(rule, owners, actor)) return { verdict: 'accept', mode, owners, rule };
  return { verdict: mode === 'enforce' ? 'refuse' : 'observe', mode, owners, rule };
}

/** The systems a rule's owner selector means for a record at `site`. */
export function ownersOf(rule: OwnershipRule, systems: SiteSystems, site: string | null, recordSystem: string | null): readonly string[] {
  const kinds = siteSelectors[rule.owner];
  if (kinds) {
    if (site === null) return [];
    for (const kind of kinds) {
      const found = systems.systemsOf(site, kind);
      if (found.length > 0) return found;
    }
    return rule.owner === 'site:erp' ? systems.systemsOf('*', 'corp-erp') : [];
  }
  if (rule.owner === 'record:system') return recordSystem === null ? [] : [recordSystem];
  if (rule.owner.startsWith('role:')) return ['GW'];
  return [rule.owner];
}

function isOwner(rule: OwnershipRule, owners: readonly string[], actor: Actor): boolean {
  if (rule.owner.startsWith('role:')) {
    return actor.scopes.has(`${rule.owner.slice('role:'.length)}.decide`) || actor.scopes.has('*');
  }
  // What is computed here is written by the gateway itself, and by nobody who merely works on its behalf.
  if (rule.owner === 'GW') return actor.scopes.has('*');
  return owners.includes(actor.systemCode);
}
