import type { Queryable } from '@datum/platform';
import type { SiteRecord } from './records.js';

const columns = `
  id, code, name, gln, country, time_zone AS "timeZone", currency, kind, mode, version, updated_at AS "updatedAt"`;

export interface SiteSearch {
  codes?: readonly string[];
  kinds?: readonly string[];
  modes?: readonly string[];
  afterCode?: string;
  limit: number;
}

export async function findSite(queryable: Queryable, code: string, lock = ''): Promise<SiteRecord | undefined> {
  const [row] = await queryable.query<SiteRecord>(`SELECT ${columns} FROM site WHERE code = $1 ${lock}`, [code]);
  return row;
}

/** In order of code, by byte, so that a cursor means the same under every locale. */
export const listSites = (queryable: Queryable, search: SiteSearch): Promise<SiteRecord[]> =>
  queryable.query<SiteRecord>(`
    SELECT ${columns} FROM site
    WHERE ($1::text[] IS NULL OR code = ANY ($1)) AND ($2::text[] IS NULL OR kind = ANY ($2))
      AND ($3::text[] IS NULL OR mode = ANY ($3)) AND ($4::text IS NULL OR code COLLATE "C" > $4)
    ORDER BY code COLLATE "C" LIMIT $5`,
  [search.codes ?? null, search.kinds ?? null, search.modes ?? null, search.afterCode ?? null, search.limit]);

export const allSites = (queryable: Queryable): Promise<SiteRecord[]> =>
  queryable.query<SiteRecord>(`SELECT ${columns} FROM site ORDER BY code COLLATE "C"`);

/** In order of id. */
export const sitesAfter = (queryable: Queryable, afterId: string | null, limit: number): Promise<SiteRecord[]> =>
  queryable.query<SiteRecord>(`SELECT ${columns} FROM site WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`, [afterId, limit]);

/** Inserts the first version, or writes the next one over a row the caller holds. */
export async function saveSite(tx: Queryable, site: Omit<SiteRecord, 'updatedAt'>): Promise<SiteRecord> {
  const [row] = await tx.query<SiteRecord>(`
    INSERT INTO site (id, code, name, gln, country, time_zone, currency, kind, mode, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (id) DO UPDATE SET name = $3, gln = $4, country = $5, time_zone = $6, currency = $7, kind = $8, mode = $9,
      version = $10, updated_at = clock_timestamp()
    RETURNING ${columns}`,
  [site.id, site.code, site.name, site.gln, site.country, site.timeZone, site.currency, site.kind, site.mode, site.version]);
  return row!;
}
