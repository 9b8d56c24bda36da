import type { Queryable } from '../database/database.js';

/** `next` is published but not used yet, `current` signs, `retired` only verifies; `withdrawn` does neither. */
export type SigningKeyState = 'next' | 'current' | 'retired' | 'withdrawn';

export interface SigningKeyRow {
  kid: string;
  state: SigningKeyState;
  publicJwk: string;
  privateSealed: string;
  /** Seconds since the state was entered, by the database's clock. */
  stateAgeSeconds: number;
}

/** One process at a time makes or turns keys; held to the end of the transaction. */
export const lockSigningKeys = (tx: Queryable): Promise<unknown> =>
  tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('datum.signing_key', 0))`);

export const liveSigningKeys = (queryable: Queryable): Promise<SigningKeyRow[]> =>
  queryable.query<SigningKeyRow>(`
    SELECT kid, state, public_jwk AS "publicJwk", private_sealed AS "privateSealed",
           extract(epoch FROM clock_timestamp() - state_since)::float8 AS "stateAgeSeconds"
    FROM signing_key WHERE state <> 'withdrawn' ORDER BY created_at, kid`);

export const insertSigningKey = (tx: Queryable, key: Omit<SigningKeyRow, 'stateAgeSeconds'>): Promise<unknown> =>
  tx.query(`INSERT INTO signing_key (kid, state, public_jwk, private_sealed) VALUES ($1, $2, $3, $4)`,
    [key.kid, key.state, key.publicJwk, key.privateSealed]);

/** A withdrawn key's private part is destroyed. */
export const setSigningKeyState = (tx: Queryable, kid: string, state: SigningKeyState): Promise<unknown> =>
  tx.query(`
    UPDATE signing_key SET state = $2, state_since = clock_timestamp(),
           private_sealed = CASE WHEN $2 IN ('retired', 'withdrawn') THEN '' ELSE private_sealed END
    WHERE kid = $1`, [kid, state]);
