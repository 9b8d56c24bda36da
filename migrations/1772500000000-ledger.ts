import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ledger, its ticks, its sealed blocks, and the epoch that tells a restored database from the one it was dumped from. */
export class Ledger1772500000000 implements MigrationInterface {
  name = 'Ledger1772500000000';

  async up(q: QueryRunner): Promise<void> {
    // after_image and changes are text, not jsonb: they are hashed as the bytes they were written as.
    await q.query(`
      CREATE TABLE ledger (
        id bigint GENERATED ALWAYS AS IDENTITY,
        epoch int NOT NULL DEFAULT 1,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        record_type text NOT NULL,
        record_id uuid NOT NULL,
        version int NOT NULL,
        site text,
        event_type text NOT NULL,
        op text NOT NULL CHECK (op IN ('create', 'update', 'decision')),
        valid_from timestamptz NOT NULL,
        after_image text NOT NULL,
        changes text NOT NULL,
        provenance text NOT NULL,
        decision text NOT NULL,
        actor text NOT NULL,
        channel text NOT NULL,
        correlation_id text NOT NULL,
        request_id text NOT NULL,
        PRIMARY KEY (id, recorded_at)
      ) PARTITION BY RANGE (recorded_at)`);
    await q.query(`CREATE TABLE ledger_default PARTITION OF ledger DEFAULT`);
    await q.query(`CREATE INDEX ledger_record ON ledger (record_id, version)`);
    // Led by the epoch: after a restore the old rows' xids may be far above those of the new cluster.
    await q.query(`CREATE INDEX ledger_xid ON ledger (epoch, xid)`);
    // An epoch lives in one place (cluster, database, table). Its ticks begin at first_tick, the first of which closes the epoch before.
    await q.query(`
      CREATE TABLE ledger_epoch (
        epoch int PRIMARY KEY,
        identity text NOT NULL,
        first_tick bigint NOT NULL,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    // A tick holds the ledger rows of rows_epoch visible in its snapshot and not in the one before, in id order. The tick that closes an
    // epoch after a restore belongs to the new epoch and holds rows of the old one. What its rows' recorded_at lie between leads readers to
    // their partitions.
    await q.query(`
      CREATE TABLE ledger_tick (
        tick bigint PRIMARY KEY,
        epoch int NOT NULL,
        rows_epoch int NOT NULL,
        snapshot pg_snapshot NOT NULL,
        row_count int NOT NULL,
        first_id bigint NOT NULL,
        last_id bigint NOT NULL,
        first_recorded_at timestamptz NOT NULL,
        last_recorded_at timestamptz NOT NULL,
        closed_at timestamptz NOT NULL
      )`);
    await q.query(`CREATE INDEX ledger_tick_closed_at ON ledger_tick (closed_at)`);
    // From a row's xid to the first tick that can hold it.
    await q.query(`CREATE INDEX ledger_tick_xmax ON ledger_tick (rows_epoch, pg_snapshot_xmax(snapshot))`);
    // Where each durable reader of the ledger stands (sealer, relays), and who may move it: only the holder of the newest fence.
    await q.query(`
      CREATE TABLE ledger_reader (
        name text PRIMARY KEY,
        epoch int NOT NULL,
        tick bigint NOT NULL,
        row_id bigint NOT NULL,
        fence bigint NOT NULL DEFAULT 0,
        holder text,
        leased_until timestamptz,
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    // leaves: a line per row, its id, record type, record, version and leaf hash; signed together with the root.
    await q.query(`
      CREATE TABLE ledger_block (
        block bigint PRIMARY KEY,
        epoch int NOT NULL,
        first_tick bigint NOT NULL,
        last_tick bigint NOT NULL,
        last_row_id bigint NOT NULL,
        row_count int NOT NULL,
        leaves text NOT NULL,
        root text NOT NULL,
        previous_root text NOT NULL,
        key_id text NOT NULL,
        public_key text NOT NULL,
        signature text NOT NULL,
        sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await q.query(`CREATE INDEX ledger_block_epoch ON ledger_block (epoch, block)`);
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['ledger_block', 'ledger_reader', 'ledger_tick', 'ledger_epoch', 'ledger']) {
      await q.query(`DROP TABLE ${table}`);
    }
  }
}
