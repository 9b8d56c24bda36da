import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Streamed bulk writes: spooled as they came, worked off in order, each chunk and its results in one transaction. */
export class Bulk1772501000000 implements MigrationInterface {
  name = 'Bulk1772501000000';

  async up(q: QueryRunner): Promise<void> {
    // Who sent it is kept with it: the rows are applied as that actor, as far as its credential still reaches.
    await q.query(`
      CREATE TABLE bulk_import (
        id uuid PRIMARY KEY REFERENCES operation,
        sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        record_type text NOT NULL,
        participant_id uuid NOT NULL,
        client_id text NOT NULL,
        system_code text NOT NULL,
        scopes text[] NOT NULL,
        sites text[],
        request_id text NOT NULL,
        correlation_id text NOT NULL,
        request_key text,
        body_hash text NOT NULL,
        row_count int NOT NULL CHECK (row_count > 0),
        next_chunk int NOT NULL DEFAULT 0,
        rows_done int NOT NULL DEFAULT 0,
        created int NOT NULL DEFAULT 0,
        updated int NOT NULL DEFAULT 0,
        unchanged int NOT NULL DEFAULT 0,
        refused int NOT NULL DEFAULT 0,
        failures int NOT NULL DEFAULT 0,
        fence bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        worked_at timestamptz,
        accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz
      )`);
    await q.query(`CREATE UNIQUE INDEX bulk_import_key ON bulk_import (client_id, record_type, request_key) WHERE request_key IS NOT NULL`);
    await q.query(`CREATE INDEX bulk_import_open ON bulk_import (client_id, sequence) WHERE state IN ('queued', 'running')`);
    await q.query(`CREATE INDEX bulk_import_ended ON bulk_import (ended_at) WHERE ended_at IS NOT NULL`);
    // Chunks stand here before their import does: an upload that breaks off leaves chunks that nobody accepted, and they are swept.
    await q.query(`
      CREATE TABLE bulk_chunk (
        import_id uuid NOT NULL,
        seq int NOT NULL,
        first_row int NOT NULL,
        row_count int NOT NULL,
        rows bytea,
        results text,
        spooled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (import_id, seq)
      )`);
    // Rows are read once and soon; compressing them would cost more than it saves.
    await q.query(`ALTER TABLE bulk_chunk ALTER COLUMN rows SET STORAGE EXTERNAL`);
    await q.query(`CREATE INDEX bulk_chunk_spooled_at ON bulk_chunk (spooled_at)`);
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['bulk_chunk', 'bulk_import']) await q.query(`DROP TABLE ${table}`);
  }
}
