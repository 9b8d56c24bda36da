import { date, decimal, defineRecord, enumeration, instant, money, quantity, reference, text, type RecordOf } from '@datum/governed';
import { balanceStates, decisionStates, heldStates, transitStates } from './inventory-state.js';
import { movementTypeCodes } from './movement-type.js';

const someId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
const group = 'bin-quantity';
const quantityGroups = {
  'bin-quantity': 'How much is in which bin.',
  'line-side-quantity': 'How much is at the line.',
  'state-decision': 'Quality decisions on stock.',
  'in-transit': 'What is between sites.',
};
const item = reference({ group, description: 'The item.', example: someId, required: true, fixed: true, filter: true, refers: 'item' });
const site = text({ group, description: 'Site code.', example: 'A', required: true, fixed: true, filter: true, maxLength: 16 });
const place = enumeration({ group, description: 'Who counts: `bin` the warehouse system (default), `line-side` the MES.', example: 'bin', fixed: true, values: ['bin', 'line-side'] });
const optionalText = (description: string, example: string) => text({ group, description, example, fixed: true, maxLength: 60 });
const state = (description: string) => enumeration({ group, description, example: 'AVAILABLE', fixed: true, values: balanceStates });

/** Stock moved: immutable. Balances follow from it in the same transaction. */
export const stockMovementRecord = defineRecord({
  type: 'stock-movement', typeName: 'StockMovement', domain: 'inventory', collection: 'stock-movements', table: 'stock_movement',
  summary: 'Stock that moved, changed its state, came in or went out. Never changed afterwards.',
  key: ['site', 'number'], site: 'site', appendOnly: true, groups: quantityGroups,
  groupOf: (_attribute, record) => movementGroup(record),
  attributes: {
    number: { ...optionalText("The source's number of the movement, unique at the site.", 'WMS-A-88120'), required: true, filter: true },
    type: enumeration({ group, description: 'What happened.', example: 'TRANSFER_BIN', required: true, values: movementTypeCodes }),
    itemId: item,
    site,
    counterSite: optionalText('The other site of a transfer between sites.', 'D'),
    place,
    fromLocation: optionalText('Where it was; null: the site as a whole.', 'A-01-02'),
    fromState: state('State it was in; the usual one of the type when left out.'),
    toLocation: optionalText('Where it is now.', 'A-02-01'),
    toState: state('State it is in now; the usual one of the type when left out.'),
    lot: { ...optionalText('Lot number.', 'L-0219'), filter: true },
    serial: optionalText('Serial number; the quantity is one then.', 'SN-000123'),
    owner: optionalText('Party that owns it; null: we.', 'V-10077'),
    quantity: quantity({ group, description: "How much, in the item's base unit; more than zero.", example: { value: '20', unit: 'C62' }, required: true, min: '0' }),
    occurredAt: instant({ group, description: 'When it happened; default now.', example: '2026-03-04T15:12:00Z', filter: true, sort: true }),
    document: { ...optionalText('Order, shipment or receipt it belongs to.', 'A-1001'), filter: true },
    reason: optionalText('Why, where the type does not say it (scrap code, count).', 'SCR-MAT'),
    countedEnds: enumeration({ group, description: 'It came late: a count of these ends, later than the movement, had it already, so their balances did not move.', example: 'from', computed: true, values: ['from', 'to', 'both'] }),
  },
});

/** How much there is: the consequence of movements, or what the counting system states. */
export const stockBalanceRecord = defineRecord({
  type: 'stock-balance', typeName: 'StockBalance', domain: 'inventory', collection: 'stock-balances', table: 'stock_balance',
  summary: 'How much of an item is where, in which state.',
  key: ['itemId', 'site', 'location', 'state', 'lot', 'serial', 'owner', 'counterSite'], site: 'site',
  groups: { 'bin-quantity': quantityGroups['bin-quantity'], 'line-side-quantity': quantityGroups['line-side-quantity'], 'in-transit': quantityGroups['in-transit'] },
  groupOf: (_attribute, record) => balanceGroup(record),
  attributes: {
    itemId: item,
    site,
    location: { ...optionalText('Place within the site; null: the site as a whole.', 'A-01-02'), filter: true },
    place,
    state: { ...state('State, vocabulary inventory-state/1.'), required: true },
    lot: { ...optionalText('Lot number.', 'L-0219'), filter: true },
    serial: optionalText('Serial number.', 'SN-000123'),
    owner: optionalText('Party that owns it; null: we.', 'V-10077'),
    counterSite: optionalText('Where it is going, for stock between sites.', 'D'),
    quantity: quantity({ group, description: "How much, in the item's base unit.", example: { value: '106', unit: 'C62' }, required: true, min: '0' }),
    asOf: instant({ group, description: 'Up to when movements are in it, or when it was counted.', example: '2026-03-04T14:00:00Z' }),
    countedAt: instant({ group, description: 'When the counting system last stated it; movements up to then are in it, whenever they are reported.', example: '2026-03-04T06:00:00Z', computed: true }),
  },
});

/** What the stock is worth in the books: decided by the ERP, apart from how much the warehouse counts. */
export const valuationRecord = defineRecord({
  type: 'valuation', typeName: 'Valuation', domain: 'inventory', collection: 'valuations', table: 'valuation',
  summary: 'What the stock of an item is worth in a valuation area and period.',
  key: ['itemId', 'area', 'period'], site: 'site',
  groups: { valuation: 'Unit cost and value in the books.' },
  attributes: {
    itemId: { ...item, group: 'valuation' },
    area: text({ group: 'valuation', description: 'Valuation area: a site code, or an area of the ERP over several sites.', example: 'A', required: true, fixed: true, filter: true, maxLength: 20 }),
    site: text({ group: 'valuation', description: 'The site, when the area is one; null: an area over several.', example: 'A', computed: true, filter: true, maxLength: 16 }),
    period: text({ group: 'valuation', description: 'Period, year and month.', example: '2026-03', required: true, fixed: true, filter: true, maxLength: 7, pattern: /^\d{4}-(0[1-9]|1[0-2])$/ }),
    method: enumeration({ group: 'valuation', description: 'How the unit cost is found.', example: 'standard', required: true, values: ['standard', 'moving-average', 'fifo', 'lifo'] }),
    unitCost: money({ group: 'valuation', description: 'Cost of one base unit.', example: { amount: '38', currency: 'USD' }, required: true, min: '0' }),
    quantity: decimal({ group: 'valuation', description: 'Quantity in the books, in base units.', example: '340', min: '0' }),
    value: money({ group: 'valuation', description: 'Value in the books.', example: { amount: '12920', currency: 'USD' } }),
    postedOn: date({ group: 'valuation', description: 'Last posting in it.', example: '2026-03-04' }),
  },
});

/** Which group a movement belongs to: who may write it follows from what it does and where. */
export function movementGroup(record: Record<string, unknown>): string {
  const decides = [record.fromState, record.toState].some((code) => decisionStates.includes(code as string));
  if (record.type === 'STATE_CHANGE' && decides) return 'state-decision';
  if (takesFromHold(record)) return 'state-decision';
  if (transitStates.includes(record.fromState as string) && record.type === 'SHIP') return 'in-transit';
  return record.place === 'line-side' ? 'line-side-quantity' : group;
}

/** What quality holds leaves that state by its word only, written off or counted down included; recalled stock does not even move to another bin. */
function takesFromHold({ type, fromState }: Record<string, unknown>): boolean {
  return heldStates.includes(fromState as string) && (type !== 'TRANSFER_BIN' || fromState === 'RECALLED');
}

function balanceGroup(record: Record<string, unknown>): string {
  if (transitStates.includes(record.state as string)) return 'in-transit';
  return record.place === 'line-side' ? 'line-side-quantity' : group;
}

export type StockMovement = RecordOf<typeof stockMovementRecord>;
export type StockBalance = RecordOf<typeof stockBalanceRecord>;
export type Valuation = RecordOf<typeof valuationRecord>;
