import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operations, write requests on their way to the ERPs, and what is known of each ERP's own changes. */
export class WriteBack1772500500000 implements MigrationInterface {
  name = 'WriteBack1772500500000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE operation (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'needsReview')),
        progress jsonb,
        result jsonb,
        error jsonb,
        participant_id uuid NOT NULL,
        client_id text NOT NULL,
        site text,
        correlation_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await q.query(`CREATE INDEX operation_participant ON operation (participant_id, id)`);
    // Four eyes are enforced here, whatever the code above believes: nobody decides on a request of its own participant.
    await q.query(`
      CREATE TABLE write_request (
        id uuid PRIMARY KEY REFERENCES operation,
        sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        version int NOT NULL,
        state text NOT NULL CHECK (state IN ('received', 'guarded', 'awaiting-approval', 'dispatched', 'unknown', 'confirmed', 'rejected', 'cancelled', 'needs-review')),
        op text NOT NULL CHECK (op IN ('create', 'update')),
        record_type text NOT NULL,
        record_id uuid CHECK (op = 'create' OR record_id IS NOT NULL),
        local_key text,
        site text,
        target_system text NOT NULL,
        lane text NOT NULL,
        patch jsonb NOT NULL,
        seen jsonb NOT NULL,
        seen_version int,
        reason text,
        requested_by uuid NOT NULL,
        requested_client text NOT NULL,
        requested_system text NOT NULL,
        needs_approval text[] NOT NULL DEFAULT '{}',
        approver_scopes text[] NOT NULL DEFAULT '{}',
        decided_by uuid CHECK (decided_by <> requested_by),
        decided_client text,
        decided_at timestamptz,
        decision_reason text,
        guards jsonb NOT NULL DEFAULT '[]',
        values_read jsonb,
        values_written jsonb,
        token_sent text,
        answer jsonb,
        record_version int,
        attempts int NOT NULL DEFAULT 0,
        look_ups int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        fence bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        correlation_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CHECK (cardinality(needs_approval) = 0 OR state IN ('received', 'awaiting-approval', 'cancelled', 'rejected') OR decided_by IS NOT NULL)
      )`);
    await q.query(`CREATE INDEX write_request_lane ON write_request (lane, sequence) WHERE state IN ('guarded', 'dispatched', 'unknown')`);
    await q.query(`CREATE INDEX write_request_open ON write_request (target_system, sequence) WHERE state IN ('guarded', 'dispatched', 'unknown')`);
    await q.query(`CREATE INDEX write_request_record ON write_request (record_id, sequence)`);
    await q.query(`CREATE INDEX write_request_requester ON write_request (requested_by, id)`);
    // How far each ERP's changes have been pulled, and who pulls just now.
    await q.query(`
      CREATE TABLE inbound_cursor (
        system text NOT NULL,
        record_type text NOT NULL,
        watermark text,
        fence bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        pulled_at timestamptz,
        reconciled_at timestamptz,
        PRIMARY KEY (system, record_type)
      )`);
    // The token of each ERP record that was applied last: what comes again within the overlap is not applied again.
    await q.query(`
      CREATE TABLE inbound_seen (
        system text NOT NULL,
        record_type text NOT NULL,
        key text NOT NULL,
        token text,
        applied_at timestamptz NOT NULL,
        PRIMARY KEY (system, record_type, key)
      )`);
    await q.query(`
      CREATE TABLE inbound_refusal (
        id uuid PRIMARY KEY,
        system text NOT NULL,
        record_type text NOT NULL,
        key text NOT NULL,
        token text,
        raw jsonb NOT NULL,
        problem jsonb NOT NULL,
        occurrences int NOT NULL DEFAULT 1,
        first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        cleared_at timestamptz
      )`);
    await q.query(`CREATE UNIQUE INDEX inbound_refusal_open ON inbound_refusal (system, record_type, key) WHERE cleared_at IS NULL`);
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['inbound_refusal', 'inbound_seen', 'inbound_cursor', 'write_request', 'operation']) await q.query(`DROP TABLE ${table}`);
  }
}
