import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

const period = `
      effective_from date,
      effective_to date CHECK (effective_to > effective_from)`;

/** Bills of material, routings, and what production orders froze. Ends of validity are exclusive: the first day that no longer counts. */
export class Boms1772500600000 implements MigrationInterface {
  name = 'Boms1772500600000';

  async up(q: QueryRunner): Promise<void> {
    await this.boms(q);
    await this.routings(q);
    await this.frozen(q);
  }

  private async boms(q: QueryRunner): Promise<void> {
    await q.query(governedTable('bom', `
      item_id uuid NOT NULL REFERENCES item,
      site text,
      usage text NOT NULL,
      alternative int,
      revision text NOT NULL,
      revision_text text,
      base_quantity numeric CHECK (base_quantity > 0),
      state text NOT NULL,
      ${period},
      UNIQUE NULLS NOT DISTINCT (item_id, usage, revision, site, alternative)`));
    await q.query(governedTable('bom_line', `
      bom_id uuid NOT NULL REFERENCES bom,
      site text,
      position int NOT NULL,
      component_id uuid NOT NULL REFERENCES item,
      quantity_per numeric NOT NULL CHECK (quantity_per >= 0),
      unit text NOT NULL,
      quantity_kind text,
      scrap_percent numeric,
      phantom boolean,
      alternate_group text,
      alternate_priority int,
      usage_percent numeric,
      ${period},
      serial_from text,
      serial_to text,
      lot_from text,
      lot_to text,
      operation_position int,
      UNIQUE NULLS NOT DISTINCT (bom_id, position, component_id, effective_from)`));
    await q.query(`CREATE INDEX bom_line_component ON bom_line (component_id)`);
  }

  private async routings(q: QueryRunner): Promise<void> {
    await q.query(governedTable('work_centre', `
      code text NOT NULL UNIQUE,
      site text NOT NULL,
      name text,
      cost_rate numeric,
      cost_rate_currency text,
      capacity numeric`));
    await q.query(`CREATE INDEX work_centre_site ON work_centre (site, id)`);
    await q.query(governedTable('routing', `
      item_id uuid NOT NULL REFERENCES item,
      site text,
      alternative int,
      revision text NOT NULL,
      state text NOT NULL,
      ${period},
      UNIQUE NULLS NOT DISTINCT (item_id, revision, site, alternative)`));
    await q.query(governedTable('routing_operation', `
      routing_id uuid NOT NULL REFERENCES routing,
      site text,
      position int NOT NULL,
      description text,
      work_centre_id uuid REFERENCES work_centre,
      setup_hours numeric,
      run_hours numeric,
      run_quantity numeric CHECK (run_quantity > 0),
      yield_percent numeric CHECK (yield_percent > 0 AND yield_percent <= 100),
      cost_per_unit numeric,
      cost_per_unit_currency text,
      UNIQUE (routing_id, position)`));
    await q.query(`CREATE INDEX routing_operation_work_centre ON routing_operation (work_centre_id)`);
  }

  private async frozen(q: QueryRunner): Promise<void> {
    await q.query(governedTable('frozen_explosion', `
      order_id text NOT NULL UNIQUE,
      item_id uuid NOT NULL REFERENCES item,
      site text,
      quantity numeric NOT NULL,
      unit text NOT NULL,
      date date NOT NULL,
      bom_id uuid REFERENCES bom,
      line_count int NOT NULL,
      hash text NOT NULL`));
    await q.query(`
      CREATE TABLE frozen_explosion_line (
        frozen_explosion_id uuid NOT NULL REFERENCES frozen_explosion,
        ord int NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (frozen_explosion_id, ord)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['frozen_explosion_line', 'frozen_explosion', 'routing_operation', 'routing', 'work_centre', 'bom_line', 'bom']) {
      await q.query(`DROP TABLE ${table}`);
    }
  }
}
