import type { Queryable } from '@datum/platform';
import type { OwnershipRule } from './ownership-rule.js';

/** Every rule, past and future ones included: a past decision must be explainable with the rule that was valid then. */
export async function readOwnershipRules(queryable: Queryable): Promise<OwnershipRule[]> {
  return queryable.query<OwnershipRule>(`
    SELECT id, version, domain, attribute_group AS "attributeGroup", site, owner, conflict_policy AS "conflictPolicy", mode,
           coalesce(site_modes, '{}') AS "siteModes", steward, deputy_steward AS "deputySteward",
           effective_from AS "effectiveFrom", effective_to AS "effectiveTo"
    FROM ownership_rule`);
}
