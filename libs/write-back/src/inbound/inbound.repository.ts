import { uuidv7, type Queryable } from '@datum/platform';

export interface InboundKey { system: string; recordType: string; key: string; token: string | null }

/** Notes which version of an ERP record was applied last, and when (machine time): a page that was fetched before must not undo it. */
export async function noteApplied(queryable: Queryable, { system, recordType, key, token }: InboundKey): Promise<void> {
  await queryable.query(
    `INSERT INTO inbound_seen (system, record_type, key, token, applied_at) VALUES ($1, $2, $3, $4, clock_timestamp())
     ON CONFLICT (system, record_type, key) DO UPDATE SET token = excluded.token, applied_at = excluded.applied_at`,
    [system, recordType, key, token],
  );
}

export interface SeenRow { key: string; token: string | null; isNewer: boolean }

/** What was applied of these keys; `isNewer`: after the page was fetched. Rows are locked against the write-back of the same records. */
export async function lockSeen(queryable: Queryable, system: string, recordType: string, keys: readonly string[], fetchedAt: string): Promise<Map<string, SeenRow>> {
  // New keys get a row first: otherwise two transactions could wait for each other's.
  await queryable.query(
    `INSERT INTO inbound_seen (system, record_type, key, applied_at) SELECT $1, $2, key, '-infinity' FROM unnest($3::text[]) AS k(key) ORDER BY key ON CONFLICT DO NOTHING`,
    [system, recordType, keys],
  );
  const rows = await queryable.query<SeenRow>(
    `SELECT key, token, applied_at > $4::timestamptz AS "isNewer" FROM inbound_seen
     WHERE system = $1 AND record_type = $2 AND key = ANY($3) ORDER BY key FOR UPDATE`,
    [system, recordType, keys, fetchedAt],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

/** The database's clock, as text with all its digits. */
export async function databaseNow(queryable: Queryable): Promise<string> {
  const [row] = await queryable.query<{ now: string }>(`SELECT clock_timestamp()::text AS now`);
  return row!.now;
}

export interface PullClaim { watermark: string | null; fence: string; reconcile: boolean }

/** Takes the pull of one record type, if it is due and nobody else's. */
export async function claimPull(
  queryable: Queryable, system: string, recordType: string, { leaseMs, reconcileEveryMs }: { leaseMs: number; reconcileEveryMs: number },
): Promise<PullClaim | undefined> {
  const [row] = await queryable.query<PullClaim>(
    `INSERT INTO inbound_cursor AS c (system, record_type, fence, leased_until) VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms')
     ON CONFLICT (system, record_type) DO UPDATE SET fence = c.fence + 1, leased_until = excluded.leased_until
       WHERE c.due_at <= clock_timestamp() AND (c.leased_until IS NULL OR c.leased_until <= clock_timestamp())
     RETURNING watermark, fence::text AS fence, coalesce(reconciled_at < clock_timestamp() - $4 * interval '1 ms', true) AS reconcile`,
    [system, recordType, leaseMs, reconcileEveryMs],
  );
  return row;
}

export interface PullStep {
  watermark?: string;
  /** Gives the lease back and is due again then; absent: the pull goes on. */
  dueInMs?: number;
  leaseMs: number;
  /** Counts as compared with all keys, so many milliseconds ago. */
  reconciledAgoMs?: number | undefined;
}

/** Moves the watermark and the lease. False when somebody else has taken the pull over. */
export async function stepPull(queryable: Queryable, system: string, recordType: string, fence: string, step: PullStep): Promise<boolean> {
  const rows = await queryable.query(
    `UPDATE inbound_cursor SET watermark = coalesce($4, watermark), pulled_at = clock_timestamp(),
       leased_until = CASE WHEN $5::float8 IS NULL THEN clock_timestamp() + $6 * interval '1 ms' END,
       due_at = CASE WHEN $5::float8 IS NULL THEN due_at ELSE clock_timestamp() + $5 * interval '1 ms' END,
       reconciled_at = coalesce(clock_timestamp() - $7::float8 * interval '1 ms', reconciled_at)
     WHERE system = $1 AND record_type = $2 AND fence = $3 RETURNING 1`,
    [system, recordType, fence, step.watermark ?? null, step.dueInMs ?? null, step.leaseMs, step.reconciledAgoMs ?? null],
  );
  return rows.length > 0;
}

/** Makes a pull due at once. */
export async function wakePull(queryable: Queryable, system: string, recordType: string): Promise<void> {
  await queryable.query(`UPDATE inbound_cursor SET due_at = clock_timestamp() WHERE system = $1 AND record_type = $2`, [system, recordType]);
}

export interface InboundRefusal {
  id: string;
  system: string;
  recordType: string;
  key: string;
  token: string | null;
  raw: Record<string, unknown>;
  problem: Record<string, unknown>;
  occurrences: number;
  firstAt: string;
  lastAt: string;
  clearedAt: string | null;
}

/** Keeps what was refused, with its raw values; the same record again raises the count. */
export async function keepRefusal(queryable: Queryable, refusal: InboundKey & { raw: object; problem: object }): Promise<void> {
  await queryable.query(
    `INSERT INTO inbound_refusal (id, system, record_type, key, token, raw, problem) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (system, record_type, key) WHERE cleared_at IS NULL
     DO UPDATE SET token = excluded.token, raw = excluded.raw, problem = excluded.problem, occurrences = inbound_refusal.occurrences + 1, last_at = clock_timestamp()`,
    [uuidv7(), refusal.system, refusal.recordType, refusal.key, refusal.token, storable(refusal.raw), storable(refusal.problem)],
  );
}

/** JSON that `jsonb` takes: it has no NUL and no half of a surrogate pair. */
const storable = (value: object): string =>
  JSON.stringify(value, (_name, each: unknown) => (typeof each === 'string' ? each.replace(/\0|\p{Surrogate}/gu, '\uFFFD') : each));

export async function clearRefusals(queryable: Queryable, system: string, recordType: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await queryable.query(
    `UPDATE inbound_refusal SET cleared_at = clock_timestamp() WHERE system = $1 AND record_type = $2 AND key = ANY($3) AND cleared_at IS NULL`,
    [system, recordType, keys],
  );
}

export interface RefusalQuery { systems?: readonly string[]; recordTypes?: readonly string[]; keys?: readonly string[]; beforeId?: string; limit: number }

/** Open refusals, newest first. */
export async function listRefusals(queryable: Queryable, query: RefusalQuery): Promise<InboundRefusal[]> {
  return queryable.query<InboundRefusal>(
    `SELECT id, system, record_type AS "recordType", key, token, raw, problem, occurrences, first_at AS "firstAt", last_at AS "lastAt", cleared_at AS "clearedAt"
     FROM inbound_refusal WHERE cleared_at IS NULL AND ($1::text[] IS NULL OR system = ANY($1)) AND ($2::text[] IS NULL OR record_type = ANY($2))
       AND ($3::text[] IS NULL OR key = ANY($3)) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`,
    [query.systems ?? null, query.recordTypes ?? null, query.keys ?? null, query.beforeId ?? null, query.limit],
  );
}

export interface KnownKey { code: string; recordId: string; keyId: string; status: string }

/** The records behind a system's codes, retired codes included: a code that comes back means the record it always meant. */
export async function knownKeys(queryable: Queryable, system: string, recordType: string, codes: readonly string[]): Promise<KnownKey[]> {
  return queryable.query(
    `SELECT code, record_id AS "recordId", id AS "keyId", status FROM local_key WHERE system = $1 AND record_type = $2 AND code = ANY($3) ORDER BY status, id`,
    [system, recordType, codes],
  );
}

/** Those of the codes under which a write request has perhaps made a record there that is not confirmed yet. */
export async function codesBeingMade(queryable: Queryable, system: string, recordType: string, codes: readonly string[]): Promise<Set<string>> {
  const rows = await queryable.query<{ code: string }>(
    `SELECT local_key AS code FROM write_request
     WHERE op = 'create' AND target_system = $1 AND record_type = $2 AND local_key = ANY($3) AND token_sent IS NOT NULL AND state IN ('dispatched', 'unknown', 'needs-review')`,
    [system, recordType, codes]);
  return new Set(rows.map(({ code }) => code));
}

/** Keys of open refusals of single records, first those that were not looked at for longest. With a replaced character they are not the ERP's keys. */
export async function refusedKeys(queryable: Queryable, system: string, recordType: string, limit: number): Promise<string[]> {
  const rows = await queryable.query<{ key: string }>(
    `SELECT key FROM inbound_refusal WHERE system = $1 AND record_type = $2 AND cleared_at IS NULL AND key <> '*' AND strpos(key, U&'\\FFFD') = 0 ORDER BY last_at LIMIT $3`, [system, recordType, limit]);
  return rows.map(({ key }) => key);
}

/** Active local keys of a system for one record type, with the id of the local-key record. */
export async function activeKeys(queryable: Queryable, system: string, recordType: string): Promise<{ id: string; code: string }[]> {
  return queryable.query(`SELECT id, code FROM local_key WHERE system = $1 AND record_type = $2 AND status = 'active'`, [system, recordType]);
}
