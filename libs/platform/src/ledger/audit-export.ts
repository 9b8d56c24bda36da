import type { Database, Queryable } from '../database/database.js';
import { Transaction } from '../database/database.js';
import type { AuditLine } from './audit-lines.js';
import { blocksAfter, sealingKeys } from './block-store.js';
import { ledgerBounds, type LedgerBounds } from './ledger-position.js';
import { ledgerPages } from './ledger-reader.js';
import { isBefore, ledgerColumns, toLedgerFact, type LedgerRow, type Position, type RawLedgerRow } from './ledger-row.js';
import { emptySnapshotText } from './ledger-snapshot.js';

/** A record as it stands now. `after` in the form that its last ledger row holds. */
export interface CurrentRecord { id: string; version: number; after: Record<string, unknown> }

/** Gives the current records of one type, by id, page by page. */
export interface CurrentRecordProvider {
  recordType: string;
  /** The next records after `afterId` (the first ones for null), by id. Reads through `queryable`, which is one snapshot of the database. */
  fetchCurrent(queryable: Queryable, afterId: string | null, limit: number): Promise<CurrentRecord[]>;
}

const pageRows = 1_000;

/**
 * Streams the audit export, a line of NDJSON at a time, newline included: header, each block before its rows, the rows not sealed yet, the current
 * records, trailer. All of it is one snapshot of the database, held for as long as the caller takes to read it.
 */
export async function* auditExport(database: Database, providers: readonly CurrentRecordProvider[]): AsyncGenerator<string> {
  const client = await database.connect();
  // The reader of the stream sees a lost connection as a failed query; the event itself needs an ear, or it ends the process.
  const onError = (): void => undefined;
  client.on('error', onError);
  let finished = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // A slow reader is no idle transaction.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    for await (const line of auditLines(new Transaction(client), providers)) yield `${JSON.stringify(line)}\n`;
    await client.query('COMMIT');
    finished = true;
  } finally {
    client.off('error', onError);
    client.release(!finished);
  }
}

async function* auditLines(tx: Queryable, providers: readonly CurrentRecordProvider[]): AsyncGenerator<AuditLine> {
  const bounds = await ledgerBounds(tx);
  yield {
    kind: 'header',
    format: 'datum-audit-1',
    createdAt: new Date().toISOString(),
    epoch: bounds.epoch,
    publicKeys: await sealingKeys(tx),
    currentTypes: providers.map((provider) => provider.recordType),
    complete: bounds.oldest.tick === 0,
  };
  const counts = { rows: 0, blocks: 0, current: 0 };
  for await (const line of ledgerLines(tx, bounds)) {
    if (line.kind === 'row') counts.rows += 1;
    if (line.kind === 'block') counts.blocks += 1;
    yield line;
  }
  for (const provider of providers) {
    for await (const record of currentRecords(tx, provider)) {
      counts.current += 1;
      yield { kind: 'current', recordType: provider.recordType, ...record };
    }
  }
  yield { kind: 'trailer', ...counts };
}

async function* ledgerLines(tx: Queryable, { oldest, newest }: LedgerBounds): AsyncGenerator<AuditLine> {
  let after = oldest;
  let last = 0;
  for (let [block] = await blocksAfter(tx, last, 1); block; [block] = await blocksAfter(tx, last, 1)) {
    last = block.block;
    // The block may have been tampered with; the verifier will say so, and the export must not fail over it. Ticks are those of this snapshot, so
    // the position is one of its newest epoch.
    const end: Position = { epoch: newest.epoch, tick: block.lastTick, id: block.lastRowId };
    const upTo = isBefore(newest, end) ? newest : end;
    yield { kind: 'block', ...block };
    if (!isBefore(after, upTo)) continue;
    yield* rowLines(tx, after, upTo);
    after = upTo;
  }
  yield { kind: 'unsealed' };
  yield* rowLines(tx, after);
  yield* untickedLines(tx);
}

async function* rowLines(tx: Queryable, after: Position, upTo?: Position): AsyncGenerator<AuditLine> {
  for await (const { rows } of ledgerPages(tx, { after, upTo, limit: pageRows })) {
    for (const row of rows) yield toLine(row);
  }
}

const toLine = ({ tick, ...fact }: LedgerRow): AuditLine => ({ kind: 'row', tick, ...fact });

/** What this snapshot sees and its last tick does not. */
async function* untickedLines(tx: Queryable): AsyncGenerator<AuditLine> {
  for (let after = '0', more = true; more;) {
    const rows = await tx.query<RawLedgerRow>(
      `WITH current AS (SELECT coalesce(max(epoch), 1) AS epoch FROM ledger_epoch), last AS (
         SELECT coalesce((SELECT snapshot FROM ledger_tick WHERE rows_epoch = (SELECT epoch FROM current) ORDER BY tick DESC LIMIT 1),
                         '${emptySnapshotText}'::pg_snapshot) AS snapshot)
       SELECT ${ledgerColumns} FROM ledger l
       WHERE l.epoch = (SELECT epoch FROM current) AND l.id > $1 AND l.xid >= (SELECT pg_snapshot_xmin(snapshot) FROM last)
         AND NOT pg_visible_in_snapshot(l.xid, (SELECT snapshot FROM last))
       ORDER BY l.id LIMIT ${pageRows}`,
      [after],
    );
    for (const row of rows) yield { kind: 'row', tick: null, ...toLedgerFact(row) };
    more = rows.length === pageRows;
    after = rows.at(-1)?.id ?? after;
  }
}

async function* currentRecords(tx: Queryable, provider: CurrentRecordProvider): AsyncGenerator<CurrentRecord> {
  for (let after: string | null = null; ;) {
    const records: CurrentRecord[] = await provider.fetchCurrent(tx, after, pageRows);
    yield* records;
    if (records.length < pageRows) return;
    after = records.at(-1)!.id;
  }
}
