import type { Queryable } from '@datum/platform';
import type { CredentialInput, CredentialRecord } from './records.js';
import { workingParticipantStates } from './vocabulary.js';

const columns = `
  id, client_id AS "clientId", participant_id AS "participantId", kind, scopes, sites, public_jwk AS "publicJwk",
  expires_at AS "expiresAt", revoked_at AS "revokedAt", previous_secret_until AS "previousSecretUntil", version, created_at AS "createdAt"`;

/** A credential that works now, as the directory compiles it. */
export interface UsableCredential {
  clientId: string;
  participantId: string;
  systemCode: string;
  scopes: string[];
  sites: string[] | null;
  expiresAt: string | null;
  secretHash: string | null;
  previousSecretHash: string | null;
  previousSecretUntil: string | null;
  publicJwk: Record<string, unknown> | null;
}

export const usableCredentials = (queryable: Queryable): Promise<UsableCredential[]> =>
  queryable.query<UsableCredential>(`
    SELECT c.client_id AS "clientId", c.participant_id AS "participantId", p.system_code AS "systemCode", c.scopes, c.sites,
           c.expires_at AS "expiresAt", c.secret_hash AS "secretHash", c.previous_secret_hash AS "previousSecretHash",
           c.previous_secret_until AS "previousSecretUntil", c.public_jwk AS "publicJwk"
    FROM credential c JOIN participant p ON p.id = c.participant_id
    WHERE c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > clock_timestamp()) AND p.state = ANY ($1)`,
  [workingParticipantStates]);

export async function findCredential(
  queryable: Queryable, participantId: string, clientId: string, lock = '',
): Promise<CredentialRecord | undefined> {
  const [row] = await queryable.query<CredentialRecord>(
    `SELECT ${columns} FROM credential WHERE participant_id = $1 AND client_id = $2 ${lock}`, [participantId, clientId]);
  return row;
}

export const credentialsOf = (queryable: Queryable, participantId: string, limit: number): Promise<CredentialRecord[]> =>
  queryable.query<CredentialRecord>(
    `SELECT ${columns} FROM credential WHERE participant_id = $1 ORDER BY id LIMIT $2`, [participantId, limit]);

/** Of every participant, in order of id. */
export const credentialsAfter = (queryable: Queryable, afterId: string | null, limit: number): Promise<CredentialRecord[]> =>
  queryable.query<CredentialRecord>(`SELECT ${columns} FROM credential WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`, [afterId, limit]);

export interface NewCredential extends CredentialInput {
  id: string;
  clientId: string;
  participantId: string;
  secretHash: string | null;
}

export async function insertCredential(tx: Queryable, credential: NewCredential): Promise<CredentialRecord> {
  const { id, clientId, participantId, kind, scopes, sites, publicJwk, expiresAt, secretHash } = credential;
  const [row] = await tx.query<CredentialRecord>(`
    INSERT INTO credential (id, client_id, participant_id, kind, scopes, sites, public_jwk, expires_at, secret_hash, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) RETURNING ${columns}`,
  [id, clientId, participantId, kind, scopes, sites ?? null, publicJwk ? JSON.stringify(publicJwk) : null, expiresAt ?? null, secretHash]);
  return row!;
}

/** The current secret becomes the previous one, for so long; the one before that stops at once. */
export async function rotateSecret(tx: Queryable, id: string, secretHash: string, overlapSeconds: number): Promise<CredentialRecord> {
  const [row] = await tx.query<CredentialRecord>(`
    UPDATE credential SET previous_secret_hash = secret_hash, previous_secret_until = clock_timestamp() + make_interval(secs => $3),
           secret_hash = $2, version = version + 1, updated_at = clock_timestamp()
    WHERE id = $1 RETURNING ${columns}`, [id, secretHash, overlapSeconds]);
  return row!;
}

export async function revokeCredential(tx: Queryable, id: string): Promise<CredentialRecord> {
  const [row] = await tx.query<CredentialRecord>(`
    UPDATE credential SET revoked_at = clock_timestamp(), secret_hash = NULL, previous_secret_hash = NULL, previous_secret_until = NULL,
           version = version + 1, updated_at = clock_timestamp()
    WHERE id = $1 RETURNING ${columns}`, [id]);
  return row!;
}
