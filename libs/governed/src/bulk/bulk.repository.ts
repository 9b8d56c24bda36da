import type { Queryable } from '@datum/platform';
import type { BulkChunk, BulkCounts, BulkImport } from './bulk-import.js';
import type { LineChunk } from './ndjson-lines.js';

const columns = `b.id, b.record_type AS "recordType", b.participant_id AS "participantId", b.client_id AS "clientId", b.system_code AS "systemCode",
  b.scopes, b.sites, b.request_id AS "requestId", b.correlation_id AS "correlationId", b.row_count AS "rowCount", b.next_chunk AS "nextChunk", b.fence`;

export type NewBulkImport = Omit<BulkImport, 'nextChunk' | 'fence'> & { requestKey: string; bodyHash: string };
export interface KnownUpload { id: string; bodyHash: string; rowCount: number }
interface KeyScope { clientId: string; recordType: string; requestKey: string }

export async function insertChunk(queryable: Queryable, importId: string, seq: number, chunk: LineChunk): Promise<void> {
  await queryable.query(
    'INSERT INTO bulk_chunk (import_id, seq, first_row, row_count, rows) VALUES ($1, $2, $3, $4, $5)',
    [importId, seq, chunk.firstRow, chunk.rowCount, chunk.rows],
  );
}

export async function deleteChunks(queryable: Queryable, importId: string): Promise<void> {
  await queryable.query('DELETE FROM bulk_chunk WHERE import_id = $1', [importId]);
}

/** The upload that the key stands for, within the 24 hours that keys are kept. */
export async function findByKey(queryable: Queryable, { clientId, recordType, requestKey }: KeyScope): Promise<KnownUpload | undefined> {
  const [row] = await queryable.query<KnownUpload>(
    `SELECT id, body_hash AS "bodyHash", row_count AS "rowCount" FROM bulk_import
     WHERE client_id = $1 AND record_type = $2 AND request_key = $3 AND accepted_at > clock_timestamp() - interval '24 hours'`,
    [clientId, recordType, requestKey],
  );
  return row;
}

/** False when the key belongs to another upload already. A key older than 24 hours is free again. */
export async function insertImport(queryable: Queryable, row: NewBulkImport): Promise<boolean> {
  await queryable.query(
    `UPDATE bulk_import SET request_key = NULL WHERE client_id = $1 AND record_type = $2 AND request_key = $3
     AND accepted_at <= clock_timestamp() - interval '24 hours'`,
    [row.clientId, row.recordType, row.requestKey],
  );
  const inserted = await queryable.query(
    `INSERT INTO bulk_import (id, state, record_type, participant_id, client_id, system_code, scopes, sites, request_id, correlation_id,
       request_key, body_hash, row_count)
     VALUES ($1, 'queued', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING 1`,
    [row.id, row.recordType, row.participantId, row.clientId, row.systemCode, row.scopes, row.sites, row.requestId, row.correlationId,
      row.requestKey, row.bodyHash, row.rowCount],
  );
  return inserted.length > 0;
}

/**
 * Takes the import that waited longest and gives its holder a new fencing number. Imports of one client are worked off in the order in which they were
 * accepted, never beside each other: later rows may refer to earlier ones.
 */
export async function claimImport(queryable: Queryable, leaseMs: number): Promise<BulkImport | undefined> {
  const [row] = await queryable.query<BulkImport>(
    `UPDATE bulk_import b SET state = 'running', fence = b.fence + 1, worked_at = clock_timestamp(),
            leased_until = clock_timestamp() + $1 * interval '1 ms'
     WHERE b.id = (
       SELECT c.id FROM bulk_import c
       WHERE c.state IN ('queued', 'running') AND (c.leased_until IS NULL OR c.leased_until < clock_timestamp())
         AND NOT EXISTS (SELECT 1 FROM bulk_import e WHERE e.client_id = c.client_id AND e.state IN ('queued', 'running') AND e.sequence < c.sequence)
       ORDER BY c.worked_at NULLS FIRST, c.sequence LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING ${columns}`,
    [leaseMs],
  );
  return row;
}

/** Locks the import for one chunk. Undefined when another worker has taken over, or when it was cancelled. */
export async function holdImport(queryable: Queryable, { id, fence }: BulkImport, leaseMs: number): Promise<{ nextChunk: number } | undefined> {
  const [row] = await queryable.query<{ nextChunk: number }>(
    `UPDATE bulk_import SET leased_until = clock_timestamp() + $3 * interval '1 ms'
     WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING next_chunk AS "nextChunk"`,
    [id, fence, leaseMs],
  );
  return row;
}

export async function releaseImport(queryable: Queryable, { id, fence }: BulkImport): Promise<void> {
  await queryable.query('UPDATE bulk_import SET leased_until = NULL WHERE id = $1 AND fence = $2', [id, fence]);
}

/** How often its chunk failed for no reason of its rows, this time included. */
export async function countFailure(queryable: Queryable, { id, fence }: BulkImport): Promise<number> {
  const [row] = await queryable.query<{ failures: number }>(
    'UPDATE bulk_import SET failures = failures + 1 WHERE id = $1 AND fence = $2 RETURNING failures', [id, fence]);
  return row?.failures ?? 0;
}

export async function chunkAt(queryable: Queryable, importId: string, seq: number): Promise<BulkChunk | undefined> {
  const [row] = await queryable.query<BulkChunk>(
    `SELECT seq, first_row AS "firstRow", row_count AS "rowCount", rows FROM bulk_chunk WHERE import_id = $1 AND seq = $2`, [importId, seq]);
  return row;
}

export interface Progress extends BulkCounts { rowsDone: number; rowsTotal: number }

/** The chunk's results, and how far the import is now. The rows themselves are no longer needed. */
export async function saveChunk(
  queryable: Queryable, importId: string, chunk: BulkChunk, outcome: { results: string; counts: BulkCounts },
): Promise<Progress> {
  const { created, updated, unchanged, refused } = outcome.counts;
  await queryable.query('UPDATE bulk_chunk SET rows = NULL, results = $3 WHERE import_id = $1 AND seq = $2', [importId, chunk.seq, outcome.results]);
  const [row] = await queryable.query<Progress>(
    `UPDATE bulk_import SET next_chunk = $2, rows_done = rows_done + $3, created = created + $4, updated = updated + $5,
            unchanged = unchanged + $6, refused = refused + $7, failures = 0
     WHERE id = $1 RETURNING rows_done AS "rowsDone", row_count AS "rowsTotal", created, updated, unchanged, refused`,
    [importId, chunk.seq + 1, chunk.rowCount, created, updated, unchanged, refused],
  );
  return row!;
}

export type EndState = 'succeeded' | 'failed' | 'cancelled';

/** Ends an open import and drops the rows that were not worked off. Undefined when it had ended before. */
export async function endImport(queryable: Queryable, id: string, state: EndState): Promise<Progress | undefined> {
  const [row] = await queryable.query<Progress>(
    `UPDATE bulk_import SET state = $2, ended_at = clock_timestamp(), leased_until = NULL WHERE id = $1 AND state IN ('queued', 'running')
     RETURNING rows_done AS "rowsDone", row_count AS "rowsTotal", created, updated, unchanged, refused`,
    [id, state],
  );
  if (row) await queryable.query('DELETE FROM bulk_chunk WHERE import_id = $1 AND results IS NULL', [id]);
  return row;
}

export async function isBulkImport(queryable: Queryable, id: string): Promise<boolean> {
  return (await queryable.query('SELECT 1 FROM bulk_import WHERE id = $1', [id])).length > 0;
}

/** The results of the next worked-off chunk behind `afterSeq`. */
export async function resultsAfter(queryable: Queryable, importId: string, afterSeq: number): Promise<{ seq: number; results: string } | undefined> {
  const [row] = await queryable.query<{ seq: number; results: string }>(
    'SELECT seq, results FROM bulk_chunk WHERE import_id = $1 AND seq > $2 AND results IS NOT NULL ORDER BY seq LIMIT 1', [importId, afterSeq]);
  return row;
}

/** Deletes what broken uploads left (after an hour) and results that were kept for 30 days. Returns how many chunks went. */
export async function sweepChunks(queryable: Queryable, rowsMax = 1_000): Promise<number> {
  const rows = await queryable.query(
    `DELETE FROM bulk_chunk WHERE ctid = ANY (ARRAY(
       SELECT c.ctid FROM bulk_chunk c LEFT JOIN bulk_import b ON b.id = c.import_id
       WHERE c.spooled_at < clock_timestamp() - interval '1 hour' AND (b.id IS NULL OR b.ended_at < clock_timestamp() - interval '30 days')
       LIMIT $1)) RETURNING 1`,
    [rowsMax],
  );
  return rows.length;
}
