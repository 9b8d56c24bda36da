import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

/** What all domains share: local keys of any record, and the ownership rules. */
export class Governed1772500300000 implements MigrationInterface {
  name = 'Governed1772500300000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(governedTable('local_key', `
      record_type text NOT NULL,
      record_id uuid NOT NULL,
      system text NOT NULL,
      site text,
      code text NOT NULL,
      status text NOT NULL,
      valid_from timestamptz,
      valid_to timestamptz,
      UNIQUE NULLS NOT DISTINCT (record_type, system, code, site)`));
    await q.query(`CREATE INDEX local_key_record ON local_key (record_id)`);
    await q.query(governedTable('ownership_rule', `
      domain text NOT NULL,
      attribute_group text NOT NULL,
      site text,
      owner text NOT NULL,
      conflict_policy text NOT NULL,
      mode text NOT NULL,
      site_modes jsonb,
      steward text NOT NULL,
      deputy_steward text NOT NULL,
      effective_from timestamptz NOT NULL,
      effective_to timestamptz CHECK (effective_to > effective_from),
      UNIQUE NULLS NOT DISTINCT (domain, attribute_group, site, effective_from)`));
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE ownership_rule');
    await q.query('DROP TABLE local_key');
  }
}
