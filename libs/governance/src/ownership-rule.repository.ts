import type { Queryable } from '@datum/platform';

/** Which time a rule covers, for whom. */
export interface RulePeriod {
  id: string;
  domain: string;
  attributeGroup: string;
  site: string | null;
  effectiveFrom: string;
  effectiveTo: string | null;
}

/** Serialises writers of rules until the transaction ends, then reads every rule of the domains. */
export async function lockRulePeriods(queryable: Queryable, domains: readonly string[]): Promise<RulePeriod[]> {
  await queryable.query(`SELECT pg_advisory_xact_lock(hashtext('ownership-rule'))`);
  return queryable.query<RulePeriod>(
    `SELECT id, domain, attribute_group AS "attributeGroup", site, effective_from AS "effectiveFrom", effective_to AS "effectiveTo"
     FROM ownership_rule WHERE domain = ANY($1)`,
    [domains],
  );
}

/** Ids of the rules for a domain and group, ended ones too. */
export async function ruleIdsOf(queryable: Queryable, domain: string, attributeGroup: string): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>('SELECT id FROM ownership_rule WHERE domain = $1 AND attribute_group = $2', [domain, attributeGroup]);
  return rows.map(({ id }) => id);
}
