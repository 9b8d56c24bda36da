import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

export class Items1772500400000 implements MigrationInterface {
  name = 'Items1772500400000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(governedTable('item', `
      code text NOT NULL UNIQUE,
      gtin text,
      type text NOT NULL,
      base_unit text NOT NULL,
      description jsonb,
      classification jsonb,
      legacy_code text,
      state text NOT NULL,
      drawing text,
      material text,
      net_weight numeric,
      net_weight_unit text,
      attributes jsonb,
      valuation_class text,
      standard_cost numeric,
      standard_cost_currency text,
      inspection_plan text,
      list_price numeric,
      list_price_currency text,
      product_line text`));
    await q.query(`CREATE INDEX item_gtin ON item (gtin)`);
    await q.query(`CREATE INDEX item_updated_at ON item (updated_at, id)`);
    await q.query(`CREATE INDEX item_legacy_code ON item (legacy_code)`);
    await q.query(governedTable('item_site', `
      item_id uuid NOT NULL REFERENCES item,
      site text NOT NULL,
      lead_time_days int,
      safety_stock numeric,
      reorder_point numeric,
      lot_size numeric,
      procurement_type text,
      buyer text,
      bin_type text,
      pack_quantity numeric,
      standard_cost numeric,
      standard_cost_currency text,
      UNIQUE (item_id, site)`));
    await q.query(`CREATE INDEX item_site_site ON item_site (site, id)`);
    await q.query(governedTable('item_alternate', `
      item_id uuid NOT NULL REFERENCES item,
      alternate_item_id uuid NOT NULL REFERENCES item CHECK (alternate_item_id <> item_id),
      priority int NOT NULL,
      status text NOT NULL,
      UNIQUE (item_id, alternate_item_id)`));
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['item_alternate', 'item_site', 'item']) await q.query(`DROP TABLE ${table}`);
  }
}
