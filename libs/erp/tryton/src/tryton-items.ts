import type { ErpWrite } from '@datum/write-back';
import { z } from 'zod';
import { flagOrRefusal, onlyWritable, refusedValue, textOrRefusal } from './tryton-record-type.js';
import type { TrytonRecordType, TrytonRow, TrytonWrite, UnitIds } from './tryton-record-type.js';
import { symbolOfUnit, unitOf } from './tryton-units.js';
import { toTrytonDecimal, trytonDecimal, trytonInstant } from './tryton-values.js';

const dates = { _timestamp: z.string().min(1), create_date: trytonInstant, write_date: trytonInstant.nullable() };
const productRow = z.object({
  id: z.int(),
  code: z.string().min(1),
  active: z.boolean(),
  cost_price: trytonDecimal.nullable(),
  ...dates,
  'template.': z.object({
    id: z.int(),
    name: z.string(),
    type: z.string(),
    active: z.boolean(),
    list_price: trytonDecimal.nullable(),
    default_uom: z.int(),
    'default_uom.': z.object({ symbol: z.string() }),
    producible: z.boolean().nullable(),
    purchasable: z.boolean().nullable(),
    salable: z.boolean().nullable(),
    products: z.array(z.int()),
    ...dates,
  }),
});
type Template = z.output<typeof productRow>['template.'];

/** What an item type is in Tryton. Raw and phantom items have no counterpart there and are refused. */
const flags = { producible: false, purchasable: false, salable: false };
const layoutOfType: Record<string, typeof flags & { type: string }> = {
  finished: { ...flags, type: 'goods', producible: true, salable: true },
  semi: { ...flags, type: 'goods', producible: true },
  purchased: { ...flags, type: 'goods', purchasable: true },
  service: { ...flags, type: 'service' },
  tool: { ...flags, type: 'assets' },
};

const templateFields = [
  'name', 'type', 'active', 'list_price', 'default_uom', 'default_uom.symbol', 'producible', 'purchasable', 'salable', 'products',
  '_timestamp', 'create_date', 'write_date',
];

/** An item is a variant (product.product) together with its template, each with a timestamp of its own; the token holds both. */
export const items: TrytonRecordType = {
  capability: {
    recordType: 'item',
    read: true, create: true, update: true,
    readable: ['code', 'description', 'type', 'baseUnit', 'standardCost', 'listPrice', 'active'],
    writable: ['description', 'type', 'baseUnit', 'standardCost', 'listPrice', 'active'],
    concurrency: 'timestamp',
    delta: 'timestamp',
    deletes: 'reconcile',
    idempotency: 'natural-key',
    bulk: false,
  },
  model: 'product.product',
  fields: [
    'code', 'active', 'cost_price', '_timestamp', 'create_date', 'write_date', ...templateFields.map((field) => `template.${field}`),
  ],
  datedPrefixes: ['', 'template.'],
  labels: {
    Name: 'description', Type: 'type', 'Default UOM': 'baseUnit', 'List Price': 'listPrice', 'Cost Price': 'standardCost',
    'Purchase UOM': 'baseUnit', 'Sale UOM': 'baseUnit', Code: 'code', Active: 'active',
  },

  toRow(row: unknown): TrytonRow | undefined {
    const { success, data } = productRow.safeParse(row);
    if (!success) return undefined;
    const template = data['template.'];
    const baseUnit = unitOf(template['default_uom.'].symbol);
    const type = typeOf(template);
    const active = data.active && template.active;
    const attributes = {
      code: data.code,
      description: { en: template.name },
      // A type or unit without canonical counterpart stays unknown.
      ...(type === undefined ? {} : { type }),
      ...(baseUnit === undefined ? {} : { baseUnit }),
      standardCost: data.cost_price,
      listPrice: template.list_price,
      active,
    };
    const dated = [data, template].flatMap(({ create_date, write_date }) => [create_date, write_date ?? create_date]);
    return {
      id: data.id,
      record: {
        recordType: 'item', key: data.code, internalId: String(data.id), token: `${template._timestamp}/${data._timestamp}`, attributes,
        changedAt: dated.sort().at(-1)!, active,
      },
      details: { template },
    };
  },

  async creation(write: ErpWrite, units: UnitIds): Promise<{ model: string; values: Record<string, unknown> }> {
    const { template, variant } = await valuesOf(write, undefined, units);
    const values = { type: 'goods', ...template, code: write.key, products: [['create', [{ suffix_code: '', ...variant }]]] };
    return { model: 'product.template', values };
  },

  async change(row: TrytonRow, write: ErpWrite, units: UnitIds): Promise<TrytonWrite> {
    const held = row.details.template as Template;
    const { template, variant } = await valuesOf(write, held, units);
    const [templateStamp = '', variantStamp = ''] = write.token!.split('/');
    if (held.products.length > 1 && Object.keys(template).length > 0) {
      throw refusedValue(Object.keys(write.attributes)[0]!, 'These values are shared by several variants in Tryton and are not changed for one.');
    }
    // The variant is always among what is written, also with no value, because only what is written is checked against its timestamp.
    return {
      model: 'product.template',
      ids: [held.id],
      values: { ...template, products: [['write', [row.id], variant]] },
      timestamps: { [`product.template,${held.id}`]: templateStamp, [`product.product,${row.id}`]: variantStamp },
    };
  },
};

function typeOf(template: Template): string | undefined {
  return Object.entries(layoutOfType).find(([, layout]) => layout.type === template.type
    && (['producible', 'purchasable', 'salable'] as const).every((flag) => layout[flag] === (template[flag] ?? false)))?.[0];
}

async function valuesOf(
  { attributes }: ErpWrite, held: Template | undefined, units: UnitIds,
): Promise<{ template: Record<string, unknown>; variant: Record<string, unknown> }> {
  onlyWritable(items.capability, attributes);
  const template: Record<string, unknown> = {};
  const variant: Record<string, unknown> = {};
  if ('description' in attributes) template.name = englishOf(attributes.description);
  if ('listPrice' in attributes) template.list_price = priceOf('listPrice', attributes.listPrice);
  if ('standardCost' in attributes) variant.cost_price = priceOf('standardCost', attributes.standardCost);
  if ('active' in attributes) {
    variant.active = flagOrRefusal('active', attributes.active);
    // A template cannot be archived before its variants; with several variants only the one is.
    if (!held || held.products.length <= 1) template.active = variant.active;
  }
  if ('type' in attributes || 'baseUnit' in attributes) Object.assign(template, await layoutOf(attributes, held, units));
  return { template, variant };
}

/** Type and unit together: what is bought or sold needs units of the same kind as the base unit. */
async function layoutOf(attributes: Record<string, unknown>, held: Template | undefined, units: UnitIds): Promise<Record<string, unknown>> {
  const type = attributes.type;
  if ('type' in attributes && !(typeof type === 'string' && Object.hasOwn(layoutOfType, type))) {
    throw refusedValue('type', `Tryton has no such item type: ${Object.keys(layoutOfType).join(', ')} can be written.`);
  }
  const layout = typeof type === 'string' ? layoutOfType[type]! : {};
  const unit = 'baseUnit' in attributes ? await unitIdOf(attributes.baseUnit, units) : held?.default_uom;
  const { purchasable = held?.purchasable ?? false, salable = held?.salable ?? false } = layout as Partial<typeof flags>;
  return {
    ...layout,
    ...('baseUnit' in attributes ? { default_uom: unit } : {}),
    purchase_uom: purchasable ? unit : null,
    sale_uom: salable ? unit : null,
  };
}

async function unitIdOf(code: unknown, units: UnitIds): Promise<number> {
  const symbol = typeof code === 'string' && Object.hasOwn(symbolOfUnit, code) ? symbolOfUnit[code] : undefined;
  const id = symbol === undefined ? undefined : await units(symbol);
  if (id === undefined) throw refusedValue('baseUnit', 'This Tryton has no such unit.');
  return id;
}

function englishOf(description: unknown): string {
  if (typeof description !== 'object' || description === null) throw refusedValue('description', 'description must be given by language.');
  const { en, ...others } = description as Record<string, unknown>;
  if (Object.values(others).some((text) => text !== null)) {
    throw refusedValue('description', 'Only the English description is kept in Tryton.');
  }
  return textOrRefusal('description', en);
}

function priceOf(attribute: string, value: unknown): unknown {
  if (value === null) return null;
  const decimal = toTrytonDecimal(value);
  if (!decimal) throw refusedValue(attribute, `${attribute} must be a decimal.`);
  return decimal;
}
