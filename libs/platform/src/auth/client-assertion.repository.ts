import { createHash } from 'node:crypto';
import type { Queryable } from '../database/database.js';

/**
 * Notes that a client assertion was used. False when it was used before, at any gateway of this database. What has run out is thrown away in passing,
 * so that the table holds minutes, not history.
 */
export async function consumeAssertion(queryable: Queryable, clientId: string, jti: string, expiresAtMs: number): Promise<boolean> {
  const digest = createHash('sha256').update(JSON.stringify([clientId, jti])).digest('base64url');
  const rows = await queryable.query(`
    INSERT INTO client_assertion (digest, expires_at) VALUES ($1, to_timestamp($2::float8 / 1000))
    ON CONFLICT (digest) DO NOTHING RETURNING digest`, [digest, expiresAtMs]);
  await queryable.query(`
    DELETE FROM client_assertion WHERE digest IN
      (SELECT digest FROM client_assertion WHERE expires_at < clock_timestamp() - interval '1 minute' LIMIT 100 FOR UPDATE SKIP LOCKED)`);
  return rows.length === 1;
}
