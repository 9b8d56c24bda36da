import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

/** Suppliers, customers, where items are bought, and matching. */
export class Parties1772500700000 implements MigrationInterface {
  name = 'Parties1772500700000';

  async up(q: QueryRunner): Promise<void> {
    // A trusted extension: whoever may create tables in the database may create it.
    await q.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await suppliers(q);
    await q.query(governedTable('customer', `
      code text NOT NULL UNIQUE,
      name text NOT NULL,
      gln text,
      country text,
      credit_state text NOT NULL,
      credit_limit numeric,
      credit_limit_currency text,
      payment_terms text,
      revenue_trigger text`));
    await q.query('CREATE INDEX customer_gln ON customer (gln)');
    await q.query('CREATE INDEX customer_credit_state ON customer (credit_state)');
    await q.query(governedTable('item_supplier', `
      item_id uuid NOT NULL REFERENCES item,
      supplier_id uuid NOT NULL REFERENCES supplier,
      site text,
      mpn text,
      lead_time_days int,
      price numeric,
      price_currency text,
      minimum_quantity numeric,
      minimum_quantity_unit text,
      order_unit text,
      preference int,
      last_receipt_on date,
      UNIQUE NULLS NOT DISTINCT (item_id, supplier_id, site)`));
    await q.query('CREATE INDEX item_supplier_supplier ON item_supplier (supplier_id)');
    await q.query('CREATE INDEX item_supplier_mpn ON item_supplier (mpn)');
    await q.query('CREATE INDEX item_supplier_site ON item_supplier (site)');
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['item_supplier', 'customer', 'match_candidate', 'supplier_bank_change', 'supplier']) await q.query(`DROP TABLE ${table}`);
    await q.query('DROP EXTENSION pg_trgm');
  }
}

async function suppliers(q: QueryRunner): Promise<void> {
  await q.query(governedTable('supplier', `
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    gln text,
    tax_ids text[],
    country text,
    state text NOT NULL,
    payment_terms text,
    currency text,
    incoterm text,
    iban text,
    bic text,
    account_holder text,
    on_time_percent numeric,
    received_lines int,
    match_name text,
    match_tax_ids text[]`));
  await q.query('CREATE INDEX supplier_gln ON supplier (gln)');
  await q.query('CREATE INDEX supplier_state ON supplier (state)');
  await q.query('CREATE INDEX supplier_match_name ON supplier USING gin (match_name gin_trgm_ops)');
  await q.query('CREATE INDEX supplier_match_tax_ids ON supplier USING gin (match_tax_ids)');
  await q.query(governedTable('supplier_bank_change', `
    number text NOT NULL UNIQUE,
    supplier_id uuid NOT NULL REFERENCES supplier,
    iban text NOT NULL,
    bic text,
    account_holder text NOT NULL,
    reason text NOT NULL,
    decision text,
    decision_reason text,
    requested_by text,
    decided_by text CHECK (decided_by <> requested_by)`));
  await q.query('CREATE INDEX supplier_bank_change_supplier ON supplier_bank_change (supplier_id)');
  await q.query(governedTable('match_candidate', `
    system text NOT NULL,
    site text,
    source_code text NOT NULL,
    source_name text NOT NULL,
    supplier_id uuid NOT NULL REFERENCES supplier,
    score numeric NOT NULL,
    explanation text[],
    decision text,
    decision_reason text,
    UNIQUE NULLS NOT DISTINCT (system, site, source_code, supplier_id)`));
  await q.query('CREATE INDEX match_candidate_source ON match_candidate (source_code)');
  await q.query('CREATE INDEX match_candidate_supplier ON match_candidate (supplier_id)');
  await q.query('CREATE INDEX match_candidate_decision ON match_candidate (decision)');
}
