import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

export class Policies1772501100000 implements MigrationInterface {
  name = 'Policies1772501100000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(governedTable('policy', `
      name text NOT NULL UNIQUE,
      record_types jsonb NOT NULL,
      applies_on text NOT NULL,
      channels jsonb,
      predicate text NOT NULL,
      sentence text NOT NULL,
      severity text NOT NULL,
      mode text NOT NULL,
      valid_from timestamptz NOT NULL,
      valid_to timestamptz CHECK (valid_to > valid_from),
      test_cases jsonb NOT NULL`));
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE policy');
  }
}
