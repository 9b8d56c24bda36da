import type { Queryable } from '../database/database.js';
import { ledgerColumns, toLedgerFact, type LedgerFact, type Position, type RawLedgerRow } from './ledger-row.js';

/** A row of one record's history. */
export interface HistoryRow extends LedgerFact {
  /** The tick that holds the row, and when it closed: from then on it was known. Null while no tick has closed over it. */
  tick: number | null;
  knownAt: string | null;
}

// The first tick whose xmax is above the row's xid is the first that can hold it; with no long transaction in between it does.
const historySql = `
  SELECT ${ledgerColumns}, t.tick, t.closed_at AS "knownAt"
  FROM ledger l
  LEFT JOIN LATERAL (
    SELECT tick, closed_at FROM ledger_tick
    WHERE rows_epoch = l.epoch AND pg_snapshot_xmax(snapshot) > l.xid AND pg_visible_in_snapshot(l.xid, snapshot)
    ORDER BY pg_snapshot_xmax(snapshot), tick LIMIT 1
  ) t ON true
  WHERE l.record_id = $1`;

type RawHistoryRow = RawLedgerRow & { tick: string | null; knownAt: string | null };

interface HistoryRequest {
  recordId: string;
  /** See `positionAt`: only what was visible at the close of that tick. */
  knownAt?: Position;
}

/** A stretch of a history: the rows behind a version, at most so many of them, with or without decisions. */
interface HistoryRange { afterVersion?: number; limit?: number; withDecisions?: boolean }

const knownSql = (parameter: string): string => `
  AND (EXISTS (SELECT 1 FROM ledger_tick k WHERE k.tick = ${parameter} AND (l.epoch < k.rows_epoch
       OR (l.epoch = k.rows_epoch AND pg_visible_in_snapshot(l.xid, k.snapshot)))))`;
const byVersion = ' ORDER BY l.version, l.epoch, l.id';

/**
 * The rows of one record, by version, over all epochs. With `knownAt` (see `positionAt`) only those that were visible at the close of that tick;
 * without, all that are committed, ticked or not, so that a writer finds its own write.
 */
export async function recordHistory(queryable: Queryable, request: HistoryRequest & HistoryRange): Promise<HistoryRow[]> {
  const { recordId, knownAt, afterVersion = 0, limit = null, withDecisions = true } = request;
  const raw = await queryable.query<RawHistoryRow>(
    `${historySql} AND l.version > $2${withDecisions ? '' : ` AND l.op <> 'decision'`}${knownAt ? knownSql('$4') : ''}${byVersion} LIMIT $3::int`,
    [recordId, afterVersion, limit, ...(knownAt ? [knownAt.tick] : [])],
  );
  return raw.map((row) => ({ ...row, ...toLedgerFact(row), tick: row.tick === null ? null : Number(row.tick), knownAt: row.knownAt }));
}

/** What the changes of one record set, and from when, by version; `changes` as JSON text. A long history is read without its images. */
export async function recordChanges(queryable: Queryable, { recordId, knownAt }: HistoryRequest): Promise<Pick<LedgerFact, 'version' | 'validFrom' | 'changes'>[]> {
  return queryable.query(
    `SELECT l.version, l.valid_from AS "validFrom", l.changes FROM ledger l
     WHERE l.record_id = $1 AND l.op <> 'decision'${knownAt ? knownSql('$2') : ''}${byVersion}`,
    [recordId, ...(knownAt ? [knownAt.tick] : [])],
  );
}
