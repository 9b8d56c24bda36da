import { date, defineRecord, enumeration, map, money, reference, text, boolean, integer } from '@datum/governed';

const someId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
const siteText = (group: string) =>
  text({ group, description: 'Site code.', example: 'A', required: true, fixed: true, filter: true, maxLength: 16 });
const itemOf = (group: string) =>
  reference({ group, description: 'The item.', example: someId, required: true, fixed: true, filter: true, refers: 'item' });

export const locationKinds = ['bin', 'dock', 'line-side', 'inspection', 'yard', 'area'] as const;

/** A place within a site where stock can be. */
export const locationRecord = defineRecord({
  type: 'location', typeName: 'Location', domain: 'inventory', collection: 'locations', table: 'location',
  summary: 'A place within a site where stock can be.',
  key: ['site', 'code'], site: 'site', localKeys: true,
  groups: { location: 'Which places there are.', 'location-cost': 'What a place costs.' },
  attributes: {
    site: siteText('location'),
    code: text({ group: 'location', description: 'Code within the site.', example: 'A-01-02', required: true, fixed: true, filter: true, maxLength: 40 }),
    name: text({ group: 'location', description: 'Name.', example: 'Rack 1, level 2' }),
    kind: enumeration({ group: 'location', description: 'Kind of place. Stock at the line is counted by the MES, all other by the warehouse system.', example: 'bin', required: true, fixed: true, values: locationKinds }),
    parent: text({ group: 'location', description: 'Code of the place it lies in.', example: 'A-01', maxLength: 40 }),
    status: enumeration({ group: 'location', description: 'Whether it is in use.', example: 'active', values: ['active', 'retired'] }),
    costRate: money({ group: 'location-cost', description: 'Cost per hour of use.', example: { amount: '12', currency: 'USD' }, min: '0' }),
  },
});

/** How a site keeps an item: what must be told apart, and what may be promised. */
export const stockPolicyRecord = defineRecord({
  type: 'stock-policy', typeName: 'StockPolicy', pluralName: 'stockPolicies', domain: 'inventory', collection: 'stock-policies', table: 'stock_policy',
  summary: 'How a site keeps an item: lots, serials, and when inspected stock may be promised.',
  key: ['itemId', 'site'], site: 'site',
  groups: { 'stock-policy': 'How the item is kept at the site.' },
  attributes: {
    itemId: itemOf('stock-policy'),
    site: siteText('stock-policy'),
    lotTracked: boolean({ group: 'stock-policy', description: 'Movements and balances must name the lot.', example: true }),
    serialTracked: boolean({ group: 'stock-policy', description: 'Movements and balances must name the serial number.', example: false }),
    inspectionDays: integer({ group: 'stock-policy', description: 'Days after which stock in inspection may be promised; null: never.', example: 2, min: 0, max: 365 }),
  },
});

/** A quantity made or received together. Identified by item, lot number and the site that issued the number. */
export const lotRecord = defineRecord({
  type: 'lot', typeName: 'Lot', domain: 'inventory', collection: 'lots', table: 'lot',
  summary: 'A quantity of an item that was made or received together.',
  key: ['itemId', 'lotNumber', 'issuingSite'], site: 'issuingSite', system: 'system', localKeys: true,
  groups: { lot: 'Where the lot comes from.', 'lot-state': 'What quality says about it.' },
  attributes: {
    itemId: itemOf('lot'),
    lotNumber: text({ group: 'lot', description: 'Lot number.', example: 'L-0219', required: true, fixed: true, filter: true, maxLength: 60 }),
    issuingSite: { ...siteText('lot'), description: 'Site that issued the number.' },
    system: text({ group: 'lot', description: 'System that keeps the lot.', example: 'MES-A', required: true, fixed: true, maxLength: 32 }),
    supplierLot: text({ group: 'lot', description: "Supplier's lot number.", example: 'SL-778', filter: true, maxLength: 60 }),
    madeOn: date({ group: 'lot', description: 'Made on.', example: '2026-02-19' }),
    expiresOn: date({ group: 'lot', description: 'To be used until.', example: '2028-02-19' }),
    attributes: map({ group: 'lot', description: 'Further facts by name.', example: { heat: 'H-771' } }),
    state: enumeration({ group: 'lot-state', description: 'What quality says.', example: 'released', values: ['inspection', 'released', 'hold', 'recalled'] }),
  },
});

/** One piece with a number of its own. */
export const serialRecord = defineRecord({
  type: 'serial', typeName: 'Serial', domain: 'inventory', collection: 'serials', table: 'serial',
  summary: 'One piece of an item with a number of its own.',
  key: ['itemId', 'serialNumber'], site: 'issuingSite', system: 'system', localKeys: true,
  groups: { lot: 'Where it comes from.', 'lot-state': 'What quality says about it.' },
  attributes: {
    itemId: itemOf('lot'),
    serialNumber: text({ group: 'lot', description: 'Serial number.', example: 'SN-000123', required: true, fixed: true, filter: true, maxLength: 60 }),
    issuingSite: { ...siteText('lot'), description: 'Site that issued the number.' },
    system: text({ group: 'lot', description: 'System that keeps the number.', example: 'MES-A', required: true, fixed: true, maxLength: 32 }),
    lotNumber: text({ group: 'lot', description: 'Lot it belongs to.', example: 'L-0219', maxLength: 60 }),
    state: enumeration({ group: 'lot-state', description: 'What quality says.', example: 'released', values: ['inspection', 'released', 'hold', 'recalled'] }),
  },
});
