import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { RecordWriter } from '@datum/governed';
import { productionOrderRecord } from '@datum/orders';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

const scopes = [
  'order.read', 'order.write', 'item.read', 'item.write', 'bom.read', 'bom.write', 'inventory.read', 'inventory.write', 'supplier.read', 'supplier.write',
  'customer.read', 'customer.write', 'cross-reference.read',
];
let gateway: TestGateway;
let corp: TestClient;
let erpA: TestClient;
let erpB: TestClient;
let mes: TestClient;
let wms: TestClient;
let wmsD: TestClient;
let planning: TestClient;
const pieces = (value: string) => ({ value, unit: 'C62' });

beforeAll(async () => {
  gateway = await testGateway();
  [corp, erpA, erpB, mes, wms, wmsD, planning] = await Promise.all(['CE', 'LEG1', 'LEG2', 'MES-A', 'WMS-A', 'WMS-D', 'PLN'].map((system) => gateway.client(system, scopes))) as
    [TestClient, TestClient, TestClient, TestClient, TestClient, TestClient, TestClient];
  for (const [code, baseUnit] of [['ACT-500', 'C62'], ['MOT-24', 'C62'], ['BLT-M6', 'C62']]) {
    expect((await corp.post('/v1/items', { code, type: code === 'ACT-500' ? 'finished' : 'purchased', baseUnit, state: 'active' })).status).toBe(201);
  }
  expect((await corp.post('/v1/suppliers', { code: 'HALVORSEN', name: 'Halvorsen', state: 'approved' })).status).toBe(201);
  expect((await corp.post('/v1/customers', { code: 'ORION', name: 'Orion', creditState: 'good' })).status).toBe(201);
  const engineering = await gateway.client('GW', [...scopes, 'engineering.decide']);
  const bom = await engineering.post('/v1/boms', {
    itemId: { code: 'ACT-500' }, usage: 'engineering', state: 'released', revision: 'A', effectiveFrom: '2026-01-01',
    lines: [{ position: 10, componentId: { code: 'MOT-24' }, quantityPer: '1', unit: 'C62' }],
  });
  expect(bom.status, bom.text).toBe(201);
});
afterAll(async () => { await gateway?.close(); });

const make = async (number: string, more: object = {}) => {
  const answer = await erpA.post('/v1/production-orders', { number, itemId: { code: 'ACT-500' }, site: 'A', quantity: pieces('80'), commitment: 'RELEASED', overTolerancePercent: '5', dueOn: '2026-03-06', ...more });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
/** Patches whatever version there is. */
const report = async (client: TestClient, path: string, patch: object) => client.patch(path, patch, (await planning.get(path)).headers.etag);

describe('production orders', () => {
  it('[S93] the canonical state follows from what each system reports, and the local status is kept', async () => {
    const { id, state } = await make('A-1001', { commitment: 'PLANNED', localStatus: 'EROF', localKeys: [{ system: 'LEG1', code: '000010001001' }] });
    expect(state).toBe('PLANNED');
    const path = `/v1/production-orders/${id}`;
    const steps: [TestClient, object, string][] = [
      [erpA, { commitment: 'RELEASED', localStatus: 'FREI' }, 'RELEASED'],
      [mes, { executionState: 'STARTED', executionLocalStatus: 'RUN' }, 'STARTED'],
      [mes, { machineFinished: '50' }, 'STARTED'],
      [mes, { executionState: 'INTERRUPTED' }, 'INTERRUPTED'],
      [mes, { executionState: 'STARTED' }, 'STARTED'],
      [mes, { machineFinished: '80', scrapped: '5' }, 'MACHINE_FINISHED'],
      [mes, { qualityReleased: '70', qualityRejected: '10' }, 'QUALITY_RELEASED'],
      [mes, { qualityReleased: '80', qualityRejected: '0' }, 'QUALITY_RELEASED'],
      [erpA, { posted: '80' }, 'COMPLETED'],
      [erpA, { commitment: 'CLOSED' }, 'CLOSED'],
    ];
    for (const [client, patch, expected] of steps) {
      const answer = await report(client, path, patch);
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body.state, JSON.stringify(patch)).toBe(expected);
    }
    expect((await planning.get(path)).body).toMatchObject({ localStatus: 'FREI', executionLocalStatus: 'RUN', completed: '80', scrapped: '5', quantity: pieces('80') });
  });

  it('[S69] a contradicting report is refused with both states named, and nothing changes', async () => {
    const { body: { data: [order] } } = await planning.get('/v1/production-orders?filter[number][eq]=A-1001');
    const path = `/v1/production-orders/${order.id}`;
    const late = await report(mes, path, { executionState: 'INTERRUPTED' });
    expect(late.status).toBe(422);
    expect(late.body).toMatchObject({ code: 'production-order.illegal-transition', detail: 'A production-order cannot go from CLOSED to INTERRUPTED; from CLOSED it goes nowhere: it is an end.' });
    const { id } = await make('A-1002');
    const other = `/v1/production-orders/${id}`;
    for (const [client, patch] of [[mes, { executionState: 'STARTED' }], [mes, { machineFinished: '80', qualityReleased: '80' }], [erpA, { posted: '80' }]] as const) await report(client, other, patch);
    const back = await mes.graphql(
      'mutation($input: UpdateProductionOrderInput!) { updateProductionOrder(input: $input) { record { state } } }',
      { input: { idempotencyKey: `graphql-${crypto.randomUUID()}`, id, ifMatch: (await planning.get(other)).body.version, attributes: { executionState: 'INTERRUPTED' } } });
    expect(back.errors?.[0]).toMatchObject({ message: expect.stringContaining('from COMPLETED to INTERRUPTED'), extensions: { code: 'production-order.illegal-transition', status: 422 } });
    expect((await planning.get(other)).body).toMatchObject({ state: 'COMPLETED', executionState: 'STARTED' });
    const planned = await make('A-1003', { commitment: 'PLANNED' });
    expect((await report(mes, `/v1/production-orders/${planned.id}`, { executionState: 'STARTED' })).body.detail).toContain('from PLANNED to STARTED');
  });

  it('each measure has its own owner', async () => {
    const { id } = await make('A-1004');
    const path = `/v1/production-orders/${id}`;
    expect((await report(erpA, path, { machineFinished: '10' })).body).toMatchObject({ code: 'ownership.violation', owner: 'MES-A' });
    expect((await report(mes, path, { quantity: pieces('10') })).body).toMatchObject({ code: 'ownership.violation', owner: 'LEG1' });
    expect((await report(mes, path, { posted: '10' })).body).toMatchObject({ code: 'ownership.violation', owner: 'LEG1' });
    expect((await report(erpA, path, { state: 'COMPLETED' })).body.errors).toMatchObject([{ pointer: '#/state', code: 'field.read-only' }]);
  });

  it('completed is what quality released and the books know, whatever a plant calls so', async () => {
    const { id } = await make('A-1005', { quantity: pieces('200') });
    const path = `/v1/production-orders/${id}`;
    for (const [client, patch] of [[mes, { executionState: 'STARTED' }], [mes, { machineFinished: '200', qualityReleased: '190', qualityRejected: '10' }], [erpA, { posted: '200' }]] as const) await report(client, path, patch);
    expect((await planning.get(path)).body).toMatchObject({ machineFinished: '200', posted: '200', completed: '190', state: 'QUALITY_RELEASED' });
  });

  it('nothing is released by quality or posted that was not made, and no report jumps over the line', async () => {
    const { id } = await make('A-1007');
    const path = `/v1/production-orders/${id}`;
    const early = await report(mes, path, { qualityReleased: '80' });
    expect(early.status).toBe(409);
    expect(early.body).toMatchObject({ code: 'production-order.measures', attribute: 'qualityReleased', machineFinished: '0', qualityReleased: '80' });
    expect((await report(erpA, path, { posted: '80' })).body).toMatchObject({ code: 'production-order.measures', attribute: 'posted', posted: '80', machineFinished: '0' });
    expect((await planning.get(path)).body).toMatchObject({ state: 'RELEASED', qualityReleased: null, posted: null });
    expect((await report(mes, path, { executionState: 'STARTED', machineFinished: '60' })).status).toBe(200);
    expect((await report(mes, path, { qualityReleased: '50', qualityRejected: '11' })).body.detail).toBe('Quality released 50 and rejected 11, but only 60 are machine-finished.');
    expect((await report(mes, path, { qualityReleased: '50', qualityRejected: '10' })).status).toBe(200);
    expect((await report(mes, path, { machineFinished: '59' })).body.code).toBe('production-order.measures');
    const back = await report(mes, path, { executionState: null, machineFinished: '60' });
    expect(back.body.state).toBe('STARTED');
  });

  it('more than planned and tolerated is refused', async () => {
    const { id } = await make('A-1006', { quantity: pieces('120') });
    const path = `/v1/production-orders/${id}`;
    await report(mes, path, { executionState: 'STARTED', machineFinished: '126' });
    const refused = await report(mes, path, { machineFinished: '130' });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'production-order.over-completion', planned: '120', limit: '126', reported: '130' });
  });

  it('[S18] is found by the code of its ERP', async () => {
    const { body } = await planning.get('/v1/production-orders?system=LEG1&code=000010001001');
    expect(body.data.map((order: any) => [order.number, order.state])).toEqual([['A-1001', 'CLOSED']]);
  });

  it('a release freezes the BOM of that day', async () => {
    const { body: { data: [order] } } = await planning.get('/v1/production-orders?filter[number][eq]=A-1004');
    const frozen = await planning.get(`/v1/production-orders/${order.id}/frozen-explosion`);
    expect(frozen.status, frozen.text).toBe(200);
    expect(frozen.body).toMatchObject({ quantity: '80', lineCount: 1 });
    const { body: { data: [planned] } } = await planning.get('/v1/production-orders?filter[number][eq]=A-1003');
    expect((await planning.get(`/v1/production-orders/${planned.id}/frozen-explosion`)).status).toBe(404);
  });

  it('a release that holds from an earlier day freezes the BOM of that one, and without a BOM nothing is released', async () => {
    const engineering = await gateway.client('GW', [...scopes, 'engineering.decide']);
    const revision = (code: string, effective: object, quantityPer: string) => engineering.post('/v1/boms', {
      itemId: { code: 'GBX-10' }, usage: 'engineering', state: 'released', revision: code, ...effective, lines: [{ position: 10, componentId: { code: 'BLT-M6' }, quantityPer, unit: 'C62' }],
    });
    expect((await corp.post('/v1/items', { code: 'GBX-10', type: 'semi', baseUnit: 'C62', state: 'active' })).status).toBe(201);
    expect((await revision('A', { effectiveFrom: '2026-02-01', effectiveTo: '2026-03-04' }, '6')).status).toBe(201);
    expect((await revision('B', { effectiveFrom: '2026-03-04' }, '8')).status).toBe(201);
    // As an import brings it: only there a change may hold from an earlier day.
    const context = gatewayContext();
    const release = async (number: string, validFrom?: string) => gateway.app.get(RecordWriter).applyOne({ ...context, actor: { ...context.actor, systemCode: 'LEG1' } }, productionOrderRecord, {
      op: 'create', attributes: { number, itemId: { code: 'GBX-10' }, site: 'A', quantity: pieces('1'), commitment: 'RELEASED' }, ...(validFrom ? { validFrom } : {}),
    });
    const boltsOf = async (id: string) => {
      const { body } = await planning.get(`/v1/production-orders/${id}/frozen-explosion`);
      return [body.date, (await planning.get(`/v1/frozen-explosions/${body.id}/lines`)).body.data[0].quantity.value];
    };
    const [before, today] = [await release('G-1', '2026-03-03T10:00:00Z'), await release('G-2')];
    expect(await boltsOf(before.record.id)).toEqual(['2026-03-03', '6']);
    expect(await boltsOf(today.record.id)).toEqual(['2026-03-04', '8']);
    await expect(release('G-3', '2026-01-15T10:00:00Z')).rejects.toMatchObject({ code: 'production-order.no-bom', status: 409 });
    expect((await planning.get('/v1/production-orders?filter[number][eq]=G-3')).body.data).toEqual([]);
  });
});

describe('orders with lines', () => {
  const purchase = (number: string, lines: object[], more: object = {}) =>
    erpA.post('/v1/purchase-orders', { number, site: 'A', supplierId: { code: 'HALVORSEN' }, state: 'ORDERED', localStatus: '02', lines, ...more });

  it('[S93] are created in one call, all or nothing', async () => {
    const created = await purchase('PO-1', [
      { lineNumber: 10, itemId: { code: 'MOT-24' }, quantity: pieces('20'), promisedOn: '2026-03-10' },
      { lineNumber: 20, itemId: { code: 'BLT-M6' }, quantity: { value: '3', unit: 'XBX' }, baseQuantity: '300', promisedOn: '2026-03-10' },
    ]);
    expect(created.status, created.text).toBe(201);
    expect(created.body.lines.map((line: any) => line.baseQuantity)).toEqual(['20', '300']);
    const refused = await purchase('PO-2', [{ lineNumber: 10, itemId: { code: 'MOT-24' }, quantity: pieces('1') }, { lineNumber: 20, itemId: { code: 'BLT-M6' }, quantity: { value: '3', unit: 'XBX' } }]);
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toMatchObject([{ pointer: '#/lines/1/baseQuantity', code: 'order-line.base-quantity' }]);
    expect((await planning.get('/v1/purchase-orders?filter[number][eq]=PO-2')).body.data).toEqual([]);
    const answer = await planning.graphql('query($id: ID!) { purchaseOrder(id: $id) { number state localStatus supplier { code } lines { lineNumber item { code } quantity { value unit } } } }', { id: created.body.id });
    expect(answer.errors).toBeUndefined();
    expect(answer.data!.purchaseOrder).toMatchObject({ state: 'ORDERED', localStatus: '02', supplier: { code: 'HALVORSEN' }, lines: [{ lineNumber: 10, item: { code: 'MOT-24' } }, { lineNumber: 20, quantity: { value: '3', unit: 'XBX' } }] });
  });

  it('[S93] receipts move the purchase order on and make the supplier\'s score', async () => {
    const { body: { data: [order] } } = await planning.get('/v1/purchase-orders?filter[number][eq]=PO-1');
    const { body: { data: lines } } = await planning.get(`/v1/purchase-orders/${order.id}/lines`);
    const stateOf = async () => (await planning.get(`/v1/purchase-orders/${order.id}`)).body.state;
    const lineOf = (n: number) => lines.find((line: any) => line.lineNumber === n).id as string;
    expect((await report(erpA, `/v1/purchase-order-lines/${lineOf(10)}`, { received: '20' })).body).toMatchObject({ code: 'ownership.violation', owner: 'WMS-A' });
    expect((await report(wms, `/v1/purchase-order-lines/${lineOf(10)}`, { received: '20', receivedOn: '2026-03-09' })).status).toBe(200);
    expect(await stateOf()).toBe('PART_RECEIVED');
    expect((await report(wms, `/v1/purchase-order-lines/${lineOf(20)}`, { received: '300', receivedOn: '2026-03-12' })).status).toBe(200);
    expect(await stateOf()).toBe('RECEIVED');
    const back = await report(erpA, `/v1/purchase-orders/${order.id}`, { state: 'ORDERED' });
    expect([back.status, back.body.detail]).toEqual([422, 'A purchase-order cannot go from RECEIVED to ORDERED; from RECEIVED it goes only to INVOICED, CLOSED.']);
    const { body: { data: [supplier] } } = await planning.get('/v1/suppliers?filter[code][eq]=HALVORSEN');
    expect(supplier).toMatchObject({ onTimePercent: '50', receivedLines: 2 });
  });

  it('[S93] sales orders go their way, with a hold', async () => {
    const created = await erpA.post('/v1/sales-orders', { number: 'SO-1', site: 'A', customerId: { code: 'ORION' }, state: 'ENTERED', localStatus: 'A', lines: [{ lineNumber: 10, itemId: { code: 'ACT-500' }, quantity: pieces('40') }] });
    expect(created.status, created.text).toBe(201);
    const path = `/v1/sales-orders/${created.body.id}`;
    expect((await report(erpA, path, { state: 'SHIPPED' })).status).toBe(422);
    for (const state of ['ON_HOLD', 'CONFIRMED', 'ALLOCATED']) expect((await report(erpA, path, { state })).status, state).toBe(200);
    expect((await report(wms, `/v1/sales-order-lines/${created.body.lines[0].id}`, { shipped: '40' })).status).toBe(200);
    expect((await planning.get(path)).body).toMatchObject({ state: 'SHIPPED', localStatus: 'A' });
  });

  it('what was done while an order was held or not confirmed counts as soon as it can', async () => {
    const sell = async (number: string, state: string) => {
      const created = await erpA.post('/v1/sales-orders', { number, site: 'A', customerId: { code: 'ORION' }, state, lines: [{ lineNumber: 10, itemId: { code: 'ACT-500' }, quantity: pieces('40') }] });
      expect(created.status, created.text).toBe(201);
      expect((await report(wms, `/v1/sales-order-lines/${created.body.lines[0].id}`, { shipped: '40' })).status).toBe(200);
      return `/v1/sales-orders/${created.body.id}`;
    };
    const held = await sell('SO-11', 'ON_HOLD');
    expect((await planning.get(held)).body.state).toBe('ON_HOLD');
    expect((await report(erpA, held, { state: 'CONFIRMED' })).status).toBe(200);
    expect((await planning.get(held)).body.state).toBe('SHIPPED');
    const early = await sell('SO-12', 'ENTERED');
    expect((await planning.get(early)).body.state).toBe('SHIPPED');
    const { body } = await planning.get(`${early}/history`);
    expect(body.data.map((each: any) => each.changes?.state).filter(Boolean).sort()).toEqual(['CONFIRMED', 'ENTERED', 'SHIPPED']);
  });

  it('a line that is cut to what came is received', async () => {
    const { body: { id, lines } } = await purchase('PO-11', [{ lineNumber: 10, itemId: { code: 'BLT-M6' }, quantity: pieces('20') }]);
    const path = `/v1/purchase-order-lines/${lines[0].id}`;
    expect((await report(wms, path, { received: '15' })).status).toBe(200);
    expect((await planning.get(`/v1/purchase-orders/${id}`)).body.state).toBe('PART_RECEIVED');
    expect((await report(erpA, path, { quantity: pieces('15') })).status).toBe(200);
    expect((await planning.get(`/v1/purchase-orders/${id}`)).body.state).toBe('RECEIVED');
  });

  it('receipts of one supplier at once all count in its score', async () => {
    expect((await corp.post('/v1/suppliers', { code: 'BOLTEX', name: 'Boltex', state: 'approved' })).status).toBe(201);
    const orders = await Promise.all(Array.from({ length: 6 }, (_, i) => purchase(`PO-2${i}`, [{ lineNumber: 10, itemId: { code: 'BLT-M6' }, quantity: pieces('5'), promisedOn: '2026-03-10' }], { supplierId: { code: 'BOLTEX' } })));
    const answers = await Promise.all(orders.map(({ body }) => report(wms, `/v1/purchase-order-lines/${body.lines[0].id}`, { received: '5', receivedOn: '2026-03-09' })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { body: { data: [supplier] } } = await planning.get('/v1/suppliers?filter[code][eq]=BOLTEX');
    expect(supplier).toMatchObject({ onTimePercent: '100', receivedLines: 6 });
  });

  it('an item keeps its base unit while orders are open in it', async () => {
    expect((await corp.post('/v1/items', { code: 'ORD-1', type: 'purchased', baseUnit: 'C62', state: 'active' })).status).toBe(201);
    const { body: order } = await purchase('PO-31', [{ lineNumber: 10, itemId: { code: 'ORD-1' }, quantity: pieces('5') }]);
    const { body: { data: [item] } } = await planning.get('/v1/items?filter[code][eq]=ORD-1');
    expect((await report(corp, `/v1/items/${item.id}`, { baseUnit: 'KGM' })).body).toMatchObject({ status: 409, code: 'item.base-unit-in-use', uses: ['order PO-31'] });
    expect((await report(erpA, `/v1/purchase-orders/${order.id}`, { state: 'CANCELLED' })).status).toBe(200);
    expect((await report(corp, `/v1/items/${item.id}`, { baseUnit: 'KGM' })).status).toBe(200);
  });

  it('[S87] a transfer order counts what moves at both ends', async () => {
    expect((await wms.post('/v1/stock-balances', { itemId: { code: 'MOT-24' }, site: 'A', state: 'AVAILABLE', quantity: pieces('100') })).status).toBe(201);
    const created = await erpA.post('/v1/transfer-orders', { number: 'TO-1', site: 'A', toSite: 'D', intercompany: true, state: 'ORDERED', lines: [{ lineNumber: 10, itemId: { code: 'MOT-24' }, quantity: pieces('20'), expectedOn: '2026-03-09' }] });
    expect(created.status, created.text).toBe(201);
    const now = async () => {
      const { body } = await planning.get(`/v1/transfer-orders/${created.body.id}`);
      const { body: { data: [line] } } = await planning.get(`/v1/transfer-orders/${created.body.id}/lines`);
      return [body.state, line.shipped, line.received];
    };
    const move = (client: TestClient, number: string, attributes: object) => client.post('/v1/stock-movements', { number, itemId: { code: 'MOT-24' }, quantity: pieces('20'), document: 'TO-1', ...attributes });
    expect((await move(wms, 'A-1', { type: 'TRANSFER_SITE_OUT', site: 'A', counterSite: 'D' })).status).toBe(201);
    expect(await now()).toEqual(['SHIPPED', '20', '0']);
    expect((await move(wmsD, 'D-1', { type: 'TRANSFER_SITE_IN', site: 'D', counterSite: 'A' })).status).toBe(201);
    expect(await now()).toEqual(['RECEIVED', '20', '20']);
  });

  it('[S86] what is ordered counts from its day, what is owed at once', async () => {
    expect((await purchase('PO-3', [{ lineNumber: 10, itemId: { code: 'MOT-24' }, quantity: pieces('30'), promisedOn: '2026-03-20' }])).status).toBe(201);
    expect((await erpA.post('/v1/sales-orders', { number: 'SO-2', site: 'A', customerId: { code: 'ORION' }, state: 'CONFIRMED', lines: [{ lineNumber: 10, itemId: { code: 'MOT-24' }, quantity: pieces('5') }] })).status).toBe(201);
    const { body: { data: [item] } } = await planning.get('/v1/items?filter[code][eq]=MOT-24');
    const promised = async (date: string) => {
      const { body } = await planning.get(`/v1/items/${item.id}/availability?date=${date}`);
      return body.lines.find((line: any) => line.site === 'A').availableToPromise;
    };
    expect(await promised('2026-03-04')).toBe('75');
    expect(await promised('2026-03-19')).toBe('75');
    expect(await promised('2026-03-20')).toBe('105');
    expect((await planning.get(`/v1/items/${item.id}/availability?date=2026-03-01`)).status).toBe(400);
    const sell = (number: string, quantity: string, promisedOn: string) => erpA.post('/v1/sales-orders', {
      number, site: 'A', customerId: { code: 'ORION' }, state: 'CONFIRMED', lines: [{ lineNumber: 10, itemId: { code: 'MOT-24' }, quantity: pieces(quantity), promisedOn }],
    });
    expect((await sell('SO-3', '70', '2026-03-10')).status).toBe(201);
    expect(await promised('2026-03-04')).toBe('5');
    expect(await promised('2026-03-20')).toBe('35');
    expect((await sell('SO-4', '30', '2026-03-20')).status).toBe(201);
    expect([await promised('2026-03-04'), await promised('2026-03-20')]).toEqual(['5', '5']);
  });

  it('are the site\'s own', async () => {
    const refused = await erpB.post('/v1/purchase-orders', { number: 'PO-9', site: 'A', supplierId: { code: 'HALVORSEN' }, state: 'ORDERED' });
    expect(refused.body).toMatchObject({ code: 'ownership.violation', owner: 'LEG1' });
  });
});
