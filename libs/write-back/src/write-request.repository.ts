import type { Queryable } from '@datum/platform';
import type { WriteRequest } from './write-request.js';

/** Member → column; those in `json` are jsonb. */
const columns: Record<keyof WriteRequest, string> = {
  id: 'id', version: 'version', state: 'state', op: 'op', recordType: 'record_type', recordId: 'record_id', localKey: 'local_key', site: 'site',
  targetSystem: 'target_system', lane: 'lane', patch: 'patch', seen: 'seen', seenVersion: 'seen_version', reason: 'reason', requestedBy: 'requested_by',
  requestedClient: 'requested_client', requestedSystem: 'requested_system', needsApproval: 'needs_approval', approverScopes: 'approver_scopes',
  decidedBy: 'decided_by', decidedClient: 'decided_client', decidedAt: 'decided_at', decisionReason: 'decision_reason', guards: 'guards',
  valuesRead: 'values_read', valuesWritten: 'values_written', tokenSent: 'token_sent', answer: 'answer', recordVersion: 'record_version',
  attempts: 'attempts', lookUps: 'look_ups', fence: 'fence', correlationId: 'correlation_id', createdAt: 'created_at', updatedAt: 'updated_at',
};
const json = new Set<keyof WriteRequest>(['patch', 'seen', 'guards', 'valuesRead', 'valuesWritten', 'answer']);
const select = Object.entries(columns).map(([name, column]) => (name === 'fence' ? `w.fence::text AS fence` : `w.${column} AS "${name}"`)).join(', ');
const open = `('guarded', 'dispatched', 'unknown')`;

const toColumn = (name: keyof WriteRequest, value: unknown): unknown =>
  json.has(name) && value !== null && value !== undefined ? JSON.stringify(value) : (value ?? null);

export async function insertWriteRequest(queryable: Queryable, request: Partial<WriteRequest>): Promise<WriteRequest> {
  const names = Object.keys(request) as (keyof WriteRequest)[];
  const [row] = await queryable.query<WriteRequest>(
    `INSERT INTO write_request AS w (${names.map((name) => columns[name]).join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')}) RETURNING ${select}`,
    names.map((name) => toColumn(name, request[name])),
  );
  return row!;
}

/** What a step changes, besides the state: when it is due next, and whether the lease goes on. */
export interface StepChange extends Partial<Omit<WriteRequest, 'id' | 'version' | 'fence'>> {
  /** Milliseconds of machine time from now until it may be claimed. */
  dueInMs?: number;
  /** Milliseconds for which the lease goes on; absent: the lease ends. */
  leaseMs?: number;
  /** Takes the request from whoever has claimed it. */
  raiseFence?: boolean;
}

/** Changes a request, when the fence is still the one given (undefined: whoever holds it). Undefined when it is not. */
export async function updateWriteRequest(
  queryable: Queryable, id: string, fence: string | undefined, { dueInMs, leaseMs, raiseFence, ...change }: StepChange,
): Promise<WriteRequest | undefined> {
  const names = Object.keys(change) as (keyof WriteRequest)[];
  const sets = names.map((name, i) => `${columns[name]} = $${i + 6}`);
  const [row] = await queryable.query<WriteRequest>(
    `UPDATE write_request w SET version = version + 1, updated_at = clock_timestamp(), due_at = clock_timestamp() + $3 * interval '1 ms',
       leased_until = clock_timestamp() + $4 * interval '1 ms', fence = fence + $5${sets.map((set) => `, ${set}`).join('')}
     WHERE id = $1 AND ($2::bigint IS NULL OR fence = $2) RETURNING ${select}`,
    [id, fence ?? null, dueInMs ?? 0, leaseMs ?? null, raiseFence ? 1 : 0, ...names.map((name) => toColumn(name, change[name as keyof typeof change]))],
  );
  return row;
}

export async function findWriteRequest(queryable: Queryable, id: string, lock: 'FOR UPDATE' | '' = ''): Promise<WriteRequest | undefined> {
  const [row] = await queryable.query<WriteRequest>(`SELECT ${select} FROM write_request w WHERE id = $1 ${lock}`, [id]);
  return row;
}

/** In order of id. */
export const writeRequestsAfter = (queryable: Queryable, afterId: string | null, limit: number): Promise<WriteRequest[]> =>
  queryable.query<WriteRequest>(`SELECT ${select} FROM write_request w WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`, [afterId, limit]);

/** Systems that have something to do now. */
export async function dueSystems(queryable: Queryable): Promise<string[]> {
  const rows = await queryable.query<{ system: string }>(
    `SELECT DISTINCT target_system AS system FROM write_request
     WHERE state IN ${open} AND due_at <= clock_timestamp() AND (leased_until IS NULL OR leased_until <= clock_timestamp())`,
  );
  return rows.map(({ system }) => system);
}

/**
 * Takes the next heads of the system's lanes: one request per record, in the order they came, none that somebody else works on. The fence rises, so that
 * an earlier holder can write nothing more. A request that was under way when its lease ran out comes back as it was: its outcome is unknown.
 */
export async function claimHeads(queryable: Queryable, system: string, limit: number, leaseMs: number): Promise<WriteRequest[]> {
  const rows = await queryable.query<WriteRequest>(
    `UPDATE write_request w SET fence = w.fence + 1, leased_until = clock_timestamp() + $3 * interval '1 ms'
     FROM (SELECT h.id FROM write_request h
           WHERE h.state IN ${open} AND h.target_system = $1 AND h.due_at <= clock_timestamp()
             AND (h.leased_until IS NULL OR h.leased_until <= clock_timestamp())
             AND NOT EXISTS (SELECT 1 FROM write_request e WHERE e.lane = h.lane AND e.sequence < h.sequence AND e.state IN ${open})
           ORDER BY h.sequence LIMIT $2 FOR UPDATE SKIP LOCKED) head
     WHERE w.id = head.id RETURNING ${select}`,
    [system, limit, leaseMs],
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The worker's own bookkeeping of a request that has to wait. Nothing of it is the request's: no version, no ledger row. */
export interface PutOff { attempts?: number; lookUps?: number; tokenSent?: string | null; dueInMs: number }

/** Puts a claimed request off and gives the lease back. False when somebody else has taken it over. */
export async function putOff(queryable: Queryable, request: Pick<WriteRequest, 'id' | 'fence' | 'attempts' | 'lookUps' | 'tokenSent'>, change: PutOff): Promise<boolean> {
  const { attempts, lookUps, tokenSent, dueInMs } = { ...request, ...change };
  const rows = await queryable.query(
    `UPDATE write_request SET attempts = $3, look_ups = $4, token_sent = $5, due_at = clock_timestamp() + $6 * interval '1 ms', leased_until = NULL
     WHERE id = $1 AND fence = $2 RETURNING 1`,
    [request.id, request.fence, attempts, lookUps, tokenSent, dueInMs],
  );
  return rows.length > 0;
}

/** Patches of the requester's own requests for the record that came before this one and had not ended when it came. */
export async function wishesUnderWay(queryable: Queryable, { id }: Pick<WriteRequest, 'id'>): Promise<WriteRequest['patch'][]> {
  const rows = await queryable.query<{ patch: WriteRequest['patch'] }>(
    `SELECT e.patch FROM write_request w
     JOIN write_request e ON e.record_id = w.record_id AND e.sequence < w.sequence AND e.requested_by = w.requested_by
       AND (e.updated_at >= w.created_at OR e.state IN ('guarded', 'awaiting-approval', 'dispatched', 'unknown'))
     WHERE w.id = $1`,
    [id],
  );
  return rows.map(({ patch }) => patch);
}

/** Creates of one lane come one after the other, like changes of one record, whose row is locked. */
export async function lockLane(queryable: Queryable, lane: string): Promise<void> {
  await queryable.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 11))', [lane]);
}

export interface WriteRequestQuery {
  /** Undefined: of every participant. */
  requestedBy?: string;
  states?: readonly string[];
  recordTypes?: readonly string[];
  recordIds?: readonly string[];
  targetSystems?: readonly string[];
  /** Undefined: every site. Requests without a site are always among them. */
  sites?: readonly string[];
  beforeId?: string;
  limit: number;
}

/** Newest first: ids rise with time. */
export async function listWriteRequests(queryable: Queryable, query: WriteRequestQuery): Promise<WriteRequest[]> {
  return queryable.query<WriteRequest>(
    `SELECT ${select} FROM write_request w
     WHERE ($1::uuid IS NULL OR requested_by = $1) AND ($2::text[] IS NULL OR state = ANY($2)) AND ($3::text[] IS NULL OR record_type = ANY($3))
       AND ($4::text[] IS NULL OR record_id::text = ANY($4)) AND ($5::text[] IS NULL OR target_system = ANY($5))
       AND ($6::text[] IS NULL OR site IS NULL OR site = ANY($6)) AND ($7::uuid IS NULL OR id < $7)
     ORDER BY id DESC LIMIT $8`,
    [query.requestedBy ?? null, query.states ?? null, query.recordTypes ?? null, query.recordIds ?? null, query.targetSystems ?? null,
      query.sites ?? null, query.beforeId ?? null, query.limit],
  );
}
