import type { Queryable } from '@datum/platform';

export interface PartySearch {
  name: string; gln: string | null; taxIds: readonly string[];
  /** Whose record is searched for: what a steward rejected for it is not offered again. */
  source: { system: string; code: string; site: string | null };
}
export interface KnownParty { id: string; code: string; name: string; gln: string | null; taxIds: string[]; country: string | null }

const nearestMax = 20;

/** Suppliers that share a number with the searched one, or have a name near it. Indexes answer both; the score is worked out elsewhere. */
export async function nearSuppliers(queryable: Queryable, search: PartySearch): Promise<KnownParty[]> {
  return queryable.query<KnownParty>(
    `SELECT id, code, name, gln, coalesce(tax_ids, '{}') AS "taxIds", country FROM supplier
     WHERE state <> 'ended' AND (gln = $1 OR match_tax_ids && $2::text[] OR id IN (
       SELECT id FROM supplier WHERE match_name % $3 ORDER BY similarity(match_name, $3) DESC, id LIMIT ${nearestMax}))
       AND NOT EXISTS (SELECT FROM match_candidate c WHERE c.supplier_id = supplier.id AND c.system = $4 AND c.source_code = $5
         AND c.site IS NOT DISTINCT FROM $6 AND c.decision = 'rejected')
     ORDER BY code`, [search.gln, search.taxIds, search.name, search.source.system, search.source.code, search.source.site]);
}

/** The supplier that a system's code means already. */
export async function linkedSupplier(queryable: Queryable, source: { system: string; code: string; site: string | null }): Promise<string | undefined> {
  const [found] = await queryable.query<{ id: string }>(
    `SELECT record_id AS id FROM local_key WHERE record_type = 'supplier' AND system = $1 AND code = $2 AND site IS NOT DISTINCT FROM $3 AND status = 'active'`,
    [source.system, source.code, source.site]);
  return found?.id;
}
