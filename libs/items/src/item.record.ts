import { defineRecord, enumeration, integer, decimal, localized, map, money, quantity, reference, text, type RecordOf } from '@datum/governed';
import { isGtin } from '@datum/platform';

export const itemTypes = ['raw', 'purchased', 'semi', 'finished', 'phantom', 'service', 'tool'] as const;
export const itemStates = ['draft', 'in-review', 'active', 'blocked', 'phase-out', 'obsolete'] as const;

const gtin = text({ group: 'identity', description: 'GTIN-14 with a valid check digit.', example: '00614141100019', filter: true, maxLength: 14 });
const parseText = gtin.parse;
gtin.parse = (value) => {
  const parsed = parseText(value);
  if ('problem' in parsed || isGtin(parsed.value)) return parsed;
  return { problem: { code: 'gtin.check-digit', detail: 'A GTIN of 8, 12, 13 or 14 digits with a right check digit is expected.' } };
};

/** What is bought, made, stored and sold: one identity for all sites. */
export const itemRecord = defineRecord({
  type: 'item',
  typeName: 'Item',
  domain: 'item',
  collection: 'items',
  table: 'item',
  summary: 'An item of the enterprise: one identity for all sites.',
  key: ['code'],
  localKeys: true,
  lifecycle: {
    attribute: 'state',
    initial: ['draft', 'in-review', 'active'],
    transitions: {
      draft: ['in-review', 'active', 'obsolete'],
      'in-review': ['draft', 'active'],
      active: ['blocked', 'phase-out', 'obsolete'],
      blocked: ['active', 'phase-out', 'obsolete'],
      'phase-out': ['active', 'obsolete'],
    },
  },
  groups: {
    identity: 'What the item is and how it is called.',
    engineering: 'Drawing, weight and material.',
    finance: 'Valuation class and enterprise standard cost.',
    quality: 'How it is inspected.',
    sales: 'How it is offered.',
  },
  attributes: {
    code: text({ group: 'identity', description: 'Canonical item code.', example: 'ACT-500', required: true, fixed: true, filter: true, sort: true, maxLength: 60 }),
    gtin,
    type: enumeration({ group: 'identity', description: 'Kind of item.', example: 'finished', required: true, filter: true, values: itemTypes }),
    baseUnit: text({ group: 'identity', description: 'Unit that stock is counted in, UN/ECE Rec 20.', example: 'C62', required: true, maxLength: 3, pattern: /^[A-Z0-9]{2,3}$/ }),
    description: localized({ group: 'identity', description: 'Description per language.', example: { en: 'Actuator 500 mm' } }),
    classification: map({ group: 'identity', description: 'Classification scheme to code.', example: { unspsc: '27131500' } }),
    legacyCode: text({ group: 'identity', description: 'Code in the system that was replaced.', example: 'OLD-500', filter: true, maxLength: 60 }),
    state: enumeration({ group: 'identity', description: 'Life cycle state.', example: 'active', required: true, filter: true, values: itemStates }),
    drawing: text({ group: 'engineering', description: 'Drawing number and revision.', example: 'DRW-500-C', maxLength: 60 }),
    material: text({ group: 'engineering', description: 'Material.', example: 'AlSi10Mg', maxLength: 60 }),
    netWeight: quantity({ group: 'engineering', description: 'Weight of one base unit.', example: { value: '4.2', unit: 'KGM' }, min: '0' }),
    attributes: map({ group: 'engineering', description: 'Further attributes by name.', example: { color: 'Black' } }),
    valuationClass: text({ group: 'finance', description: 'Valuation class.', example: 'FERT', maxLength: 20 }),
    standardCost: money({ group: 'finance', description: 'Enterprise standard cost of one base unit.', example: { amount: '38', currency: 'USD' }, min: '0' }),
    inspectionPlan: text({ group: 'quality', description: 'Inspection plan.', example: 'QP-10', maxLength: 40 }),
    listPrice: money({ group: 'sales', description: 'List price of one base unit.', example: { amount: '215', currency: 'USD' }, min: '0' }),
    productLine: text({ group: 'sales', description: 'Product line.', example: 'Actuators', filter: true, maxLength: 60 }),
  },
});

/** What one site adds to an item: planning, procurement and logistics are decided there. */
export const itemSiteRecord = defineRecord({
  type: 'item-site',
  typeName: 'ItemSite',
  domain: 'item',
  collection: 'item-sites',
  table: 'item_site',
  summary: 'What one site adds to an item: planning, procurement, logistics and cost.',
  key: ['itemId', 'site'],
  site: 'site',
  groups: {
    'site-planning': 'Lead time, lot size, safety stock.',
    'site-procurement': 'How the site gets it.',
    'site-logistics': 'Bins and packs.',
    'site-cost': 'Standard cost at the site.',
  },
  attributes: {
    itemId: reference({ group: 'site-planning', description: 'The item.', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', required: true, fixed: true, filter: true, refers: 'item' }),
    site: text({ group: 'site-planning', description: 'Site code.', example: 'A', required: true, fixed: true, filter: true, maxLength: 16 }),
    leadTimeDays: integer({ group: 'site-planning', description: 'Replenishment lead time in calendar days.', example: 12, min: 0, max: 3650 }),
    safetyStock: decimal({ group: 'site-planning', description: 'Safety stock in base units.', example: '40', min: '0' }),
    reorderPoint: decimal({ group: 'site-planning', description: 'Stock at which a new order is suggested, in base units.', example: '80', min: '0' }),
    lotSize: decimal({ group: 'site-planning', description: 'Lot size in base units.', example: '50', min: '0' }),
    procurementType: enumeration({ group: 'site-procurement', description: 'Made, bought, or brought from another site.', example: 'make', values: ['make', 'buy', 'transfer'] }),
    buyer: text({ group: 'site-procurement', description: 'Buyer responsible.', example: 'B07', maxLength: 40 }),
    binType: text({ group: 'site-logistics', description: 'Type of bin it is kept in.', example: 'PALLET', maxLength: 40 }),
    packQuantity: decimal({ group: 'site-logistics', description: 'Base units per pack.', example: '10', min: '0' }),
    standardCost: money({ group: 'site-cost', description: 'Standard cost of one base unit at the site.', example: { amount: '38', currency: 'USD' }, min: '0' }),
  },
});

/** Another item that may take an item's place, by priority. */
export const itemAlternateRecord = defineRecord({
  type: 'item-alternate',
  typeName: 'ItemAlternate',
  domain: 'item',
  collection: 'item-alternates',
  table: 'item_alternate',
  summary: 'An item that may take the place of another.',
  key: ['itemId', 'alternateItemId'],
  groups: { alternates: 'Which items may replace which.' },
  attributes: {
    itemId: reference({ group: 'alternates', description: 'The item replaced.', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', required: true, fixed: true, filter: true, refers: 'item' }),
    alternateItemId: reference({ group: 'alternates', description: 'The item that takes its place.', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e60', required: true, fixed: true, filter: true, refers: 'item' }),
    priority: integer({ group: 'alternates', description: '1 is tried first.', example: 1, required: true, min: 1, max: 99 }),
    status: enumeration({ group: 'alternates', description: 'Whether it may be used.', example: 'active', required: true, values: ['active', 'withdrawn'] }),
  },
});

export type Item = RecordOf<typeof itemRecord>;
export type ItemSite = RecordOf<typeof itemSiteRecord>;
