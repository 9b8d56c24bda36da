import { date, decimal, defineRecord, enumeration, integer, quantity, reference, text, boolean, type AnyRecord, type RecordOf } from '@datum/governed';

const someId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
const number = (group: string, example: string) =>
  text({ group, description: 'Canonical order number.', example, required: true, fixed: true, filter: true, sort: true, maxLength: 60 });
const site = (group: string, description: string) => text({ group, description, example: 'A', required: true, fixed: true, filter: true, maxLength: 16 });
const localStatus = (group: string) => text({ group, description: "Status in the ERP's own words.", example: 'BESTELLT', maxLength: 60 });
const currency = (group: string) => text({ group, description: 'Currency, ISO 4217.', example: 'USD', maxLength: 3, pattern: /^[A-Z]{3}$/ });
const state = (group: string, values: readonly string[], example: string) =>
  enumeration({ group, description: 'Canonical state.', example, required: true, filter: true, values });
const order = (group: string, refers: string) =>
  reference({ group, description: 'The order.', example: someId, required: true, fixed: true, filter: true, refers });

/** What every order line says, whatever is done with it. */
const line = (group: string) => ({
  lineNumber: integer({ group, description: 'Number within the order.', example: 10, required: true, fixed: true, min: 1, max: 999_999 }),
  site: site(group, 'Site of the order.'),
  itemId: reference({ group, description: 'The item.', example: someId, required: true, fixed: true, filter: true, refers: 'item' }),
  quantity: quantity({ group, description: 'Quantity, in the unit of the order: UN/ECE Rec 20, or X and a Rec 21 package code.', example: { value: '200', unit: 'C62' }, required: true, min: '0' }),
  baseQuantity: decimal({ group, description: 'The same in the base unit of the item; needed where the order is in another unit.', example: '200', min: '0' }),
  unitPrice: decimal({ group, description: 'Price of one order unit, in the currency of the order.', example: '38', min: '0' }),
});

/** An order may enter the gateway in the middle of its life, so a new record may be in any state. */
const lifecycle = (transitions: Record<string, readonly string[]>, ends: readonly string[]) =>
  ({ attribute: 'state', initial: [...Object.keys(transitions), ...ends], transitions });

const purchaseLife = lifecycle({
  DRAFT: ['ORDERED', 'CANCELLED'],
  ORDERED: ['CONFIRMED', 'PART_RECEIVED', 'RECEIVED', 'CANCELLED'],
  CONFIRMED: ['PART_RECEIVED', 'RECEIVED', 'CANCELLED'],
  PART_RECEIVED: ['RECEIVED', 'CLOSED'],
  RECEIVED: ['INVOICED', 'CLOSED'],
  INVOICED: ['CLOSED'],
}, ['CLOSED', 'CANCELLED']);

export const purchaseOrderRecord = defineRecord({
  type: 'purchase-order', typeName: 'PurchaseOrder', domain: 'order', collection: 'purchase-orders', table: 'purchase_order',
  summary: 'An order to a supplier.',
  key: ['number'], site: 'site', localKeys: true, lifecycle: purchaseLife,
  groups: { purchase: 'What was ordered from whom.' },
  attributes: {
    number: number('purchase', 'PO-4711'),
    site: site('purchase', 'Site that receives.'),
    supplierId: reference({ group: 'purchase', description: 'The supplier.', example: someId, required: true, fixed: true, filter: true, refers: 'supplier' }),
    orderedOn: date({ group: 'purchase', description: 'Ordered on.', example: '2026-02-20' }),
    currency: currency('purchase'),
    state: state('purchase', purchaseLife.initial, 'ORDERED'),
    localStatus: localStatus('purchase'),
  },
});

export const purchaseOrderLineRecord = defineRecord({
  type: 'purchase-order-line', typeName: 'PurchaseOrderLine', domain: 'order', collection: 'purchase-order-lines', table: 'purchase_order_line',
  summary: 'A line of a purchase order.',
  key: ['orderId', 'lineNumber'], site: 'site',
  groups: { purchase: 'What was ordered from whom.', 'purchase-receipt': 'What came.' },
  attributes: {
    orderId: order('purchase', 'purchase-order'),
    ...line('purchase'),
    promisedOn: date({ group: 'purchase', description: 'Promised by the supplier.', example: '2026-03-12' }),
    received: decimal({ group: 'purchase-receipt', description: 'Received, in base units.', example: '0', min: '0' }),
    receivedOn: date({ group: 'purchase-receipt', description: 'Last receipt.', example: '2026-03-11' }),
  },
});

const salesLife = lifecycle({
  ENTERED: ['CONFIRMED', 'ON_HOLD', 'CANCELLED'],
  CONFIRMED: ['ALLOCATED', 'PART_SHIPPED', 'SHIPPED', 'ON_HOLD', 'CANCELLED'],
  ALLOCATED: ['CONFIRMED', 'PART_SHIPPED', 'SHIPPED', 'ON_HOLD', 'CANCELLED'],
  PART_SHIPPED: ['SHIPPED', 'ON_HOLD', 'CLOSED'],
  SHIPPED: ['INVOICED', 'CLOSED'],
  INVOICED: ['PAID', 'CLOSED'],
  PAID: ['CLOSED'],
  ON_HOLD: ['ENTERED', 'CONFIRMED', 'ALLOCATED', 'PART_SHIPPED', 'CANCELLED'],
}, ['CLOSED', 'CANCELLED']);

export const salesOrderRecord = defineRecord({
  type: 'sales-order', typeName: 'SalesOrder', domain: 'order', collection: 'sales-orders', table: 'sales_order',
  summary: 'An order of a customer.',
  key: ['number'], site: 'site', localKeys: true, lifecycle: salesLife,
  groups: { sales: 'What a customer ordered.' },
  attributes: {
    number: number('sales', 'SO-9001'),
    site: site('sales', 'Site that delivers.'),
    customerId: reference({ group: 'sales', description: 'The customer.', example: someId, required: true, fixed: true, filter: true, refers: 'customer' }),
    orderedOn: date({ group: 'sales', description: 'Ordered on.', example: '2026-02-25' }),
    customerReference: text({ group: 'sales', description: "Customer's own order number.", example: 'ORION-55', filter: true, maxLength: 60 }),
    currency: currency('sales'),
    state: state('sales', salesLife.initial, 'CONFIRMED'),
    localStatus: localStatus('sales'),
  },
});

export const salesOrderLineRecord = defineRecord({
  type: 'sales-order-line', typeName: 'SalesOrderLine', domain: 'order', collection: 'sales-order-lines', table: 'sales_order_line',
  summary: 'A line of a sales order.',
  key: ['orderId', 'lineNumber'], site: 'site',
  groups: { sales: 'What a customer ordered.', 'sales-shipping': 'What is set aside and what left.' },
  attributes: {
    orderId: order('sales', 'sales-order'),
    ...line('sales'),
    promisedOn: date({ group: 'sales', description: 'Promised to the customer.', example: '2026-03-06' }),
    allocated: decimal({ group: 'sales-shipping', description: 'Set aside (reserved) and not shipped, in base units.', example: '40', min: '0' }),
    shipped: decimal({ group: 'sales-shipping', description: 'Shipped, in base units.', example: '0', min: '0' }),
  },
});

const transferLife = lifecycle({
  DRAFT: ['ORDERED', 'CANCELLED'],
  ORDERED: ['PART_SHIPPED', 'SHIPPED', 'CANCELLED'],
  PART_SHIPPED: ['SHIPPED', 'PART_RECEIVED', 'RECEIVED', 'CLOSED'],
  SHIPPED: ['PART_RECEIVED', 'RECEIVED'],
  PART_RECEIVED: ['SHIPPED', 'RECEIVED', 'CLOSED'],
  RECEIVED: ['CLOSED'],
}, ['CLOSED', 'CANCELLED']);

export const transferOrderRecord = defineRecord({
  type: 'transfer-order', typeName: 'TransferOrder', domain: 'order', collection: 'transfer-orders', table: 'transfer_order',
  summary: 'An order of one site to bring stock to another.',
  key: ['number'], site: 'site', localKeys: true, lifecycle: transferLife,
  groups: { transfer: 'What is to go where.' },
  attributes: {
    number: number('transfer', 'TO-1'),
    site: site('transfer', 'Site that sends.'),
    toSite: { ...site('transfer', 'Site that receives.'), example: 'D' },
    intercompany: boolean({ group: 'transfer', description: 'Between legal entities.', example: true }),
    currency: currency('transfer'),
    state: state('transfer', transferLife.initial, 'ORDERED'),
    localStatus: localStatus('transfer'),
  },
});

export const transferOrderLineRecord = defineRecord({
  type: 'transfer-order-line', typeName: 'TransferOrderLine', domain: 'order', collection: 'transfer-order-lines', table: 'transfer_order_line',
  summary: 'A line of a transfer order.',
  key: ['orderId', 'lineNumber'], site: 'site',
  groups: { transfer: 'What is to go where.', 'transfer-progress': 'What left and what arrived, from the movements at both ends.' },
  attributes: {
    orderId: order('transfer', 'transfer-order'),
    ...line('transfer'),
    expectedOn: date({ group: 'transfer', description: 'Expected at the other site.', example: '2026-03-09' }),
    shipped: decimal({ group: 'transfer-progress', description: 'Left the sending site, in base units.', example: '20', min: '0' }),
    received: decimal({ group: 'transfer-progress', description: 'Arrived, in base units.', example: '0', min: '0' }),
  },
});

/** An order type with its lines, and how far a line is done: what its order's state follows from. */
export interface OrderType {
  order: AnyRecord;
  line: AnyRecord;
  progress: readonly { attribute: string; part: string; all: string }[];
}

export const orderTypes: readonly OrderType[] = [
  { order: purchaseOrderRecord, line: purchaseOrderLineRecord, progress: [{ attribute: 'received', part: 'PART_RECEIVED', all: 'RECEIVED' }] },
  { order: salesOrderRecord, line: salesOrderLineRecord, progress: [{ attribute: 'shipped', part: 'PART_SHIPPED', all: 'SHIPPED' }] },
  {
    order: transferOrderRecord, line: transferOrderLineRecord,
    progress: [{ attribute: 'received', part: 'PART_RECEIVED', all: 'RECEIVED' }, { attribute: 'shipped', part: 'PART_SHIPPED', all: 'SHIPPED' }],
  },
];

export type PurchaseOrder = RecordOf<typeof purchaseOrderRecord>;
export type SalesOrder = RecordOf<typeof salesOrderRecord>;
export type TransferOrder = RecordOf<typeof transferOrderRecord>;
