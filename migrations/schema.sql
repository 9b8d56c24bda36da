CREATE EXTENSION pg_trgm;

CREATE TABLE bom (
  alternative integer,
  base_quantity numeric,
  created_at timestamp with time zone NOT NULL,
  effective_from date,
  effective_to date,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  revision text NOT NULL,
  revision_text text,
  site text,
  state text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  usage text NOT NULL,
  version integer NOT NULL,
  CONSTRAINT bom_base_quantity_check CHECK ((base_quantity > (0)::numeric)),
  CONSTRAINT bom_check CHECK ((effective_to > effective_from)),
  CONSTRAINT bom_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT bom_item_id_usage_revision_site_alternative_key UNIQUE NULLS NOT DISTINCT (item_id, usage, revision, site, alternative),
  CONSTRAINT bom_pkey PRIMARY KEY (id)
);

CREATE TABLE bom_line (
  alternate_group text,
  alternate_priority integer,
  bom_id uuid NOT NULL,
  component_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  effective_from date,
  effective_to date,
  id uuid NOT NULL,
  lot_from text,
  lot_to text,
  operation_position integer,
  phantom boolean,
  position integer NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity_kind text,
  quantity_per numeric NOT NULL,
  scrap_percent numeric,
  serial_from text,
  serial_to text,
  site text,
  unit text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  usage_percent numeric,
  version integer NOT NULL,
  CONSTRAINT bom_line_bom_id_fkey FOREIGN KEY (bom_id) REFERENCES bom(id),
  CONSTRAINT bom_line_bom_id_position_component_id_effective_from_key UNIQUE NULLS NOT DISTINCT (bom_id, "position", component_id, effective_from),
  CONSTRAINT bom_line_check CHECK ((effective_to > effective_from)),
  CONSTRAINT bom_line_component_id_fkey FOREIGN KEY (component_id) REFERENCES item(id),
  CONSTRAINT bom_line_pkey PRIMARY KEY (id),
  CONSTRAINT bom_line_quantity_per_check CHECK ((quantity_per >= (0)::numeric))
);

CREATE INDEX bom_line_component ON public.bom_line USING btree (component_id);

CREATE TABLE bulk_chunk (
  first_row integer NOT NULL,
  import_id uuid NOT NULL,
  results text,
  row_count integer NOT NULL,
  rows bytea,
  seq integer NOT NULL,
  spooled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT bulk_chunk_pkey PRIMARY KEY (import_id, seq)
);

CREATE INDEX bulk_chunk_spooled_at ON public.bulk_chunk USING btree (spooled_at);

CREATE TABLE bulk_import (
  accepted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  body_hash text NOT NULL,
  client_id text NOT NULL,
  correlation_id text NOT NULL,
  created integer DEFAULT 0 NOT NULL,
  ended_at timestamp with time zone,
  failures integer DEFAULT 0 NOT NULL,
  fence bigint DEFAULT 0 NOT NULL,
  id uuid NOT NULL,
  leased_until timestamp with time zone,
  next_chunk integer DEFAULT 0 NOT NULL,
  participant_id uuid NOT NULL,
  record_type text NOT NULL,
  refused integer DEFAULT 0 NOT NULL,
  request_id text NOT NULL,
  request_key text,
  row_count integer NOT NULL,
  rows_done integer DEFAULT 0 NOT NULL,
  scopes text[] NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  sites text[],
  state text NOT NULL,
  system_code text NOT NULL,
  unchanged integer DEFAULT 0 NOT NULL,
  updated integer DEFAULT 0 NOT NULL,
  worked_at timestamp with time zone,
  CONSTRAINT bulk_import_id_fkey FOREIGN KEY (id) REFERENCES operation(id),
  CONSTRAINT bulk_import_pkey PRIMARY KEY (id),
  CONSTRAINT bulk_import_row_count_check CHECK ((row_count > 0)),
  CONSTRAINT bulk_import_sequence_key UNIQUE (sequence),
  CONSTRAINT bulk_import_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
);

CREATE INDEX bulk_import_ended ON public.bulk_import USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE UNIQUE INDEX bulk_import_key ON public.bulk_import USING btree (client_id, record_type, request_key) WHERE (request_key IS NOT NULL);

CREATE INDEX bulk_import_open ON public.bulk_import USING btree (client_id, sequence) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE TABLE client_assertion (
  digest text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT client_assertion_pkey PRIMARY KEY (digest)
);

CREATE INDEX client_assertion_expires_at ON public.client_assertion USING btree (expires_at);

CREATE TABLE credential (
  client_id text NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  expires_at timestamp with time zone,
  id uuid NOT NULL,
  kind text NOT NULL,
  participant_id uuid NOT NULL,
  previous_secret_hash text,
  previous_secret_until timestamp with time zone,
  public_jwk jsonb,
  revoked_at timestamp with time zone,
  scopes text[] NOT NULL,
  secret_hash text,
  sites text[],
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  version integer NOT NULL,
  CONSTRAINT credential_client_id_key UNIQUE (client_id),
  CONSTRAINT credential_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES participant(id),
  CONSTRAINT credential_pkey PRIMARY KEY (id)
);

CREATE INDEX credential_participant ON public.credential USING btree (participant_id);

CREATE TABLE customer (
  code text NOT NULL,
  country text,
  created_at timestamp with time zone NOT NULL,
  credit_limit numeric,
  credit_limit_currency text,
  credit_state text NOT NULL,
  gln text,
  id uuid NOT NULL,
  name text NOT NULL,
  payment_terms text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  revenue_trigger text,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT customer_code_key UNIQUE (code),
  CONSTRAINT customer_pkey PRIMARY KEY (id)
);

CREATE INDEX customer_credit_state ON public.customer USING btree (credit_state);

CREATE INDEX customer_gln ON public.customer USING btree (gln);

CREATE TABLE frozen_explosion (
  bom_id uuid,
  created_at timestamp with time zone NOT NULL,
  date date NOT NULL,
  hash text NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  line_count integer NOT NULL,
  order_id text NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric NOT NULL,
  site text,
  unit text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT frozen_explosion_bom_id_fkey FOREIGN KEY (bom_id) REFERENCES bom(id),
  CONSTRAINT frozen_explosion_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT frozen_explosion_order_id_key UNIQUE (order_id),
  CONSTRAINT frozen_explosion_pkey PRIMARY KEY (id)
);

CREATE TABLE frozen_explosion_line (
  body text NOT NULL,
  frozen_explosion_id uuid NOT NULL,
  ord integer NOT NULL,
  CONSTRAINT frozen_explosion_line_frozen_explosion_id_fkey FOREIGN KEY (frozen_explosion_id) REFERENCES frozen_explosion(id),
  CONSTRAINT frozen_explosion_line_pkey PRIMARY KEY (frozen_explosion_id, ord)
);

CREATE TABLE idempotency_key (
  body text,
  client_id text NOT NULL,
  fingerprint text NOT NULL,
  headers text NOT NULL,
  key text NOT NULL,
  route text NOT NULL,
  status integer NOT NULL,
  stored_at timestamp with time zone NOT NULL,
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (client_id, route, key)
);

CREATE INDEX idempotency_key_stored_at ON public.idempotency_key USING btree (stored_at);

CREATE TABLE inbound_cursor (
  due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  fence bigint DEFAULT 0 NOT NULL,
  leased_until timestamp with time zone,
  pulled_at timestamp with time zone,
  reconciled_at timestamp with time zone,
  record_type text NOT NULL,
  system text NOT NULL,
  watermark text,
  CONSTRAINT inbound_cursor_pkey PRIMARY KEY (system, record_type)
);

CREATE TABLE inbound_refusal (
  cleared_at timestamp with time zone,
  first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL,
  last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  occurrences integer DEFAULT 1 NOT NULL,
  problem jsonb NOT NULL,
  raw jsonb NOT NULL,
  record_type text NOT NULL,
  system text NOT NULL,
  token text,
  CONSTRAINT inbound_refusal_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX inbound_refusal_open ON public.inbound_refusal USING btree (system, record_type, key) WHERE (cleared_at IS NULL);

CREATE TABLE inbound_seen (
  applied_at timestamp with time zone NOT NULL,
  key text NOT NULL,
  record_type text NOT NULL,
  system text NOT NULL,
  token text,
  CONSTRAINT inbound_seen_pkey PRIMARY KEY (system, record_type, key)
);

CREATE TABLE item (
  attributes jsonb,
  base_unit text NOT NULL,
  classification jsonb,
  code text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  description jsonb,
  drawing text,
  gtin text,
  id uuid NOT NULL,
  inspection_plan text,
  legacy_code text,
  list_price numeric,
  list_price_currency text,
  material text,
  net_weight numeric,
  net_weight_unit text,
  product_line text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  standard_cost numeric,
  standard_cost_currency text,
  state text NOT NULL,
  type text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  valuation_class text,
  version integer NOT NULL,
  CONSTRAINT item_code_key UNIQUE (code),
  CONSTRAINT item_pkey PRIMARY KEY (id)
);

CREATE INDEX item_gtin ON public.item USING btree (gtin);

CREATE INDEX item_legacy_code ON public.item USING btree (legacy_code);

CREATE INDEX item_updated_at ON public.item USING btree (updated_at, id);

CREATE TABLE item_alternate (
  alternate_item_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  priority integer NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  status text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT item_alternate_alternate_item_id_fkey FOREIGN KEY (alternate_item_id) REFERENCES item(id),
  CONSTRAINT item_alternate_check CHECK ((alternate_item_id <> item_id)),
  CONSTRAINT item_alternate_item_id_alternate_item_id_key UNIQUE (item_id, alternate_item_id),
  CONSTRAINT item_alternate_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT item_alternate_pkey PRIMARY KEY (id)
);

CREATE TABLE item_site (
  bin_type text,
  buyer text,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  lead_time_days integer,
  lot_size numeric,
  pack_quantity numeric,
  procurement_type text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  reorder_point numeric,
  safety_stock numeric,
  site text NOT NULL,
  standard_cost numeric,
  standard_cost_currency text,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT item_site_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT item_site_item_id_site_key UNIQUE (item_id, site),
  CONSTRAINT item_site_pkey PRIMARY KEY (id)
);

CREATE INDEX item_site_site ON public.item_site USING btree (site, id);

CREATE TABLE item_supplier (
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  last_receipt_on date,
  lead_time_days integer,
  minimum_quantity numeric,
  minimum_quantity_unit text,
  mpn text,
  order_unit text,
  preference integer,
  price numeric,
  price_currency text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text,
  supplier_id uuid NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT item_supplier_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT item_supplier_item_id_supplier_id_site_key UNIQUE NULLS NOT DISTINCT (item_id, supplier_id, site),
  CONSTRAINT item_supplier_pkey PRIMARY KEY (id),
  CONSTRAINT item_supplier_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id)
);

CREATE INDEX item_supplier_mpn ON public.item_supplier USING btree (mpn);

CREATE INDEX item_supplier_site ON public.item_supplier USING btree (site);

CREATE INDEX item_supplier_supplier ON public.item_supplier USING btree (supplier_id);

CREATE TABLE ledger (
  actor text NOT NULL,
  after_image text NOT NULL,
  changes text NOT NULL,
  channel text NOT NULL,
  correlation_id text NOT NULL,
  decision text NOT NULL,
  epoch integer DEFAULT 1 NOT NULL,
  event_type text NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  op text NOT NULL,
  provenance text NOT NULL,
  record_id uuid NOT NULL,
  record_type text NOT NULL,
  recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  request_id text NOT NULL,
  site text,
  valid_from timestamp with time zone NOT NULL,
  version integer NOT NULL,
  xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
  CONSTRAINT ledger_op_check CHECK ((op = ANY (ARRAY['create'::text, 'update'::text, 'decision'::text]))),
  CONSTRAINT ledger_pkey PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE INDEX ledger_record ON ONLY public.ledger USING btree (record_id, version);

CREATE INDEX ledger_xid ON ONLY public.ledger USING btree (epoch, xid);

CREATE TABLE ledger_block (
  block bigint NOT NULL,
  epoch integer NOT NULL,
  first_tick bigint NOT NULL,
  key_id text NOT NULL,
  last_row_id bigint NOT NULL,
  last_tick bigint NOT NULL,
  leaves text NOT NULL,
  previous_root text NOT NULL,
  public_key text NOT NULL,
  root text NOT NULL,
  row_count integer NOT NULL,
  sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  signature text NOT NULL,
  CONSTRAINT ledger_block_pkey PRIMARY KEY (block)
);

CREATE INDEX ledger_block_epoch ON public.ledger_block USING btree (epoch, block);

CREATE TABLE ledger_default (
  actor text NOT NULL,
  after_image text NOT NULL,
  changes text NOT NULL,
  channel text NOT NULL,
  correlation_id text NOT NULL,
  decision text NOT NULL,
  epoch integer DEFAULT 1 NOT NULL,
  event_type text NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  op text NOT NULL,
  provenance text NOT NULL,
  record_id uuid NOT NULL,
  record_type text NOT NULL,
  recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  request_id text NOT NULL,
  site text,
  valid_from timestamp with time zone NOT NULL,
  version integer NOT NULL,
  xid xid8 DEFAULT pg_current_xact_id() NOT NULL
);

CREATE INDEX ledger_default_epoch_xid_idx ON public.ledger_default USING btree (epoch, xid);

CREATE INDEX ledger_default_record_id_version_idx ON public.ledger_default USING btree (record_id, version);

CREATE TABLE ledger_epoch (
  epoch integer NOT NULL,
  first_tick bigint NOT NULL,
  identity text NOT NULL,
  started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT ledger_epoch_pkey PRIMARY KEY (epoch)
);

CREATE TABLE ledger_reader (
  epoch integer NOT NULL,
  fence bigint DEFAULT 0 NOT NULL,
  holder text,
  leased_until timestamp with time zone,
  name text NOT NULL,
  row_id bigint NOT NULL,
  tick bigint NOT NULL,
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT ledger_reader_pkey PRIMARY KEY (name)
);

CREATE TABLE ledger_tick (
  closed_at timestamp with time zone NOT NULL,
  epoch integer NOT NULL,
  first_id bigint NOT NULL,
  first_recorded_at timestamp with time zone NOT NULL,
  last_id bigint NOT NULL,
  last_recorded_at timestamp with time zone NOT NULL,
  row_count integer NOT NULL,
  rows_epoch integer NOT NULL,
  snapshot pg_snapshot NOT NULL,
  tick bigint NOT NULL,
  CONSTRAINT ledger_tick_pkey PRIMARY KEY (tick)
);

CREATE INDEX ledger_tick_closed_at ON public.ledger_tick USING btree (closed_at);

CREATE INDEX ledger_tick_xmax ON public.ledger_tick USING btree (rows_epoch, pg_snapshot_xmax(snapshot));

CREATE TABLE local_key (
  code text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  record_id uuid NOT NULL,
  record_type text NOT NULL,
  site text,
  status text NOT NULL,
  system text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  valid_from timestamp with time zone,
  valid_to timestamp with time zone,
  version integer NOT NULL,
  CONSTRAINT local_key_pkey PRIMARY KEY (id),
  CONSTRAINT local_key_record_type_system_code_site_key UNIQUE NULLS NOT DISTINCT (record_type, system, code, site)
);

CREATE INDEX local_key_record ON public.local_key USING btree (record_id);

CREATE TABLE location (
  code text NOT NULL,
  cost_rate numeric,
  cost_rate_currency text,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text,
  parent text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text NOT NULL,
  status text,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT location_pkey PRIMARY KEY (id),
  CONSTRAINT location_site_code_key UNIQUE (site, code)
);

CREATE INDEX location_code ON public.location USING btree (code);

CREATE TABLE lot (
  attributes jsonb,
  created_at timestamp with time zone NOT NULL,
  expires_on date,
  id uuid NOT NULL,
  issuing_site text NOT NULL,
  item_id uuid NOT NULL,
  lot_number text NOT NULL,
  made_on date,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  state text,
  supplier_lot text,
  system text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT lot_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT lot_item_id_lot_number_issuing_site_key UNIQUE (item_id, lot_number, issuing_site),
  CONSTRAINT lot_pkey PRIMARY KEY (id)
);

CREATE INDEX lot_number ON public.lot USING btree (lot_number);

CREATE INDEX lot_supplier_lot ON public.lot USING btree (supplier_lot);

CREATE TABLE match_candidate (
  created_at timestamp with time zone NOT NULL,
  decision text,
  decision_reason text,
  explanation text[],
  id uuid NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  score numeric NOT NULL,
  site text,
  source_code text NOT NULL,
  source_name text NOT NULL,
  supplier_id uuid NOT NULL,
  system text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT match_candidate_pkey PRIMARY KEY (id),
  CONSTRAINT match_candidate_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id),
  CONSTRAINT match_candidate_system_site_source_code_supplier_id_key UNIQUE NULLS NOT DISTINCT (system, site, source_code, supplier_id)
);

CREATE INDEX match_candidate_decision ON public.match_candidate USING btree (decision);

CREATE INDEX match_candidate_source ON public.match_candidate USING btree (source_code);

CREATE INDEX match_candidate_supplier ON public.match_candidate USING btree (supplier_id);

CREATE TABLE operation (
  client_id text NOT NULL,
  correlation_id text NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  error jsonb,
  id uuid NOT NULL,
  kind text NOT NULL,
  participant_id uuid NOT NULL,
  progress jsonb,
  result jsonb,
  site text,
  status text NOT NULL,
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT operation_pkey PRIMARY KEY (id),
  CONSTRAINT operation_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'needsReview'::text])))
);

CREATE INDEX operation_participant ON public.operation USING btree (participant_id, id);

CREATE TABLE ownership_rule (
  attribute_group text NOT NULL,
  conflict_policy text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  deputy_steward text NOT NULL,
  domain text NOT NULL,
  effective_from timestamp with time zone NOT NULL,
  effective_to timestamp with time zone,
  id uuid NOT NULL,
  mode text NOT NULL,
  owner text NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text,
  site_modes jsonb,
  steward text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT ownership_rule_check CHECK ((effective_to > effective_from)),
  CONSTRAINT ownership_rule_domain_attribute_group_site_effective_from_key UNIQUE NULLS NOT DISTINCT (domain, attribute_group, site, effective_from),
  CONSTRAINT ownership_rule_pkey PRIMARY KEY (id)
);

CREATE TABLE participant (
  contact jsonb,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  system_code text NOT NULL,
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  version integer NOT NULL,
  CONSTRAINT participant_name_key UNIQUE (name),
  CONSTRAINT participant_pkey PRIMARY KEY (id),
  CONSTRAINT participant_system_code_fkey FOREIGN KEY (system_code) REFERENCES system(code)
);

CREATE TABLE policy (
  applies_on text NOT NULL,
  channels jsonb,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  mode text NOT NULL,
  name text NOT NULL,
  predicate text NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  record_types jsonb NOT NULL,
  sentence text NOT NULL,
  severity text NOT NULL,
  test_cases jsonb NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  valid_from timestamp with time zone NOT NULL,
  valid_to timestamp with time zone,
  version integer NOT NULL,
  CONSTRAINT policy_check CHECK ((valid_to > valid_from)),
  CONSTRAINT policy_name_key UNIQUE (name),
  CONSTRAINT policy_pkey PRIMARY KEY (id)
);

CREATE TABLE production_order (
  commitment text NOT NULL,
  completed numeric,
  created_at timestamp with time zone NOT NULL,
  due_on date,
  execution_local_status text,
  execution_state text,
  finished_at timestamp with time zone,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  local_status text,
  machine_finished numeric,
  number text NOT NULL,
  over_tolerance_percent numeric,
  posted numeric,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quality_rejected numeric,
  quality_released numeric,
  quantity numeric NOT NULL,
  quantity_unit text NOT NULL,
  rework numeric,
  scrapped numeric,
  site text NOT NULL,
  start_on date,
  started_at timestamp with time zone,
  state text NOT NULL,
  under_tolerance_percent numeric,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT production_order_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT production_order_number_key UNIQUE (number),
  CONSTRAINT production_order_pkey PRIMARY KEY (id)
);

CREATE INDEX production_order_due ON public.production_order USING btree (due_on, id);

CREATE INDEX production_order_item ON public.production_order USING btree (item_id);

CREATE INDEX production_order_site ON public.production_order USING btree (site, state);

CREATE INDEX production_order_state ON public.production_order USING btree (state);

CREATE TABLE purchase_order (
  created_at timestamp with time zone NOT NULL,
  currency text,
  id uuid NOT NULL,
  local_status text,
  number text NOT NULL,
  ordered_on date,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text NOT NULL,
  state text NOT NULL,
  supplier_id uuid NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT purchase_order_number_key UNIQUE (number),
  CONSTRAINT purchase_order_pkey PRIMARY KEY (id),
  CONSTRAINT purchase_order_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id)
);

CREATE INDEX purchase_order_site ON public.purchase_order USING btree (site, state);

CREATE INDEX purchase_order_state ON public.purchase_order USING btree (state);

CREATE INDEX purchase_order_supplier ON public.purchase_order USING btree (supplier_id);

CREATE TABLE purchase_order_line (
  base_quantity numeric NOT NULL,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  line_number integer NOT NULL,
  order_id uuid NOT NULL,
  promised_on date,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric NOT NULL,
  quantity_unit text NOT NULL,
  received numeric,
  received_on date,
  site text NOT NULL,
  unit_price numeric,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT purchase_order_line_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT purchase_order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES purchase_order(id),
  CONSTRAINT purchase_order_line_order_id_line_number_key UNIQUE (order_id, line_number),
  CONSTRAINT purchase_order_line_pkey PRIMARY KEY (id)
);

CREATE INDEX purchase_order_line_item ON public.purchase_order_line USING btree (item_id);

CREATE INDEX purchase_order_line_site ON public.purchase_order_line USING btree (site);

CREATE TABLE registry_revision (
  only_row boolean DEFAULT true NOT NULL,
  revision bigint NOT NULL,
  CONSTRAINT registry_revision_only_row_check CHECK (only_row),
  CONSTRAINT registry_revision_pkey PRIMARY KEY (only_row)
);

CREATE TABLE routing (
  alternative integer,
  created_at timestamp with time zone NOT NULL,
  effective_from date,
  effective_to date,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  revision text NOT NULL,
  site text,
  state text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT routing_check CHECK ((effective_to > effective_from)),
  CONSTRAINT routing_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT routing_item_id_revision_site_alternative_key UNIQUE NULLS NOT DISTINCT (item_id, revision, site, alternative),
  CONSTRAINT routing_pkey PRIMARY KEY (id)
);

CREATE TABLE routing_operation (
  cost_per_unit numeric,
  cost_per_unit_currency text,
  created_at timestamp with time zone NOT NULL,
  description text,
  id uuid NOT NULL,
  position integer NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  routing_id uuid NOT NULL,
  run_hours numeric,
  run_quantity numeric,
  setup_hours numeric,
  site text,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  work_centre_id uuid,
  yield_percent numeric,
  CONSTRAINT routing_operation_pkey PRIMARY KEY (id),
  CONSTRAINT routing_operation_routing_id_fkey FOREIGN KEY (routing_id) REFERENCES routing(id),
  CONSTRAINT routing_operation_routing_id_position_key UNIQUE (routing_id, "position"),
  CONSTRAINT routing_operation_run_quantity_check CHECK ((run_quantity > (0)::numeric)),
  CONSTRAINT routing_operation_work_centre_id_fkey FOREIGN KEY (work_centre_id) REFERENCES work_centre(id),
  CONSTRAINT routing_operation_yield_percent_check CHECK (((yield_percent > (0)::numeric) AND (yield_percent <= (100)::numeric)))
);

CREATE INDEX routing_operation_work_centre ON public.routing_operation USING btree (work_centre_id);

CREATE TABLE sales_order (
  created_at timestamp with time zone NOT NULL,
  currency text,
  customer_id uuid NOT NULL,
  customer_reference text,
  id uuid NOT NULL,
  local_status text,
  number text NOT NULL,
  ordered_on date,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text NOT NULL,
  state text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT sales_order_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customer(id),
  CONSTRAINT sales_order_number_key UNIQUE (number),
  CONSTRAINT sales_order_pkey PRIMARY KEY (id)
);

CREATE INDEX sales_order_customer ON public.sales_order USING btree (customer_id);

CREATE INDEX sales_order_reference ON public.sales_order USING btree (customer_reference);

CREATE INDEX sales_order_site ON public.sales_order USING btree (site, state);

CREATE INDEX sales_order_state ON public.sales_order USING btree (state);

CREATE TABLE sales_order_line (
  allocated numeric,
  base_quantity numeric NOT NULL,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  line_number integer NOT NULL,
  order_id uuid NOT NULL,
  promised_on date,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric NOT NULL,
  quantity_unit text NOT NULL,
  shipped numeric,
  site text NOT NULL,
  unit_price numeric,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT sales_order_line_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT sales_order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES sales_order(id),
  CONSTRAINT sales_order_line_order_id_line_number_key UNIQUE (order_id, line_number),
  CONSTRAINT sales_order_line_pkey PRIMARY KEY (id)
);

CREATE INDEX sales_order_line_item ON public.sales_order_line USING btree (item_id);

CREATE INDEX sales_order_line_site ON public.sales_order_line USING btree (site);

CREATE TABLE schema_migration (
  id integer DEFAULT nextval('schema_migration_id_seq'::regclass) NOT NULL,
  name character varying NOT NULL,
  timestamp bigint NOT NULL,
  CONSTRAINT PK_0edff5015b71cc0389ae0f4b9a1 PRIMARY KEY (id)
);

CREATE TABLE serial (
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  issuing_site text NOT NULL,
  item_id uuid NOT NULL,
  lot_number text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  serial_number text NOT NULL,
  state text,
  system text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT serial_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT serial_item_id_serial_number_key UNIQUE (item_id, serial_number),
  CONSTRAINT serial_pkey PRIMARY KEY (id)
);

CREATE INDEX serial_number ON public.serial USING btree (serial_number);

CREATE TABLE signing_key (
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  kid text NOT NULL,
  private_sealed text NOT NULL,
  public_jwk text NOT NULL,
  state text NOT NULL,
  state_since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT signing_key_pkey PRIMARY KEY (kid),
  CONSTRAINT signing_key_state_check CHECK ((state = ANY (ARRAY['next'::text, 'current'::text, 'retired'::text, 'withdrawn'::text])))
);

CREATE UNIQUE INDEX signing_key_one_per_role ON public.signing_key USING btree (state) WHERE (state = ANY (ARRAY['next'::text, 'current'::text]));

CREATE TABLE site (
  code text NOT NULL,
  country text NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  currency text NOT NULL,
  gln text,
  id uuid NOT NULL,
  kind text NOT NULL,
  mode text NOT NULL,
  name text NOT NULL,
  time_zone text NOT NULL,
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  version integer NOT NULL,
  CONSTRAINT site_code_key UNIQUE (code),
  CONSTRAINT site_gln_key UNIQUE (gln),
  CONSTRAINT site_pkey PRIMARY KEY (id)
);

CREATE TABLE stock_balance (
  as_of timestamp with time zone,
  counted_at timestamp with time zone,
  counter_site text,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  location text,
  lot text,
  owner text,
  place text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric NOT NULL,
  quantity_unit text NOT NULL,
  serial text,
  site text NOT NULL,
  state text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT stock_balance_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT stock_balance_item_id_site_state_location_lot_serial_owner__key UNIQUE NULLS NOT DISTINCT (item_id, site, state, location, lot, serial, owner, counter_site),
  CONSTRAINT stock_balance_pkey PRIMARY KEY (id),
  CONSTRAINT stock_balance_quantity_check CHECK ((quantity >= (0)::numeric))
);

CREATE INDEX stock_balance_lot ON public.stock_balance USING btree (lot);

CREATE INDEX stock_balance_site ON public.stock_balance USING btree (site, location);

CREATE TABLE stock_movement (
  counted_ends text,
  counter_site text,
  created_at timestamp with time zone NOT NULL,
  document text,
  from_location text,
  from_state text,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  lot text,
  number text NOT NULL,
  occurred_at timestamp with time zone,
  owner text,
  place text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric NOT NULL,
  quantity_unit text NOT NULL,
  reason text,
  serial text,
  site text NOT NULL,
  to_location text,
  to_state text,
  type text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT stock_movement_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT stock_movement_pkey PRIMARY KEY (id),
  CONSTRAINT stock_movement_quantity_check CHECK ((quantity > (0)::numeric)),
  CONSTRAINT stock_movement_site_number_key UNIQUE (site, number)
);

CREATE INDEX stock_movement_document ON public.stock_movement USING btree (document);

CREATE INDEX stock_movement_item ON public.stock_movement USING btree (item_id, occurred_at);

CREATE INDEX stock_movement_lot ON public.stock_movement USING btree (lot);

CREATE INDEX stock_movement_occurred ON public.stock_movement USING btree (occurred_at, id);

CREATE TABLE stock_policy (
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  inspection_days integer,
  item_id uuid NOT NULL,
  lot_tracked boolean,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  serial_tracked boolean,
  site text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT stock_policy_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT stock_policy_item_id_site_key UNIQUE (item_id, site),
  CONSTRAINT stock_policy_pkey PRIMARY KEY (id)
);

CREATE TABLE supplier (
  account_holder text,
  bic text,
  code text NOT NULL,
  country text,
  created_at timestamp with time zone NOT NULL,
  currency text,
  gln text,
  iban text,
  id uuid NOT NULL,
  incoterm text,
  match_name text,
  match_tax_ids text[],
  name text NOT NULL,
  on_time_percent numeric,
  payment_terms text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  received_lines integer,
  state text NOT NULL,
  tax_ids text[],
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT supplier_code_key UNIQUE (code),
  CONSTRAINT supplier_pkey PRIMARY KEY (id)
);

CREATE INDEX supplier_gln ON public.supplier USING btree (gln);

CREATE INDEX supplier_match_name ON public.supplier USING gin (match_name gin_trgm_ops);

CREATE INDEX supplier_match_tax_ids ON public.supplier USING gin (match_tax_ids);

CREATE INDEX supplier_state ON public.supplier USING btree (state);

CREATE TABLE supplier_bank_change (
  account_holder text NOT NULL,
  bic text,
  created_at timestamp with time zone NOT NULL,
  decided_by text,
  decision text,
  decision_reason text,
  iban text NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  reason text NOT NULL,
  requested_by text,
  supplier_id uuid NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT supplier_bank_change_check CHECK ((decided_by <> requested_by)),
  CONSTRAINT supplier_bank_change_number_key UNIQUE (number),
  CONSTRAINT supplier_bank_change_pkey PRIMARY KEY (id),
  CONSTRAINT supplier_bank_change_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id)
);

CREATE INDEX supplier_bank_change_supplier ON public.supplier_bank_change USING btree (supplier_id);

CREATE TABLE system (
  call_budget jsonb,
  capabilities jsonb NOT NULL,
  code text NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  freshness jsonb,
  id uuid NOT NULL,
  kind text NOT NULL,
  last_seen_at timestamp with time zone,
  name text NOT NULL,
  product_version text,
  site_codes text[] NOT NULL,
  state text NOT NULL,
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  vendor text,
  version integer NOT NULL,
  CONSTRAINT system_code_key UNIQUE (code),
  CONSTRAINT system_pkey PRIMARY KEY (id)
);

CREATE TABLE transfer_order (
  created_at timestamp with time zone NOT NULL,
  currency text,
  id uuid NOT NULL,
  intercompany boolean,
  local_status text,
  number text NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text NOT NULL,
  state text NOT NULL,
  to_site text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT transfer_order_number_key UNIQUE (number),
  CONSTRAINT transfer_order_pkey PRIMARY KEY (id)
);

CREATE INDEX transfer_order_site ON public.transfer_order USING btree (site, state);

CREATE INDEX transfer_order_state ON public.transfer_order USING btree (state);

CREATE INDEX transfer_order_to_site ON public.transfer_order USING btree (to_site);

CREATE TABLE transfer_order_line (
  base_quantity numeric NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expected_on date,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  line_number integer NOT NULL,
  order_id uuid NOT NULL,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric NOT NULL,
  quantity_unit text NOT NULL,
  received numeric,
  shipped numeric,
  site text NOT NULL,
  unit_price numeric,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT transfer_order_line_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT transfer_order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES transfer_order(id),
  CONSTRAINT transfer_order_line_order_id_line_number_key UNIQUE (order_id, line_number),
  CONSTRAINT transfer_order_line_pkey PRIMARY KEY (id)
);

CREATE INDEX transfer_order_line_item ON public.transfer_order_line USING btree (item_id);

CREATE INDEX transfer_order_line_site ON public.transfer_order_line USING btree (site);

CREATE TABLE valuation (
  area text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  item_id uuid NOT NULL,
  method text NOT NULL,
  period text NOT NULL,
  posted_on date,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  quantity numeric,
  site text,
  unit_cost numeric NOT NULL,
  unit_cost_currency text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  value numeric,
  value_currency text,
  version integer NOT NULL,
  CONSTRAINT valuation_item_id_area_period_key UNIQUE (item_id, area, period),
  CONSTRAINT valuation_item_id_fkey FOREIGN KEY (item_id) REFERENCES item(id),
  CONSTRAINT valuation_pkey PRIMARY KEY (id)
);

CREATE INDEX valuation_area ON public.valuation USING btree (area, period);

CREATE INDEX valuation_site ON public.valuation USING btree (site);

CREATE TABLE vocabulary_term (
  code text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  definition text NOT NULL,
  edition integer NOT NULL,
  id uuid NOT NULL,
  marks jsonb,
  parent text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  status text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  vocabulary text NOT NULL,
  CONSTRAINT vocabulary_term_pkey PRIMARY KEY (id),
  CONSTRAINT vocabulary_term_vocabulary_edition_code_key UNIQUE (vocabulary, edition, code)
);

CREATE TABLE work_centre (
  capacity numeric,
  code text NOT NULL,
  cost_rate numeric,
  cost_rate_currency text,
  created_at timestamp with time zone NOT NULL,
  id uuid NOT NULL,
  name text,
  provenance jsonb DEFAULT '{}'::jsonb NOT NULL,
  site text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  version integer NOT NULL,
  CONSTRAINT work_centre_code_key UNIQUE (code),
  CONSTRAINT work_centre_pkey PRIMARY KEY (id)
);

CREATE INDEX work_centre_site ON public.work_centre USING btree (site, id);

CREATE TABLE write_request (
  answer jsonb,
  approver_scopes text[] DEFAULT '{}'::text[] NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  correlation_id text NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  decided_at timestamp with time zone,
  decided_by uuid,
  decided_client text,
  decision_reason text,
  due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  fence bigint DEFAULT 0 NOT NULL,
  guards jsonb DEFAULT '[]'::jsonb NOT NULL,
  id uuid NOT NULL,
  lane text NOT NULL,
  leased_until timestamp with time zone,
  local_key text,
  look_ups integer DEFAULT 0 NOT NULL,
  needs_approval text[] DEFAULT '{}'::text[] NOT NULL,
  op text NOT NULL,
  patch jsonb NOT NULL,
  reason text,
  record_id uuid,
  record_type text NOT NULL,
  record_version integer,
  requested_by uuid NOT NULL,
  requested_client text NOT NULL,
  requested_system text NOT NULL,
  seen jsonb NOT NULL,
  seen_version integer,
  sequence bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  site text,
  state text NOT NULL,
  target_system text NOT NULL,
  token_sent text,
  updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  values_read jsonb,
  values_written jsonb,
  version integer NOT NULL,
  CONSTRAINT write_request_check CHECK (((op = 'create'::text) OR (record_id IS NOT NULL))),
  CONSTRAINT write_request_check1 CHECK ((decided_by <> requested_by)),
  CONSTRAINT write_request_check2 CHECK (((cardinality(needs_approval) = 0) OR (state = ANY (ARRAY['received'::text, 'awaiting-approval'::text, 'cancelled'::text, 'rejected'::text])) OR (decided_by IS NOT NULL))),
  CONSTRAINT write_request_id_fkey FOREIGN KEY (id) REFERENCES operation(id),
  CONSTRAINT write_request_op_check CHECK ((op = ANY (ARRAY['create'::text, 'update'::text]))),
  CONSTRAINT write_request_pkey PRIMARY KEY (id),
  CONSTRAINT write_request_sequence_key UNIQUE (sequence),
  CONSTRAINT write_request_state_check CHECK ((state = ANY (ARRAY['received'::text, 'guarded'::text, 'awaiting-approval'::text, 'dispatched'::text, 'unknown'::text, 'confirmed'::text, 'rejected'::text, 'cancelled'::text, 'needs-review'::text])))
);

CREATE INDEX write_request_lane ON public.write_request USING btree (lane, sequence) WHERE (state = ANY (ARRAY['guarded'::text, 'dispatched'::text, 'unknown'::text]));

CREATE INDEX write_request_open ON public.write_request USING btree (target_system, sequence) WHERE (state = ANY (ARRAY['guarded'::text, 'dispatched'::text, 'unknown'::text]));

CREATE INDEX write_request_record ON public.write_request USING btree (record_id, sequence);

CREATE INDEX write_request_requester ON public.write_request USING btree (requested_by, id);
