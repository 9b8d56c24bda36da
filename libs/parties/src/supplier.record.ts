import { decimal, defineRecord, enumeration, integer, money, quantity, reference, text, textList, date, type RecordOf } from '@datum/governed';
import { gln, iban } from './identifier.js';

const someId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
const country = (group: string) => text({ group, description: 'Country, ISO 3166-1 alpha-2.', example: 'DE', maxLength: 2, pattern: /^[A-Z]{2}$/ });
const paymentTerms = (group: string) => text({ group, description: 'Payment terms.', example: '2/10 net 30', maxLength: 60 });
const bic = (group: string) => text({ group, description: 'BIC of the bank.', example: 'COBADEFFXXX', maxLength: 11, pattern: /^[A-Z0-9]{8}(?:[A-Z0-9]{3})?$/ });

/** Who we buy from: one golden record, whatever the systems call it. */
export const supplierRecord = defineRecord({
  type: 'supplier', typeName: 'Supplier', domain: 'supplier', collection: 'suppliers', table: 'supplier',
  summary: 'Who we buy from: one record for all systems.',
  key: ['code'], localKeys: true,
  lifecycle: {
    attribute: 'state', initial: ['prospect', 'qualified', 'approved'],
    transitions: {
      prospect: ['qualified', 'ended'],
      qualified: ['approved', 'prospect', 'ended'],
      approved: ['restricted', 'blocked', 'ended'],
      restricted: ['approved', 'blocked', 'ended'],
      blocked: ['restricted', 'approved', 'ended'],
    },
  },
  groups: {
    identity: 'Who the supplier is.', terms: 'What was agreed.', bank: 'Where money goes: changed by two people only.',
    score: 'How well it delivers, computed by the gateway.',
  },
  attributes: {
    code: text({ group: 'identity', description: 'Canonical supplier code.', example: 'HALVORSEN', required: true, fixed: true, filter: true, sort: true, maxLength: 60 }),
    name: text({ group: 'identity', description: 'Legal name.', example: 'Halvorsen Motors GmbH', required: true }),
    gln: gln('identity'),
    taxIds: textList({ group: 'identity', description: 'Tax and VAT numbers.', example: ['DE811234567'], maxItems: 10 }),
    country: country('identity'),
    state: enumeration({ group: 'identity', description: 'Life cycle state.', example: 'approved', required: true, filter: true, values: ['prospect', 'qualified', 'approved', 'restricted', 'blocked', 'ended'] }),
    paymentTerms: paymentTerms('terms'),
    currency: text({ group: 'terms', description: 'Currency of orders, ISO 4217.', example: 'EUR', maxLength: 3, pattern: /^[A-Z]{3}$/ }),
    incoterm: text({ group: 'terms', description: 'Delivery term.', example: 'FCA Kassel', maxLength: 60 }),
    iban: iban('bank'),
    bic: bic('bank'),
    accountHolder: text({ group: 'bank', description: 'Holder of the account.', example: 'Halvorsen Motors GmbH' }),
    onTimePercent: decimal({ group: 'score', description: 'Lines received by the promised day, in percent.', example: '96', min: '0', max: '100' }),
    receivedLines: integer({ group: 'score', description: 'Received lines the score rests on.', example: 50, min: 0 }),
    matchName: text({ group: 'identity', description: 'The name as matching compares it.', example: 'halvorsen motors', computed: true, maxLength: 200 }),
    matchTaxIds: textList({ group: 'identity', description: 'The tax numbers as matching compares them.', example: ['DE811234567'], computed: true }),
  },
});

/** A wished change of where a supplier's money goes. One asks, another decides; only then the supplier changes. */
export const bankChangeRecord = defineRecord({
  type: 'supplier-bank-change', typeName: 'SupplierBankChange', domain: 'supplier', collection: 'supplier-bank-changes', table: 'supplier_bank_change',
  summary: "A wished change of a supplier's bank data: asked by one, decided by another.",
  key: ['number'],
  groups: { 'bank-request': 'What is asked.', 'bank-decision': 'What another person decided.' },
  attributes: {
    number: text({ group: 'bank-request', description: 'Number of the request.', example: 'BC-1', required: true, fixed: true, filter: true, maxLength: 60 }),
    supplierId: reference({ group: 'bank-request', description: 'The supplier.', example: someId, required: true, fixed: true, filter: true, refers: 'supplier' }),
    iban: { ...iban('bank-request'), required: true, fixed: true },
    bic: { ...bic('bank-request'), fixed: true },
    accountHolder: text({ group: 'bank-request', description: 'Holder of the account.', example: 'Halvorsen Motors GmbH', required: true, fixed: true }),
    reason: text({ group: 'bank-request', description: 'Why, and how it was checked.', example: 'New house bank; called back on the known number.', required: true, fixed: true, maxLength: 400 }),
    decision: enumeration({ group: 'bank-decision', description: 'What was decided; null while open. Who asked cannot decide, nor a participant with the same contact address.', example: 'approved', values: ['approved', 'rejected'] }),
    decisionReason: text({ group: 'bank-decision', description: 'Why it was decided so.', example: 'Call back confirmed.', maxLength: 400 }),
    requestedBy: text({ group: 'bank-request', description: 'Participant that asked.', example: someId, computed: true, maxLength: 60 }),
    decidedBy: text({ group: 'bank-decision', description: 'Participant that decided.', example: someId, computed: true, maxLength: 60 }),
  },
});

/** Who we sell to. */
export const customerRecord = defineRecord({
  type: 'customer', typeName: 'Customer', domain: 'customer', collection: 'customers', table: 'customer',
  summary: 'Who we sell to: one record for all systems.',
  key: ['code'], localKeys: true,
  groups: { account: 'Who the customer is.', credit: 'What may be owed.', terms: 'What was agreed.' },
  attributes: {
    code: text({ group: 'account', description: 'Canonical customer code.', example: 'ORION', required: true, fixed: true, filter: true, sort: true, maxLength: 60 }),
    name: text({ group: 'account', description: 'Legal name.', example: 'Orion Robotics Inc.', required: true }),
    gln: gln('account'),
    country: country('account'),
    creditState: enumeration({ group: 'credit', description: 'Whether orders are delivered.', example: 'good', required: true, filter: true, values: ['good', 'watch', 'hold', 'closed'] }),
    creditLimit: money({ group: 'credit', description: 'What may be owed at most.', example: { amount: '50000', currency: 'USD' }, min: '0' }),
    paymentTerms: paymentTerms('terms'),
    revenueTrigger: enumeration({ group: 'terms', description: 'Milestone at which an invoice falls due to be written.', example: 'SHIP_CONFIRMED', values: ['SHIP_CONFIRMED', 'DELIVERED', 'ACCEPTED'] }),
  },
});

/** Where an item may be bought, and on which terms. */
export const itemSupplierRecord = defineRecord({
  type: 'item-supplier', typeName: 'ItemSupplier', domain: 'supplier', collection: 'item-suppliers', table: 'item_supplier',
  summary: 'Where an item may be bought, and on which terms.',
  key: ['itemId', 'supplierId', 'site'], site: 'site',
  groups: { 'source-list': 'What was agreed for all sites.', 'site-source-list': 'What a site agreed for itself.' },
  siteGroups: { 'source-list': 'site-source-list' },
  attributes: {
    itemId: reference({ group: 'source-list', description: 'The item.', example: someId, required: true, fixed: true, filter: true, refers: 'item' }),
    supplierId: reference({ group: 'source-list', description: 'The supplier.', example: someId, required: true, fixed: true, filter: true, refers: 'supplier' }),
    site: text({ group: 'source-list', description: 'Only for this site; null for all.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    mpn: text({ group: 'source-list', description: "Manufacturer's or supplier's part number.", example: 'M-24V-60', filter: true, maxLength: 60 }),
    leadTimeDays: integer({ group: 'source-list', description: 'Days from order to receipt.', example: 21, min: 0, max: 3650 }),
    price: money({ group: 'source-list', description: 'Price of one base unit.', example: { amount: '38', currency: 'USD' }, min: '0' }),
    minimumQuantity: quantity({ group: 'source-list', description: 'Least quantity of an order, in order units.', example: { value: '2', unit: 'XBX' }, min: '0' }),
    orderUnit: text({ group: 'source-list', description: 'Unit it is ordered in: UN/ECE Rec 20, or X and a Rec 21 package code.', example: 'XBX', maxLength: 3, pattern: /^[A-Z0-9]{2,3}$/ }),
    preference: integer({ group: 'source-list', description: '1 is asked first.', example: 1, min: 1, max: 99 }),
    lastReceiptOn: date({ group: 'source-list', description: 'Last time something came.', example: '2026-02-27' }),
  },
});

export type Supplier = RecordOf<typeof supplierRecord>;
export type Customer = RecordOf<typeof customerRecord>;
export type BankChange = RecordOf<typeof bankChangeRecord>;
