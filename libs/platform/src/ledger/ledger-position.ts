import type { Queryable } from '../database/database.js';
import { AppError, malformed } from '../errors/app-error.js';
import { isBefore, type Position } from './ledger-row.js';
import { ledgerLocks } from './ledger-locks.js';

/** Where the stored ledger begins and ends just now. */
export interface LedgerBounds {
  epoch: number;
  /** The last position whose rows may be gone, or tick 0. */
  oldest: Position;
  newest: Position;
}

interface RawBounds { epoch: number; oldTick: string | null; oldEpoch: number; oldId: string; newTick: string; newEpoch: number; newId: string }
interface RawTick { tick: string; epoch: number; lastId: string }

const boundsSql = `
  SELECT coalesce((SELECT max(epoch) FROM ledger_epoch), 1) AS epoch, o.tick AS "oldTick", o.epoch AS "oldEpoch", o.last_id AS "oldId",
         n.tick AS "newTick", n.epoch AS "newEpoch", n.last_id AS "newId"
  FROM (SELECT 1) one
  LEFT JOIN LATERAL (SELECT tick, epoch, last_id FROM ledger_tick ORDER BY tick LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT tick, epoch, last_id FROM ledger_tick ORDER BY tick DESC LIMIT 1) n ON true`;

const beginning = (): Position => ({ epoch: 1, tick: 0, id: 0 });

/**
 * Reads the ends of the ledger. Retention drops whole partitions and then deletes the ticks before the last one whose rows are gone; that tick
 * stays, because its snapshot is where the next one begins. So unless the oldest tick is number 1, its own rows count as gone.
 */
export async function ledgerBounds(queryable: Queryable): Promise<LedgerBounds> {
  const [raw] = await queryable.query<RawBounds>(boundsSql);
  const { epoch, oldTick, oldEpoch, oldId, newTick, newEpoch, newId } = raw!;
  if (oldTick === null) return { epoch, oldest: beginning(), newest: beginning() };
  const whole = Number(oldTick) === 1;
  return {
    epoch,
    oldest: whole ? beginning() : { epoch: oldEpoch, tick: Number(oldTick), id: Number(oldId) },
    newest: { epoch: newEpoch, tick: Number(newTick), id: Number(newId) },
  };
}

/** The end of the ledger: what becomes visible from now on lies after it. */
export const currentPosition = async (queryable: Queryable): Promise<Position> => (await ledgerBounds(queryable)).newest;

/** The earliest position that can still be read from. */
export const earliestPosition = async (queryable: Queryable): Promise<Position> => (await ledgerBounds(queryable)).oldest;

/**
 * What was known at an instant of machine time: the last tick closed at or before it. Asking again gives the same answer: a tick that has taken
 * its closing time but not yet committed is waited for. The instant should not lie in the future.
 */
export async function positionAt(queryable: Queryable, instant: string): Promise<Position> {
  // Ticks close one after the other, so one that closed later settles the matter. Otherwise one might just be closing.
  const [later] = await queryable.query('SELECT 1 FROM ledger_tick WHERE closed_at > $1 LIMIT 1', [instant]);
  if (!later) {
    await queryable.query(`SELECT pg_advisory_lock_shared(${ledgerLocks.closing}), pg_advisory_unlock_shared(${ledgerLocks.closing})`);
  }
  const [tick] = await queryable.query<RawTick>(
    'SELECT tick, epoch, last_id AS "lastId" FROM ledger_tick WHERE closed_at <= $1 ORDER BY closed_at DESC, tick DESC LIMIT 1',
    [instant],
  );
  return tick ? { epoch: tick.epoch, tick: Number(tick.tick), id: Number(tick.lastId) } : beginning();
}

/** The error for a position older than what is kept: the reader must start anew from a full read. */
export const positionExpired = (): AppError =>
  new AppError('gone', 'cursor.expired', 'The cursor is older than the changes that are kept. Read the records anew, then follow from there.');

/**
 * Makes a position comparable with this database's. One that was taken beyond the end that an earlier epoch has here (the database was restored
 * from a backup older than it) goes back to that end: what follows may repeat, and nothing is missed.
 * @throws AppError `cursor.expired` when rows after it are gone, `cursor.invalid` when no such place exists.
 */
export async function resolvePosition(queryable: Queryable, bounds: LedgerBounds, position: Position): Promise<Position> {
  let resolved = position;
  if (position.epoch > bounds.epoch || position.epoch < 1) throw positionInvalid();
  if (position.epoch < bounds.epoch) {
    const [next] = await queryable.query<{ firstTick: string }>(
      'SELECT first_tick AS "firstTick" FROM ledger_epoch WHERE epoch = $1',
      [position.epoch + 1],
    );
    const lastTick = Number(next?.firstTick ?? 1) - 1;
    if (position.tick > lastTick) resolved = { epoch: position.epoch, tick: lastTick, id: Number.MAX_SAFE_INTEGER };
  } else if (position.tick > bounds.newest.tick) throw positionInvalid();
  if (isBefore(resolved, bounds.oldest)) throw positionExpired();
  return resolved;
}

const positionInvalid = (): AppError => malformed('cursor.invalid', 'The cursor does not belong to this ledger.');
