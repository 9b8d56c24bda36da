import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

/** Production, purchase, sales and transfer orders. */
export class Orders1772500900000 implements MigrationInterface {
  name = 'Orders1772500900000';

  async up(q: QueryRunner): Promise<void> {
    await productionOrders(q);
    await order(q, 'purchase_order', 'supplier_id uuid NOT NULL REFERENCES supplier, ordered_on date');
    await q.query('CREATE INDEX purchase_order_supplier ON purchase_order (supplier_id)');
    await line(q, 'purchase_order', 'promised_on date, received numeric, received_on date');
    await order(q, 'sales_order', 'customer_id uuid NOT NULL REFERENCES customer, ordered_on date, customer_reference text');
    await q.query('CREATE INDEX sales_order_customer ON sales_order (customer_id)');
    await q.query('CREATE INDEX sales_order_reference ON sales_order (customer_reference)');
    await line(q, 'sales_order', 'promised_on date, allocated numeric, shipped numeric');
    await order(q, 'transfer_order', 'to_site text NOT NULL, intercompany boolean');
    await q.query('CREATE INDEX transfer_order_to_site ON transfer_order (to_site)');
    await line(q, 'transfer_order', 'expected_on date, shipped numeric, received numeric');
  }

  async down(q: QueryRunner): Promise<void> {
    for (const kind of ['transfer_order', 'sales_order', 'purchase_order']) {
      await q.query(`DROP TABLE ${kind}_line`);
      await q.query(`DROP TABLE ${kind}`);
    }
    await q.query('DROP TABLE production_order');
  }
}

async function productionOrders(q: QueryRunner): Promise<void> {
  await q.query(governedTable('production_order', `
    number text NOT NULL UNIQUE,
    item_id uuid NOT NULL REFERENCES item,
    site text NOT NULL,
    quantity numeric NOT NULL,
    quantity_unit text NOT NULL,
    start_on date,
    due_on date,
    under_tolerance_percent numeric,
    over_tolerance_percent numeric,
    commitment text NOT NULL,
    local_status text,
    execution_state text,
    execution_local_status text,
    started_at timestamptz,
    finished_at timestamptz,
    machine_finished numeric,
    scrapped numeric,
    rework numeric,
    quality_released numeric,
    quality_rejected numeric,
    posted numeric,
    state text NOT NULL,
    completed numeric`));
  await q.query('CREATE INDEX production_order_item ON production_order (item_id)');
  await q.query('CREATE INDEX production_order_site ON production_order (site, state)');
  await q.query('CREATE INDEX production_order_state ON production_order (state)');
  await q.query('CREATE INDEX production_order_due ON production_order (due_on, id)');
}

async function order(q: QueryRunner, table: string, columns: string): Promise<void> {
  await q.query(governedTable(table, `
    number text NOT NULL UNIQUE,
    site text NOT NULL,
    currency text,
    state text NOT NULL,
    local_status text,
    ${columns}`));
  await q.query(`CREATE INDEX ${table}_site ON ${table} (site, state)`);
  await q.query(`CREATE INDEX ${table}_state ON ${table} (state)`);
}

async function line(q: QueryRunner, order: string, columns: string): Promise<void> {
  const table = `${order}_line`;
  await q.query(governedTable(table, `
    order_id uuid NOT NULL REFERENCES ${order},
    line_number int NOT NULL,
    site text NOT NULL,
    item_id uuid NOT NULL REFERENCES item,
    quantity numeric NOT NULL,
    quantity_unit text NOT NULL,
    base_quantity numeric NOT NULL,
    unit_price numeric,
    ${columns},
    UNIQUE (order_id, line_number)`));
  await q.query(`CREATE INDEX ${table}_item ON ${table} (item_id)`);
  await q.query(`CREATE INDEX ${table}_site ON ${table} (site)`);
}
