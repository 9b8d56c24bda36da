import type { Queryable } from '@datum/platform';
import type { Operation, OperationError, OperationStatus } from './operation.js';

const columns = `id, kind, status, progress, result, error, participant_id AS "participantId", client_id AS "clientId", site,
  correlation_id AS "correlationId", created_at AS "createdAt", updated_at AS "updatedAt"`;

export type NewOperation = Omit<Operation, 'createdAt' | 'updatedAt' | 'progress' | 'result' | 'error'>;

export async function insertOperation(queryable: Queryable, operation: NewOperation): Promise<Operation> {
  const [row] = await queryable.query<Operation>(
    `INSERT INTO operation (id, kind, status, participant_id, client_id, site, correlation_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`,
    [operation.id, operation.kind, operation.status, operation.participantId, operation.clientId, operation.site, operation.correlationId],
  );
  return row!;
}

export interface OperationProgress {
  status?: OperationStatus;
  progress?: Record<string, unknown>;
  result?: Record<string, unknown>;
  /** Null clears what an earlier step left. */
  error?: OperationError | null;
}

/** Absent members stay as they are. */
export async function updateOperation(queryable: Queryable, id: string, { status, progress, result, error }: OperationProgress): Promise<void> {
  await queryable.query(
    `UPDATE operation SET status = coalesce($2, status), progress = coalesce($3::jsonb, progress), result = coalesce($4::jsonb, result),
       error = CASE WHEN $5 THEN $6::jsonb ELSE error END, updated_at = clock_timestamp() WHERE id = $1`,
    [id, status ?? null, jsonOrNull(progress), jsonOrNull(result), error !== undefined, jsonOrNull(error)],
  );
}

const jsonOrNull = (value: object | null | undefined): string | null => (value === undefined || value === null ? null : JSON.stringify(value));

export async function findOperation(queryable: Queryable, id: string): Promise<Operation | undefined> {
  const [row] = await queryable.query<Operation>(`SELECT ${columns} FROM operation WHERE id = $1`, [id]);
  return row;
}

export interface OperationQuery {
  /** Undefined: of every participant. */
  participantId?: string;
  statuses?: readonly string[];
  kinds?: readonly string[];
  beforeId?: string;
  limit: number;
}

/** Newest first: ids rise with time. */
export async function listOperations(queryable: Queryable, query: OperationQuery): Promise<Operation[]> {
  return queryable.query<Operation>(
    `SELECT ${columns} FROM operation
     WHERE ($1::uuid IS NULL OR participant_id = $1) AND ($2::text[] IS NULL OR status = ANY($2)) AND ($3::text[] IS NULL OR kind = ANY($3))
       AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`,
    [query.participantId ?? null, query.statuses ?? null, query.kinds ?? null, query.beforeId ?? null, query.limit],
  );
}
