import type { Queryable } from '@datum/platform';

export async function insertFrozenLines(queryable: Queryable, frozenExplosionId: string, bodies: readonly string[]): Promise<void> {
  await queryable.query(
    `INSERT INTO frozen_explosion_line (frozen_explosion_id, ord, body) SELECT $1, t.ord, t.body FROM unnest($2::text[]) WITH ORDINALITY AS t(body, ord)`,
    [frozenExplosionId, bodies]);
}

export async function frozenLines(queryable: Queryable, frozenExplosionId: string): Promise<string[]> {
  const rows = await queryable.query<{ body: string }>(`SELECT body FROM frozen_explosion_line WHERE frozen_explosion_id = $1 ORDER BY ord`, [frozenExplosionId]);
  return rows.map(({ body }) => body);
}
