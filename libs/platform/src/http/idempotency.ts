import { createHash } from 'node:crypto';
import type { RequestContext, TxContext } from '../context/request-context.js';
import type { Database } from '../database/database.js';
import { AppError, malformed } from '../errors/app-error.js';
import { bodyTextOf, RawJson, Reply } from './reply.js';

/** What makes two requests the same one [draft-ietf-httpapi-idempotency-key-header]. */
export interface IdempotentRequest {
  /** The scope of the key: client, and method + route pattern. */
  client: string;
  route: string;
  key: string;
  /** Of method, path, type and body (see `fingerprintOf`). */
  fingerprint: string;
  /** Machine time in milliseconds; `machineNowMs()`. */
  now: number;
}

export const idempotencyTtlMs = 24 * 3_600_000;
const header = 'Idempotency-Key';
const replayedHeaders = new Set(['etag', 'location', 'content-type', 'preference-applied']);

interface StoredReply {
  fingerprint: string;
  status: number;
  headers: string;
  body: string | null;
}

/**
 * The key of a request, without its quotes.
 * @throws AppError malformed `idempotency.key-missing` or `idempotency.key-malformed`
 */
export function readIdempotencyKey(value: string | string[] | undefined): string {
  if (value === undefined) throw keyProblem('idempotency.key-missing', 'This request needs the header Idempotency-Key.');
  const text = Array.isArray(value) ? '' : value.trim();
  const key = text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  if (/^[\x20-\x7e]{16,255}$/.test(key)) return key;
  throw keyProblem('idempotency.key-malformed', 'The header Idempotency-Key takes 16 to 255 printable ASCII characters.');
}

/** @param type media type of the body, without parameters */
export function fingerprintOf(method: string, path: string, type: string, body: Buffer): string {
  return createHash('sha256').update(JSON.stringify([method, path, type])).update('\n').update(body).digest('base64url');
}

/**
 * Runs an effect at most once per key, in one transaction together with the stored answer: the effect gets that transaction's context. A
 * repetition gets the stored answer byte for byte with `Idempotency-Replayed: true`. What the effect throws rolls everything back and is not
 * stored, so the same key may be tried again.
 * @throws AppError conflict `idempotency.in-progress` (409) while the first request runs; invalid `idempotency.key-reused` (422)
 */
export async function runIdempotent(
  database: Database, context: RequestContext, request: IdempotentRequest, effect: (tx: TxContext) => Promise<Reply>,
): Promise<Reply> {
  const scope = scopeOf(request);
  const here = runningIn(database);
  // A storm of repetitions is answered without taking a connection each; the lock below holds between processes.
  if (here.has(scope)) throw inProgress();
  here.add(scope);
  try {
    return await database.transaction(context, (tx) => runOnce(tx, request, effect));
  } finally {
    here.delete(scope);
  }
}

async function runOnce(tx: TxContext, request: IdempotentRequest, effect: (tx: TxContext) => Promise<Reply>): Promise<Reply> {
  await lockKey(tx, request);
  const stored = await findReply(tx, request);
  if (stored) return replay(stored, request);
  const reply = await effect(tx);
  const text = bodyTextOf(reply);
  await storeReply(tx, request, reply, text);
  // The first answer is sent from the same text as every repetition.
  return text === undefined ? reply : new Reply(reply.status, new RawJson(text), reply.headers);
}

const running = new WeakMap<Database, Set<string>>();

/** The keys whose first request runs in this process. */
function runningIn(database: Database): Set<string> {
  const scopes = running.get(database) ?? new Set<string>();
  running.set(database, scopes);
  return scopes;
}

const scopeOf = ({ client, route, key }: IdempotentRequest): string => JSON.stringify([client, route, key]);

const inProgress = (): AppError =>
  new AppError('conflict', 'idempotency.in-progress', 'The first request with this key is still running.', { retryAfterSeconds: 1 });

/** Deletes answers older than 24 h, at most `rowsMax` at a time; returns how many. */
export async function deleteExpiredKeys(database: Database, now: number, rowsMax = 1_000): Promise<number> {
  const rows = await database.query(
    `DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM idempotency_key WHERE stored_at <= to_timestamp($1 / 1000.0) LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1`,
    [now - idempotencyTtlMs, rowsMax],
  );
  return rows.length;
}

/** Nobody waits for a key: a second request learns at once that the first is running. The lock ends with the transaction. */
async function lockKey(tx: TxContext, request: IdempotentRequest): Promise<void> {
  const [row] = await tx.tx.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7)) AS locked', [scopeOf(request)]);
  if (!row?.locked) throw inProgress();
}

/** The stored answer, unless it has expired; an expired one is deleted, so that the key is free again. */
async function findReply(tx: TxContext, { client, route, key, now }: IdempotentRequest): Promise<StoredReply | undefined> {
  const [row] = await tx.tx.named<StoredReply & { expired: boolean }>('idempotency-find', `
    SELECT fingerprint, status, headers, body, stored_at <= to_timestamp($4 / 1000.0) AS expired
    FROM idempotency_key WHERE client_id = $1 AND route = $2 AND key = $3`, [client, route, key, now - idempotencyTtlMs]);
  if (!row?.expired) return row;
  await tx.tx.query('DELETE FROM idempotency_key WHERE client_id = $1 AND route = $2 AND key = $3', [client, route, key]);
  return undefined;
}

function replay(stored: StoredReply, request: IdempotentRequest): Reply {
  if (stored.fingerprint !== request.fingerprint) {
    const problem = { pointer: `#/header/${header}`, code: 'idempotency.key-reused', detail: 'Use a new key for a new request.' };
    throw new AppError('invalid', 'idempotency.key-reused', 'This key has been used with another request.', { errors: [problem] });
  }
  const headers = JSON.parse(stored.headers) as Record<string, string>;
  const body = stored.body === null ? undefined : new RawJson(stored.body);
  return new Reply(stored.status, body, { ...headers, 'Idempotency-Replayed': 'true' });
}

async function storeReply(tx: TxContext, request: IdempotentRequest, reply: Reply, text: string | undefined): Promise<void> {
  const headers = Object.entries(reply.headers).filter(([name]) => replayedHeaders.has(name.toLowerCase()));
  await tx.tx.named('idempotency-store', `
    INSERT INTO idempotency_key (client_id, route, key, fingerprint, status, headers, body, stored_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8 / 1000.0))`,
  [request.client, request.route, request.key, request.fingerprint, reply.status, JSON.stringify(Object.fromEntries(headers)),
    text ?? null, request.now]);
}

const keyProblem = (code: string, message: string): AppError =>
  malformed(code, message, [{ pointer: `#/header/${header}`, code, detail: message }]);
