import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sites, systems, participants and their credentials; the built-in issuer's keys and the client assertions that were used. */
export class Registry1772500200000 implements MigrationInterface {
  name = 'Registry1772500200000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE site (
        id uuid CONSTRAINT site_pkey PRIMARY KEY,
        code text NOT NULL CONSTRAINT site_code_key UNIQUE,
        name text NOT NULL,
        gln text CONSTRAINT site_gln_key UNIQUE,
        country text NOT NULL,
        time_zone text NOT NULL,
        currency text NOT NULL,
        kind text NOT NULL,
        mode text NOT NULL,
        version int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await q.query(`
      CREATE TABLE system (
        id uuid CONSTRAINT system_pkey PRIMARY KEY,
        code text NOT NULL CONSTRAINT system_code_key UNIQUE,
        name text NOT NULL,
        kind text NOT NULL,
        vendor text,
        product_version text,
        site_codes text array NOT NULL,
        capabilities jsonb NOT NULL,
        call_budget jsonb,
        freshness jsonb,
        state text NOT NULL,
        last_seen_at timestamptz,
        version int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await q.query(`
      CREATE TABLE participant (
        id uuid CONSTRAINT participant_pkey PRIMARY KEY,
        name text NOT NULL CONSTRAINT participant_name_key UNIQUE,
        system_code text NOT NULL CONSTRAINT participant_system_code_fkey REFERENCES system (code),
        state text NOT NULL,
        contact jsonb,
        version int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    // Two secrets may be live at once, so that a client can change over without a gap. Neither is stored: only its keyed hash is.
    await q.query(`
      CREATE TABLE credential (
        id uuid CONSTRAINT credential_pkey PRIMARY KEY,
        client_id text NOT NULL CONSTRAINT credential_client_id_key UNIQUE,
        participant_id uuid NOT NULL CONSTRAINT credential_participant_id_fkey REFERENCES participant (id),
        kind text NOT NULL,
        scopes text array NOT NULL,
        sites text array,
        secret_hash text,
        previous_secret_hash text,
        previous_secret_until timestamptz,
        public_jwk jsonb,
        expires_at timestamptz,
        revoked_at timestamptz,
        version int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await q.query(`CREATE INDEX credential_participant ON credential (participant_id)`);
    // Raised with every change of the tables above: processes compare one number to know whether what they hold in memory still holds.
    await q.query(`
      CREATE TABLE registry_revision (
        only_row boolean CONSTRAINT registry_revision_pkey PRIMARY KEY DEFAULT true CHECK (only_row),
        revision bigint NOT NULL
      )`);
    await q.query(`INSERT INTO registry_revision (revision) VALUES (0)`);
    // Public keys in the open; private keys sealed under a key that is not in the database.
    await q.query(`
      CREATE TABLE signing_key (
        kid text PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('next', 'current', 'retired', 'withdrawn')),
        public_jwk text NOT NULL,
        private_sealed text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        state_since timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await q.query(`CREATE UNIQUE INDEX signing_key_one_per_role ON signing_key (state) WHERE state IN ('next', 'current')`);
    await q.query(`CREATE TABLE client_assertion (digest text PRIMARY KEY, expires_at timestamptz NOT NULL)`);
    await q.query(`CREATE INDEX client_assertion_expires_at ON client_assertion (expires_at)`);
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['client_assertion', 'signing_key', 'registry_revision', 'credential', 'participant', 'system', 'site']) {
      await q.query(`DROP TABLE ${table}`);
    }
  }
}
