import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers to requests with an Idempotency-Key, kept for 24 hours. */
export class Idempotency1772500100000 implements MigrationInterface {
  name = 'Idempotency1772500100000';

  async up(q: QueryRunner): Promise<void> {
    // headers and body are text, not jsonb: a repetition gets the first answer byte for byte.
    await q.query(`
      CREATE TABLE idempotency_key (
        client_id text NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        status int NOT NULL,
        headers text NOT NULL,
        body text,
        stored_at timestamptz NOT NULL,
        PRIMARY KEY (client_id, route, key)
      )`);
    await q.query(`CREATE INDEX idempotency_key_stored_at ON idempotency_key (stored_at)`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query(`DROP TABLE idempotency_key`);
  }
}
