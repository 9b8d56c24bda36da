import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from '../../../migrations/governed-table.js';

export class Tooling1779999900000 implements MigrationInterface {
  name = 'Tooling1779999900000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(governedTable('tool', `
      code text NOT NULL UNIQUE,
      site text NOT NULL,
      state text NOT NULL,
      item_id uuid REFERENCES item,
      cost numeric,
      cost_currency text,
      shots int`));
    await q.query(`CREATE INDEX tool_site ON tool (site, id)`);
    await q.query(`CREATE INDEX tool_item ON tool (item_id)`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE tool');
  }
}
