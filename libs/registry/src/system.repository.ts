import type { Queryable } from '@datum/platform';
import type { SystemRecord } from './records.js';

const columns = `
  id, code, name, kind, vendor, product_version AS "productVersion", site_codes AS "siteCodes", capabilities,
  call_budget AS "callBudget", freshness, state, last_seen_at AS "lastSeenAt", version, updated_at AS "updatedAt"`;

export interface SystemSearch {
  codes?: readonly string[];
  kinds?: readonly string[];
  states?: readonly string[];
  site?: string;
  afterCode?: string;
  limit: number;
}

export async function findSystem(queryable: Queryable, code: string, lock = ''): Promise<SystemRecord | undefined> {
  const [row] = await queryable.query<SystemRecord>(`SELECT ${columns} FROM system WHERE code = $1 ${lock}`, [code]);
  return row;
}

export const listSystems = (queryable: Queryable, search: SystemSearch): Promise<SystemRecord[]> =>
  queryable.query<SystemRecord>(`
    SELECT ${columns} FROM system
    WHERE ($1::text[] IS NULL OR code = ANY ($1)) AND ($2::text[] IS NULL OR kind = ANY ($2))
      AND ($3::text[] IS NULL OR state = ANY ($3)) AND ($4::text IS NULL OR $4 = ANY (site_codes))
      AND ($5::text IS NULL OR code COLLATE "C" > $5)
    ORDER BY code COLLATE "C" LIMIT $6`,
  [search.codes ?? null, search.kinds ?? null, search.states ?? null, search.site ?? null, search.afterCode ?? null, search.limit]);

export const allSystems = (queryable: Queryable): Promise<SystemRecord[]> =>
  queryable.query<SystemRecord>(`SELECT ${columns} FROM system ORDER BY code COLLATE "C"`);

/** In order of id. */
export const systemsAfter = (queryable: Queryable, afterId: string | null, limit: number): Promise<SystemRecord[]> =>
  queryable.query<SystemRecord>(`SELECT ${columns} FROM system WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`, [afterId, limit]);

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Inserts the first version, or writes the next one over a row the caller holds. */
export async function saveSystem(tx: Queryable, system: Omit<SystemRecord, 'updatedAt' | 'lastSeenAt'>): Promise<SystemRecord> {
  const [row] = await tx.query<SystemRecord>(`
    INSERT INTO system (id, code, name, kind, vendor, product_version, site_codes, capabilities, call_budget, freshness, state, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (id) DO UPDATE SET name = $3, kind = $4, vendor = $5, product_version = $6, site_codes = $7, capabilities = $8,
      call_budget = $9, freshness = $10, state = $11, version = $12, updated_at = clock_timestamp()
    RETURNING ${columns}`,
  [system.id, system.code, system.name, system.kind, system.vendor, system.productVersion, system.siteCodes,
    json(system.capabilities), json(system.callBudget), json(system.freshness), system.state, system.version]);
  return row!;
}

/** Signs of life come by the second and change nothing that a version stands for; an older one never overwrites a newer one. */
export const noteSystemSeen = (queryable: Queryable, code: string, at: string): Promise<unknown> =>
  queryable.query(`UPDATE system SET last_seen_at = $2 WHERE code = $1 AND (last_seen_at IS NULL OR last_seen_at < $2)`, [code, at]);

export const readLastSeen = (queryable: Queryable): Promise<{ code: string; lastSeenAt: string }[]> =>
  queryable.query<{ code: string; lastSeenAt: string }>(`
    SELECT code, last_seen_at AS "lastSeenAt" FROM system WHERE last_seen_at IS NOT NULL`);
