import type { Queryable } from '@datum/platform';

/** Serialises writers of rules, then finds another rule for the same group and site whose time overlaps. */
export async function overlappingRule(queryable: Queryable, rule: Record<string, unknown>): Promise<{ id: string; effectiveFrom: string } | undefined> {
  await queryable.query(`SELECT pg_advisory_xact_lock(hashtext('ownership-rule'))`);
  const [clash] = await queryable.query<{ id: string; effectiveFrom: string }>(
    `SELECT id, effective_from AS "effectiveFrom" FROM ownership_rule
     WHERE id <> $1 AND domain = $2 AND attribute_group = $3 AND site IS NOT DISTINCT FROM $4
       AND tstzrange(effective_from, effective_to) && tstzrange($5, $6) LIMIT 1`,
    [rule.id, rule.domain, rule.attributeGroup, rule.site, rule.effectiveFrom, rule.effectiveTo],
  );
  return clash;
}
