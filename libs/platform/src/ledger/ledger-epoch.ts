import { newContext } from '../context/request-context.js';
import { gatewayActor } from '../context/actor.js';
import type { Database, Queryable } from '../database/database.js';
import { emptySnapshotText } from './ledger-snapshot.js';
import { ledgerLocks } from './ledger-locks.js';

interface EpochRow { epoch: number; identity: string }

/**
 * Transaction ids and snapshots mean something only in the life of one database. Its identity is the cluster's system identifier together with
 * the database and the table, so that a dump restored beside the original, in the same cluster, is told apart as well.
 */
const identitySql = `
  SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || d.oid || '/' || 'ledger'::regclass::oid AS identity
  FROM pg_database d WHERE d.datname = current_database()`;

/**
 * Makes sure that the ledger's epoch is that of this database; called at the start of every process, before it writes. The first start opens
 * epoch 1. After a restore, everything that was not ticked yet is closed in one tick, and a new epoch begins. Safe with several processes.
 */
export async function ensureLedgerEpoch(database: Database): Promise<number> {
  return database.transaction(newContext(gatewayActor, 'gateway'), async ({ tx }) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${ledgerLocks.epoch})`);
    const [here] = await tx.query<{ identity: string }>(identitySql);
    const [current] = await tx.query<EpochRow>('SELECT epoch, identity FROM ledger_epoch ORDER BY epoch DESC LIMIT 1');
    const identity = here!.identity;
    if (!current) await openEpoch(tx, 1, identity);
    else if (current.identity !== identity) await startNextEpoch(tx, current.epoch, identity);
    else return current.epoch;
    return (current?.epoch ?? 0) + 1;
  });
}

async function openEpoch(tx: Queryable, epoch: number, identity: string): Promise<void> {
  await tx.query(
    `INSERT INTO ledger_epoch (epoch, identity, first_tick) SELECT $1, $2, coalesce(max(tick), 0) + 1 FROM ledger_tick`,
    [epoch, identity],
  );
}

async function startNextEpoch(tx: Queryable, closing: number, identity: string): Promise<void> {
  // Waits for whoever is writing under the old default, and from here on inserts carry the new epoch without being told.
  await tx.query(`ALTER TABLE ledger ALTER COLUMN epoch SET DEFAULT ${closing + 1}`);
  await openEpoch(tx, closing + 1, identity);
  await closeEpoch(tx, closing);
}

/**
 * The closing tick carries the number of the new epoch: a reader that had read further in the lost life of the database than the backup knows
 * holds tick numbers of the old epoch that mean other rows here, and must be taken back to the last tick both lives have in common.
 */
async function closeEpoch(tx: Queryable, closing: number): Promise<void> {
  await tx.query(
    `WITH previous AS (
       SELECT coalesce((SELECT snapshot FROM ledger_tick WHERE rows_epoch = $1 ORDER BY tick DESC LIMIT 1), $2::pg_snapshot) AS snapshot
     ), everything AS (
       -- Not below the xmax of the tick before: a row's first tick is looked up by xmax.
       SELECT greatest((SELECT max(xid) FROM ledger WHERE epoch = $1)::text::numeric + 1, pg_snapshot_xmax(snapshot)::text::numeric) AS top
       FROM previous
     ), fresh AS (
       SELECT count(*)::int AS row_count, min(id) AS first_id, max(id) AS last_id, min(recorded_at) AS first_recorded_at,
              max(recorded_at) AS last_recorded_at
       FROM ledger, previous
       WHERE ledger.epoch = $1 AND NOT pg_visible_in_snapshot(xid, previous.snapshot)
     )
     INSERT INTO ledger_tick (tick, epoch, rows_epoch, snapshot, row_count, first_id, last_id, first_recorded_at, last_recorded_at, closed_at)
     SELECT e.first_tick, e.epoch, $1, (top || ':' || top || ':')::pg_snapshot, row_count, first_id, last_id, first_recorded_at,
            last_recorded_at, greatest(clock_timestamp(), (SELECT max(closed_at) FROM ledger_tick))
     FROM fresh, everything, ledger_epoch e WHERE row_count > 0 AND e.epoch = $1 + 1`,
    [closing, emptySnapshotText],
  );
}
