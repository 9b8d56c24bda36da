import type { Queryable } from '../database/database.js';
import { emptySnapshotText } from './ledger-snapshot.js';
import { ledgerLocks, tickChannel } from './ledger-locks.js';

/**
 * One statement, so that the snapshot stored is the one its rows were counted in. What was not visible in the snapshot before is what began
 * at or after its xmax, and what was in progress in it: two exact index ranges, however long a transaction has been holding xmin back.
 * The closing time is taken under a lock that is held until the commit, so that a reader can wait for ticks that are about to appear.
 */
const closeTickSql = `
  WITH current AS MATERIALIZED (
    SELECT max(epoch) AS epoch FROM ledger_epoch
  ), last AS MATERIALIZED (
    SELECT tick, rows_epoch, snapshot, closed_at FROM ledger_tick ORDER BY tick DESC LIMIT 1
  ), previous AS MATERIALIZED (
    SELECT coalesce((SELECT last.snapshot FROM last, current WHERE last.rows_epoch = current.epoch), '${emptySnapshotText}'::pg_snapshot)
           AS snapshot
  ), now AS MATERIALIZED (
    SELECT pg_current_snapshot() AS snapshot
  ), fresh AS MATERIALIZED (
    SELECT count(*)::int AS row_count, min(id) AS first_id, max(id) AS last_id, min(recorded_at) AS first_recorded_at,
           max(recorded_at) AS last_recorded_at
    FROM (
      SELECT id, recorded_at FROM ledger
      WHERE epoch = (SELECT epoch FROM current)
        AND xid >= (SELECT pg_snapshot_xmax(snapshot) FROM previous) AND xid < (SELECT pg_snapshot_xmax(snapshot) FROM now)
        AND pg_visible_in_snapshot(xid, (SELECT snapshot FROM now))
      UNION ALL
      SELECT id, recorded_at FROM ledger
      WHERE epoch = (SELECT epoch FROM current)
        AND xid = ANY (ARRAY(SELECT pg_snapshot_xip(snapshot) FROM previous))
        AND pg_visible_in_snapshot(xid, (SELECT snapshot FROM now))
    ) became_visible
  ), closing AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(${ledgerLocks.closing}) AS locked, clock_timestamp() AS at FROM fresh WHERE row_count > 0
  ), closed AS (
    INSERT INTO ledger_tick (tick, epoch, rows_epoch, snapshot, row_count, first_id, last_id, first_recorded_at, last_recorded_at, closed_at)
    SELECT coalesce((SELECT tick FROM last), 0) + 1, current.epoch, current.epoch, now.snapshot, fresh.row_count, fresh.first_id,
           fresh.last_id, fresh.first_recorded_at, fresh.last_recorded_at, greatest(closing.at, (SELECT closed_at FROM last))
    FROM closing, fresh, now, current
    RETURNING tick
  )
  SELECT tick, pg_notify('${tickChannel}', tick::text) FROM closed`;

/**
 * Closes a tick over the ledger rows that became visible since the last one, and announces it. Gives its number, or null when there was
 * nothing new. The ticker calls it; so may a test that wants no ticker. Two callers at once: one of them fails on the tick's number.
 */
export async function closeTick(queryable: Queryable): Promise<number | null> {
  const [closed] = await queryable.query<{ tick: string }>(closeTickSql);
  return closed ? Number(closed.tick) : null;
}

/** The same statement for a connection of one's own that keeps it prepared. */
export const closeTickStatement = { name: 'ledger-close-tick', text: closeTickSql };
