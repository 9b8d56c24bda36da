import type { Queryable } from '../database/database.js';
import { ledgerBounds, resolvePosition, earliestPosition } from './ledger-position.js';
import { isBefore, ledgerColumns, toLedgerFact, type LedgerRow, type Position, type RawLedgerRow } from './ledger-row.js';
import { emptySnapshotText, firstVisibleIn, parseSnapshot, type Snapshot } from './ledger-snapshot.js';

export interface LedgerRequest {
  /** Rows after this position; from the earliest kept when absent. */
  after?: Position;
  /** Rows up to and including this position; up to the last closed tick when absent. */
  upTo?: Position;
  recordTypes?: readonly string[];
  /** Rows of these sites, and of no site. */
  sites?: readonly string[];
  limit: number;
}

export interface LedgerPage {
  /** At most `limit`; it may be fewer before the end, because ticks are not split where they need not be. */
  rows: LedgerRow[];
  /** Where to go on. It moves past rows that the filter left out, so a page may be empty and the end still not be reached. */
  position: Position;
  atEnd: boolean;
}

interface Tick {
  tick: number;
  epoch: number;
  rowsEpoch: number;
  snapshot: Snapshot;
  rowCount: number;
  lastId: number;
  firstRecordedAt: string;
  lastRecordedAt: string;
}

type RawTick = Omit<Tick, 'tick' | 'snapshot' | 'lastId'> & Record<'tick' | 'snapshot' | 'lastId', string>;

interface Window { from: Snapshot; ticks: Tick[]; rowCount: number; afterId: number | null }

/** Rows looked at in one call, so that a narrow filter over a long history answers in bounded time. */
const scannedRowsMax = 50_000;
/** Rows of one statement when a filter is set: most of them may be left out. */
const filteredWindowRows = 5_000;
/** Ticks of one statement. */
const windowTicksMax = 1_000;
/** From so many rows on, a tick is paged along its ids; below, its rows are found by their transactions and sorted. */
const denseTickRows = 20_000;

/**
 * Reads the ledger in order of (tick, id): nothing is missed, whatever order transactions commit in, and the rows of one record come in the
 * order of their versions (docs: decision "readers page by tick").
 * @throws AppError `cursor.expired` (gone) or `cursor.invalid` (malformed).
 */
export async function readLedger(queryable: Queryable, request: LedgerRequest): Promise<LedgerPage> {
  const bounds = await ledgerBounds(queryable);
  let position = request.after ? await resolvePosition(queryable, bounds, request.after) : bounds.oldest;
  const end = await endOf(queryable, request, bounds);
  const rows: LedgerRow[] = [];
  for (let scanned = 0; isBefore(position, end) && rows.length * 2 < request.limit && scanned < scannedRowsMax;) {
    const limit = request.limit - rows.length;
    const window = await nextWindow(queryable, position, end, isFiltered(request) ? Math.max(limit, filteredWindowRows) : limit);
    // The end lies in the last tick there is, but behind its last row.
    if (!window) {
      position = end;
      break;
    }
    const step = await readWindow(queryable, window, { ...request, limit, upTo: end });
    for (const row of step.rows) rows.push(row);
    scanned += window.rowCount;
    position = step.position;
  }
  return { rows, position, atEnd: !isBefore(position, end) };
}

const isFiltered = (request: LedgerRequest): boolean => request.recordTypes !== undefined || request.sites !== undefined;

type Bounds = Awaited<ReturnType<typeof ledgerBounds>>;

async function endOf(queryable: Queryable, request: LedgerRequest, bounds: Bounds): Promise<Position> {
  if (!request.upTo) return bounds.newest;
  const end = await resolvePosition(queryable, bounds, request.upTo);
  return isBefore(bounds.newest, end) ? bounds.newest : end;
}

/** The next ticks whose rows together stay within `budget`: one if there is any, and all of one life of the database. */
async function nextWindow(queryable: Queryable, position: Position, end: Position, budget: number): Promise<Window | undefined> {
  const ticks = await readTicks(queryable, position.tick, end.tick, budget);
  const first = ticks.findIndex((tick) => tick.tick > position.tick || (tick.tick === position.tick && tick.lastId > position.id));
  const head = ticks[first];
  if (!head) return undefined;
  const before = ticks[first - 1];
  const window: Window = {
    from: before?.rowsEpoch === head.rowsEpoch ? before.snapshot : parseSnapshot(emptySnapshotText),
    ticks: [head],
    rowCount: head.rowCount,
    afterId: head.tick === position.tick ? position.id : null,
  };
  for (const tick of ticks.slice(first + 1)) {
    if (window.afterId !== null || tick.rowsEpoch !== head.rowsEpoch || window.rowCount + tick.rowCount > budget) break;
    window.ticks.push(tick);
    window.rowCount += tick.rowCount;
  }
  return window;
}

async function readTicks(queryable: Queryable, fromTick: number, toTick: number, budget: number): Promise<Tick[]> {
  const raw = await queryable.query<RawTick>(
    `SELECT tick, epoch, rows_epoch AS "rowsEpoch", snapshot::text AS snapshot, row_count AS "rowCount", last_id AS "lastId",
            first_recorded_at AS "firstRecordedAt", last_recorded_at AS "lastRecordedAt"
     FROM (SELECT *, sum(row_count) FILTER (WHERE tick > $1::bigint) OVER (ORDER BY tick) AS total
           FROM (SELECT * FROM ledger_tick WHERE tick BETWEEN $1::bigint - 1 AND $2 ORDER BY tick LIMIT $3) next) summed
     WHERE tick <= $1::bigint + 1 OR total <= $4 ORDER BY tick`,
    [fromTick, toTick, windowTicksMax, budget],
  );
  return raw.map((row) => ({
    ...row,
    tick: Number(row.tick),
    lastId: Number(row.lastId),
    snapshot: parseSnapshot(row.snapshot),
  }));
}

interface Step { rows: LedgerRow[]; position: Position }
type WindowRequest = LedgerRequest & { upTo: Position };

async function readWindow(queryable: Queryable, window: Window, request: WindowRequest): Promise<Step> {
  const last = window.ticks.at(-1)!;
  const found = window.ticks.length === 1
    ? await fetchOneTick(queryable, window, request)
    : await fetchTicks(queryable, window, request);
  const rows = found.filter((row) => !isBefore(request.upTo, { ...request.upTo, tick: row.tick, id: row.id })).slice(0, request.limit);
  const tail = rows.at(-1);
  // A full page goes on after its last row; otherwise everything up to the end of the window has been looked at.
  if (tail && rows.length === request.limit) return { rows, position: { epoch: epochOf(window, tail.tick), tick: tail.tick, id: tail.id } };
  const closed: Position = { epoch: last.epoch, tick: last.tick, id: last.lastId };
  return { rows, position: isBefore(request.upTo, closed) ? { ...request.upTo, epoch: last.epoch } : closed };
}

const epochOf = (window: Window, tick: number): number => window.ticks.find((candidate) => candidate.tick === tick)!.epoch;

/** Several ticks at once: every row of theirs, each given to the first tick that sees it. */
async function fetchTicks(queryable: Queryable, window: Window, request: WindowRequest): Promise<LedgerRow[]> {
  const { where, params } = windowPredicate(window, request);
  const raw = await queryable.query<RawLedgerRow>(`SELECT ${ledgerColumns} FROM ledger l WHERE ${where}`, params);
  const snapshots = window.ticks.map((tick) => tick.snapshot);
  const rows = raw.map((row) => ({ ...toLedgerFact(row), tick: window.ticks[firstVisibleIn(row.xid, snapshots)]!.tick }));
  return rows.sort((a, b) => a.tick - b.tick || a.id - b.id);
}

/** One tick, or the rest of one, up to the limit. */
async function fetchOneTick(queryable: Queryable, window: Window, request: WindowRequest): Promise<LedgerRow[]> {
  const tick = window.ticks[0]!;
  const { where, params } = windowPredicate(window, request);
  params.push(window.afterId ?? 0, tick.lastId, request.limit);
  const [afterId, lastId, limit] = [params.length - 2, params.length - 1, params.length].map((n) => `$${n}`);
  // "+ 0" keeps the planner from walking the primary key from the tick's first id when the index on xid leads to its few rows at once.
  const order = tick.rowCount > denseTickRows ? 'l.id' : 'l.id + 0';
  const raw = await queryable.query<RawLedgerRow>(
    `SELECT ${ledgerColumns} FROM ledger l WHERE ${where} AND l.id > ${afterId} AND l.id <= ${lastId} ORDER BY ${order} LIMIT ${limit}`,
    params,
  );
  return raw.map((row) => ({ ...toLedgerFact(row), tick: tick.tick }));
}

/**
 * What is visible in the window's last snapshot and not in the one before its first. The ranges on xid are exact for the index; a dense tick
 * goes without them, so that the planner follows the ids.
 */
function windowPredicate(window: Window, request: LedgerRequest): { where: string; params: unknown[] } {
  const last = window.ticks.at(-1)!;
  const { from } = window;
  const params: unknown[] = [last.rowsEpoch, from.text, last.snapshot.text];
  let where = 'l.epoch = $1 AND NOT pg_visible_in_snapshot(l.xid, $2::pg_snapshot) AND pg_visible_in_snapshot(l.xid, $3::pg_snapshot)';
  if (window.ticks.length > 1 || last.rowCount <= denseTickRows) {
    params.push(String(from.xmax), String(last.snapshot.xmax), from.inProgress);
    where += ' AND ((l.xid >= $4::xid8 AND l.xid < $5::xid8) OR l.xid = ANY ($6::xid8[]))';
  }
  // As values these bounds tell the planner which partitions to open; opening all of them would cost it more than the reading does.
  const { earliest, latest } = recordedBetween(window.ticks);
  where += ` AND l.recorded_at >= $${params.push(earliest)} AND l.recorded_at < $${params.push(latest)}`;
  if (request.recordTypes) where += ` AND l.record_type = ANY ($${params.push(request.recordTypes)}::text[])`;
  if (request.sites) where += ` AND (l.site IS NULL OR l.site = ANY ($${params.push(request.sites)}::text[]))`;
  return { where, params };
}

/** Between which instants the rows of these ticks were recorded; to the millisecond, and never too narrow. */
function recordedBetween(ticks: readonly Tick[]): { earliest: string; latest: string } {
  let earliestMs = Infinity;
  let latestMs = -Infinity;
  for (const { firstRecordedAt, lastRecordedAt } of ticks) {
    earliestMs = Math.min(earliestMs, Date.parse(firstRecordedAt));
    latestMs = Math.max(latestMs, Date.parse(lastRecordedAt));
  }
  return { earliest: new Date(earliestMs).toISOString(), latest: new Date(latestMs + 1).toISOString() };
}

/** Reads on and on, page by page, from `after` to `upTo` or to the end as it was at each page. */
export async function* ledgerPages(queryable: Queryable, request: LedgerRequest): AsyncGenerator<LedgerPage> {
  let after = request.after ?? (await earliestPosition(queryable));
  for (;;) {
    const page = await readLedger(queryable, { ...request, after });
    yield page;
    if (page.atEnd) return;
    after = page.position;
  }
}
