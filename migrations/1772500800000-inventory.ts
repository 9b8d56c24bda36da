import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

/** Places, lots, movements, balances and their value. */
export class Inventory1772500800000 implements MigrationInterface {
  name = 'Inventory1772500800000';

  async up(q: QueryRunner): Promise<void> {
    await places(q);
    await stock(q);
    await q.query(governedTable('valuation', `
      item_id uuid NOT NULL REFERENCES item,
      area text NOT NULL,
      site text,
      period text NOT NULL,
      method text NOT NULL,
      unit_cost numeric NOT NULL,
      unit_cost_currency text NOT NULL,
      quantity numeric,
      value numeric,
      value_currency text,
      posted_on date,
      UNIQUE (item_id, area, period)`));
    await q.query('CREATE INDEX valuation_area ON valuation (area, period)');
    await q.query('CREATE INDEX valuation_site ON valuation (site)');
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['valuation', 'stock_balance', 'stock_movement', 'serial', 'lot', 'stock_policy', 'location']) await q.query(`DROP TABLE ${table}`);
  }
}

async function places(q: QueryRunner): Promise<void> {
  await q.query(governedTable('location', `
    site text NOT NULL,
    code text NOT NULL,
    name text,
    kind text NOT NULL,
    parent text,
    status text,
    cost_rate numeric,
    cost_rate_currency text,
    UNIQUE (site, code)`));
  await q.query('CREATE INDEX location_code ON location (code)');
  await q.query(governedTable('stock_policy', `
    item_id uuid NOT NULL REFERENCES item,
    site text NOT NULL,
    lot_tracked boolean,
    serial_tracked boolean,
    inspection_days int,
    UNIQUE (item_id, site)`));
  await q.query(governedTable('lot', `
    item_id uuid NOT NULL REFERENCES item,
    lot_number text NOT NULL,
    issuing_site text NOT NULL,
    system text NOT NULL,
    supplier_lot text,
    made_on date,
    expires_on date,
    attributes jsonb,
    state text,
    UNIQUE (item_id, lot_number, issuing_site)`));
  await q.query('CREATE INDEX lot_number ON lot (lot_number)');
  await q.query('CREATE INDEX lot_supplier_lot ON lot (supplier_lot)');
  await q.query(governedTable('serial', `
    item_id uuid NOT NULL REFERENCES item,
    serial_number text NOT NULL,
    issuing_site text NOT NULL,
    system text NOT NULL,
    lot_number text,
    state text,
    UNIQUE (item_id, serial_number)`));
  await q.query('CREATE INDEX serial_number ON serial (serial_number)');
}

async function stock(q: QueryRunner): Promise<void> {
  await q.query(governedTable('stock_movement', `
    number text NOT NULL,
    type text NOT NULL,
    item_id uuid NOT NULL REFERENCES item,
    site text NOT NULL,
    counter_site text,
    place text,
    from_location text,
    from_state text,
    to_location text,
    to_state text,
    lot text,
    serial text,
    owner text,
    quantity numeric NOT NULL CHECK (quantity > 0),
    quantity_unit text NOT NULL,
    occurred_at timestamptz,
    document text,
    reason text,
    counted_ends text,
    UNIQUE (site, number)`));
  await q.query('CREATE INDEX stock_movement_item ON stock_movement (item_id, occurred_at)');
  await q.query('CREATE INDEX stock_movement_document ON stock_movement (document)');
  await q.query('CREATE INDEX stock_movement_lot ON stock_movement (lot)');
  await q.query('CREATE INDEX stock_movement_occurred ON stock_movement (occurred_at, id)');
  // The check is the last word on negative stock: no path, known or not yet written, gets below zero.
  await q.query(governedTable('stock_balance', `
    item_id uuid NOT NULL REFERENCES item,
    site text NOT NULL,
    location text,
    place text,
    state text NOT NULL,
    lot text,
    serial text,
    owner text,
    counter_site text,
    quantity numeric NOT NULL CHECK (quantity >= 0),
    quantity_unit text NOT NULL,
    as_of timestamptz,
    counted_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (item_id, site, state, location, lot, serial, owner, counter_site)`));
  await q.query('CREATE INDEX stock_balance_site ON stock_balance (site, location)');
  await q.query('CREATE INDEX stock_balance_lot ON stock_balance (lot)');
}
