import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { RegistryDirectory, RegistryService } from '@datum/registry';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

const scopes = ['item.read', 'item.write', 'inventory.read', 'inventory.write'];
let gateway: TestGateway;
let corp: TestClient;
let wms: TestClient;
let wmsD: TestClient;
let mes: TestClient;
let planning: TestClient;
const items: Record<string, string> = {};

beforeAll(async () => {
  gateway = await testGateway({ poolMax: 12 });
  await addPlants();
  [corp, wms, wmsD, mes, planning] = await Promise.all(
    ['CE', 'WMS-A', 'WMS-D', 'MES-A', 'PLN'].map((system) => gateway.client(system, [...scopes, 'cross-reference.write']))) as [TestClient, TestClient, TestClient, TestClient, TestClient];
  for (const [code, gtin] of [['MOT-24', '00614141100057'], ['ACT-500', '00614141100019'], ['BLT-M6', '00614141100095'], ['SEA-02', undefined]]) {
    const created = await corp.post('/v1/items', { code, type: 'purchased', baseUnit: 'C62', state: 'active', ...(gtin ? { gtin } : {}), localKeys: [{ system: 'CE', code: `ce-${code}` }] });
    items[code!] = created.body.id;
  }
  for (const location of [{ code: 'A-01', kind: 'bin' }, { code: 'A-02', kind: 'bin' }, { code: 'LINE-1', kind: 'line-side' }]) {
    expect((await wms.post('/v1/locations', { site: 'A', ...location })).status).toBe(201);
  }
});
afterAll(async () => { await gateway?.close(); });

/** The other three plants of the scenario, and who counts their stock. */
async function addPlants(): Promise<void> {
  const context = gatewayContext();
  const registry = gateway.app.get(RegistryService);
  const site = (code: string, name: string, gln: string, country: string, timeZone: string) =>
    registry.putSite(context, { code, name, gln, country, timeZone, currency: 'USD', kind: 'plant', mode: 'live' });
  await site('C', 'Hamilton', '0614141002030', 'CA', 'America/Toronto');
  await site('E', 'Brno', '0614141002054', 'CZ', 'Europe/Prague');
  await site('F', 'Coventry', '0614141002061', 'GB', 'Europe/London');
  for (const [code, kind, siteCode] of [['WMS-C', 'wms', 'C'], ['CLD-E', 'cloud-erp', 'E'], ['WHS-F', 'stock-file', 'F']] as const) {
    await registry.putSystem(context, { code, kind, siteCodes: [siteCode], state: 'active' });
  }
  await gateway.app.get(RegistryDirectory).refresh();
}

const pieces = (value: string) => ({ value, unit: 'C62' });
let moved = 0;
const movement = (client: TestClient, attributes: Record<string, unknown>) =>
  client.post('/v1/stock-movements', { number: `M-${(moved += 1)}`, site: 'A', ...attributes });
const quantityOf = async (filter: Record<string, string>) => {
  const query = Object.entries(filter).map(([name, value]) => `filter[${name}][eq]=${value}`).join('&');
  const { body } = await planning.get(`/v1/stock-balances?limit=100&${query}`);
  return Object.fromEntries((body.data as any[]).map((balance) => [`${balance.site} ${balance.location ?? '-'} ${balance.state}`, balance.quantity.value]));
};

describe('movements and balances', () => {
  it('move together: receipt, put-away, issue, state decision', async () => {
    const itemId = items['ACT-500'];
    expect((await movement(wms, { type: 'RECEIPT', itemId, quantity: pieces('120'), toLocation: 'A-01' })).status).toBe(201);
    const putAway = await movement(wms, { type: 'TRANSFER_BIN', itemId, quantity: pieces('100'), fromLocation: 'A-01', fromState: 'RECEIVED_UNPUT', toLocation: 'A-02' });
    expect(putAway.body).toMatchObject({ toState: 'AVAILABLE' });
    const decided = await movement(mes, { type: 'STATE_CHANGE', itemId, quantity: pieces('10'), fromLocation: 'A-02', fromState: 'AVAILABLE', toState: 'QUALITY_HOLD' });
    expect(decided.status, decided.text).toBe(201);
    expect(await quantityOf({ itemId: itemId! })).toEqual({ 'A A-01 RECEIVED_UNPUT': '20', 'A A-02 AVAILABLE': '90', 'A A-02 QUALITY_HOLD': '10' });
  });

  it('refuse what would go below zero, and say what is there', async () => {
    const refused = await movement(wms, { type: 'SHIP', itemId: items['ACT-500'], quantity: pieces('91'), fromLocation: 'A-02' });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'inventory.negative-stock', available: { value: '90', unit: 'C62' }, wanted: { value: '91', unit: 'C62' } });
    expect(refused.body.detail).toContain('A-02 at A');
    expect(await quantityOf({ itemId: items['ACT-500']! })).toMatchObject({ 'A A-02 AVAILABLE': '90' });
  });

  it('a batch sees its own earlier rows, and refuses only what cannot be', async () => {
    const itemId = items['SEA-02'];
    const row = (attributes: object) => ({ op: 'create', attributes: { number: `M-${(moved += 1)}`, site: 'A', itemId, ...attributes } });
    const answer = await wms.post('/v1/stock-movements:batch', { data: [
      row({ type: 'SCRAP', quantity: pieces('1'), fromLocation: 'A-01' }),
      row({ type: 'RECEIPT', quantity: pieces('6'), toLocation: 'A-01', toState: 'AVAILABLE' }),
      row({ type: 'SCRAP', quantity: pieces('5'), fromLocation: 'A-01' }),
      row({ type: 'SCRAP', quantity: pieces('2'), fromLocation: 'A-01' }),
    ] });
    expect(answer.body.data.map((each: any) => each.problem?.code ?? each.status)).toEqual(['inventory.negative-stock', 'created', 'created', 'inventory.negative-stock']);
    expect(await quantityOf({ itemId: itemId! })).toEqual({ 'A A-01 AVAILABLE': '1' });
  });

  it('many at once add up exactly, in whatever order they come', async () => {
    const itemId = items['BLT-M6'];
    await movement(wms, { type: 'RECEIPT', itemId, quantity: pieces('60'), toLocation: 'A-01', toState: 'AVAILABLE' });
    const calls = Array.from({ length: 40 }, (_, i) => movement(wms, i % 2 === 0
      ? { type: 'TRANSFER_BIN', itemId, quantity: pieces('2'), fromLocation: 'A-01', toLocation: 'A-02' }
      : { type: 'COUNT_ADJUST', itemId, quantity: pieces('1'), toLocation: i % 4 === 1 ? 'A-01' : 'A-02', toState: 'AVAILABLE' }));
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(await quantityOf({ itemId: itemId! })).toEqual({ 'A A-01 AVAILABLE': '30', 'A A-02 AVAILABLE': '50' });
    const greedy = await Promise.all(Array.from({ length: 20 }, () => movement(wms, { type: 'SHIP', itemId, quantity: pieces('3'), fromLocation: 'A-01' })));
    expect(greedy.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(greedy.filter(({ body }) => body.code === 'inventory.negative-stock')).toHaveLength(10);
    expect(await quantityOf({ itemId: itemId! })).toMatchObject({ 'A A-01 AVAILABLE': '0', 'A - IN_TRANSIT_OUT': '30' });
  });

  it('are never changed once written', async () => {
    const written = await movement(wms, { type: 'COUNT_ADJUST', itemId: items['SEA-02'], quantity: pieces('1'), toLocation: 'A-02', toState: 'AVAILABLE' });
    const refused = await wms.patch(`/v1/stock-movements/${written.body.id}`, { reason: 'typing error' }, written.headers.etag);
    expect([refused.status, refused.body.code]).toEqual([409, 'stock-movement.immutable']);
  });

  it('[S90] need the lot where the item is kept by lot', async () => {
    const itemId = items['SEA-02'];
    const site = await gateway.client('LEG1', scopes, ['A']);
    expect((await site.post('/v1/stock-policies', { itemId, site: 'A', lotTracked: true })).status).toBe(201);
    const refused = await movement(wms, { type: 'RECEIPT', itemId, quantity: pieces('300'), toLocation: 'A-01' });
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toMatchObject([{ pointer: '#/lot', code: 'inventory.lot-required' }]);
    expect((await movement(wms, { type: 'RECEIPT', itemId, quantity: pieces('300'), toLocation: 'A-01', lot: 'L-9' })).status).toBe(201);
  });

  it('refuse a unit, a location and a jump that do not exist', async () => {
    const itemId = items['BLT-M6'];
    const codes = async (attributes: object) => (await movement(wms, { itemId, quantity: pieces('1'), ...attributes })).body.errors?.map((each: any) => each.code);
    expect(await codes({ type: 'RECEIPT', toLocation: 'A-01', quantity: { value: '1', unit: 'KGM' } })).toEqual(['inventory.unit']);
    expect(await codes({ type: 'RECEIPT', toLocation: 'NOWHERE' })).toEqual(['inventory.location-unknown']);
    expect(await codes({ type: 'TRANSFER_BIN', fromLocation: 'A-02', toLocation: 'A-01', toState: 'QUALITY_HOLD' })).toEqual(['movement.state']);
    expect(await codes({ type: 'SCRAP', fromLocation: 'A-02', quantity: pieces('0') })).toEqual(['number.range']);
  });
});

describe('who decides what', () => {
  it('[S7] quantity is the warehouse\'s and value the ERP\'s, over REST', async () => {
    const itemId = items['MOT-24'];
    const counted = await wms.post('/v1/stock-balances', { itemId, site: 'A', location: 'A-01', state: 'AVAILABLE', quantity: pieces('290') });
    expect(counted.status, counted.text).toBe(201);
    const valued = await corp.post('/v1/valuations', { itemId, area: 'A', period: '2026-03', method: 'standard', unitCost: { amount: '38', currency: 'USD' }, quantity: '292', value: { amount: '11096', currency: 'USD' } });
    expect(valued.status, valued.text).toBe(201);
    const erpCounts = await corp.patch(`/v1/stock-balances/${counted.body.id}`, { quantity: pieces('9999') }, counted.headers.etag);
    expect(erpCounts.status).toBe(403);
    expect(erpCounts.body).toMatchObject({ code: 'ownership.violation', owner: 'WMS-A' });
    const warehouseValues = await wms.patch(`/v1/valuations/${valued.body.id}`, { value: { amount: '1', currency: 'USD' } }, valued.headers.etag);
    expect(warehouseValues.status).toBe(403);
    expect(warehouseValues.body).toMatchObject({ code: 'ownership.violation', owner: 'CE' });
    const { body } = await planning.get(`/v1/stock?code=MOT-24`);
    expect(body.bins).toMatchObject([{ site: 'A', location: 'A-01', quantity: '290', source: { system: 'WMS-A', at: expect.any(String) } }]);
    expect(body.valuations).toMatchObject([{ area: 'A', value: { amount: '11096' }, source: { system: 'CE', at: expect.any(String) }, counted: '290', difference: '2' }]);
  });

  it('[S7] and over GraphQL', async () => {
    const { body: { data: [balance] } } = await planning.get(`/v1/stock-balances?filter[itemId][eq]=${items['MOT-24']}`);
    const { body: { data: [valuation] } } = await planning.get(`/v1/valuations?filter[itemId][eq]=${items['MOT-24']}`);
    const key = () => `graphql-${crypto.randomUUID()}`;
    const erpCounts = await corp.graphql(
      'mutation($input: UpdateStockBalanceInput!) { updateStockBalance(input: $input) { record { id } } }',
      { input: { idempotencyKey: key(), id: balance.id, ifMatch: balance.version, attributes: { quantity: pieces('9999') } } });
    expect(erpCounts.errors?.[0].extensions).toMatchObject({ code: 'ownership.violation', status: 403 });
    const warehouseValues = await wms.graphql(
      'mutation($input: UpdateValuationInput!) { updateValuation(input: $input) { record { id } } }',
      { input: { idempotencyKey: key(), id: valuation.id, ifMatch: valuation.version, attributes: { value: { amount: '1', currency: 'USD' } } } });
    expect(warehouseValues.errors?.[0].extensions).toMatchObject({ code: 'ownership.violation', status: 403 });
    const own = await wms.graphql(
      'mutation($input: UpdateStockBalanceInput!) { updateStockBalance(input: $input) { record { quantity { value } } } }',
      { input: { idempotencyKey: key(), id: balance.id, ifMatch: balance.version, attributes: { quantity: pieces('290.5') } } });
    expect(own.errors).toBeUndefined();
    expect(own.data!.updateStockBalance.record.quantity.value).toBe('290.5');
  });

  it('stock at the line is the MES\'s, quality decisions are not the warehouse\'s, transit is nobody\'s but the gateway\'s', async () => {
    const itemId = items['ACT-500'];
    const made = await movement(mes, { type: 'COMPLETION', itemId, quantity: pieces('10'), place: 'line-side', toLocation: 'LINE-1', document: 'A-1001' });
    expect(made.status, made.text).toBe(201);
    expect((await movement(mes, { type: 'COMPLETION', itemId, quantity: pieces('10'), toLocation: 'A-01' })).body).toMatchObject({ code: 'ownership.violation', owner: 'WMS-A' });
    expect((await movement(mes, { type: 'COMPLETION', itemId, quantity: pieces('10'), place: 'line-side', toLocation: 'A-01' })).status).toBe(422);
    expect((await movement(wms, { type: 'STATE_CHANGE', itemId, quantity: pieces('10'), fromLocation: 'A-02', fromState: 'QUALITY_HOLD', toState: 'AVAILABLE' })).body)
      .toMatchObject({ code: 'ownership.violation', owner: 'MES-A' });
    expect((await wms.post('/v1/stock-balances', { itemId, site: 'A', state: 'IN_TRANSIT_OUT', counterSite: 'D', quantity: pieces('5') })).body)
      .toMatchObject({ code: 'ownership.violation', owner: 'GW' });
  });

  it('what quality holds is not undone by the warehouse: not counted, scrapped or moved away', async () => {
    const itemId = (await corp.post('/v1/items', { code: 'HELD-1', type: 'purchased', baseUnit: 'C62', state: 'active' })).body.id as string;
    const hold = (state: string) => ({ itemId, site: 'A', location: 'A-01', state, quantity: pieces('10') });
    const [held] = await Promise.all(['QUALITY_HOLD', 'RECALLED'].map((state) => wms.post('/v1/stock-balances', hold(state))));
    const refused = { code: 'ownership.violation', owner: 'MES-A', attributeGroups: ['state-decision'] };
    const from = (type: string, fromState: string, more: object = {}) => ({ type, itemId, quantity: pieces('10'), fromLocation: 'A-01', fromState, ...more });
    for (const state of ['QUALITY_HOLD', 'RECALLED']) {
      expect((await movement(wms, from('COUNT_ADJUST', state))).body, state).toMatchObject(refused);
      expect((await movement(wms, from('SCRAP', state))).body, state).toMatchObject(refused);
    }
    expect((await movement(wms, from('TRANSFER_BIN', 'RECALLED', { toLocation: 'A-02' }))).body).toMatchObject(refused);
    expect((await wms.patch(`/v1/stock-balances/${held!.body.id}`, { quantity: pieces('0') }, '"v1"')).body).toMatchObject({ status: 403, code: 'inventory.held-stock' });
    expect((await movement(wms, from('TRANSFER_BIN', 'QUALITY_HOLD', { toLocation: 'A-02' }))).status).toBe(201);
    expect((await movement(mes, from('SCRAP', 'RECALLED'))).status).toBe(201);
    expect(await quantityOf({ itemId })).toEqual({ 'A A-01 QUALITY_HOLD': '0', 'A A-02 QUALITY_HOLD': '10', 'A A-01 RECALLED': '0' });
  });

  it('what a site\'s stock is worth is for those who may see the site', async () => {
    const itemId = items['BLT-M6']!;
    const value = (client: TestClient, area: string) => client.post('/v1/valuations', { itemId, area, period: '2026-03', method: 'standard', unitCost: { amount: '1', currency: 'USD' }, quantity: '80' });
    expect((await value(corp, 'A')).body).toMatchObject({ area: 'A', site: 'A' });
    expect((await value(corp, 'D')).status).toBe(201);
    expect((await value(corp, 'EMEA')).body.site).toBeNull();
    const corpA = await gateway.client('CE', scopes, ['A']);
    const areas = async (client: TestClient) => (await client.get(`/v1/valuations?filter[itemId][eq]=${itemId}`)).body.data.map((each: any) => each.area).sort();
    expect(await areas(planning)).toEqual(['A', 'D', 'EMEA']);
    expect(await areas(corpA)).toEqual(['A', 'EMEA']);
    const { body } = await corpA.get(`/v1/stock?itemId=${itemId}`);
    expect(body.valuations.map((line: any) => [line.area, line.difference === null])).toEqual([['A', false], ['EMEA', true]]);
    expect((await value(corpA, 'B')).body).toMatchObject({ status: 403, code: 'site.forbidden' });
  });

  it('a plant changes its own lead time, and not that of another', async () => {
    const itemId = items['MOT-24'];
    const [erpD, erpA] = await Promise.all(['CLD-EU', 'LEG1'].map((system) => gateway.client(system, scopes))) as [TestClient, TestClient];
    const part = await erpD.send('PUT', `/v1/items/${itemId}/sites/D`, { leadTimeDays: 12 }, { 'if-none-match': '*' });
    expect(part.status, part.text).toBe(201);
    const own = await erpD.patch(`/v1/items/${itemId}/sites/D`, { leadTimeDays: 14 }, part.headers.etag);
    expect(own.status, own.text).toBe(200);
    const foreign = await erpA.patch(`/v1/items/${itemId}/sites/D`, { leadTimeDays: 1 }, own.headers.etag);
    expect(foreign.status).toBe(403);
    expect(foreign.body).toMatchObject({ code: 'ownership.violation', owner: 'CLD-EU' });
    const mutation = 'mutation($input: UpdateItemSiteInput!) { updateItemSite(input: $input) { record { leadTimeDays } } }';
    const input = (leadTimeDays: number) => ({ idempotencyKey: `graphql-${crypto.randomUUID()}`, id: own.body.id, ifMatch: own.body.version, attributes: { leadTimeDays } });
    expect((await erpA.graphql(mutation, { input: input(1) })).errors?.[0].extensions).toMatchObject({ code: 'ownership.violation', status: 403 });
    expect((await erpD.graphql(mutation, { input: input(13) })).data!.updateItemSite.record.leadTimeDays).toBe(13);
  });

  it('an older count does not take the place of newer movements', async () => {
    const { body: { data } } = await planning.get(`/v1/stock-balances?filter[itemId][eq]=${items['ACT-500']}&filter[location][eq]=A-02`);
    const balance = data.find((each: any) => each.state === 'AVAILABLE');
    const refused = await wms.patch(`/v1/stock-balances/${balance.id}`, { quantity: pieces('120'), asOf: '2026-03-01T00:00:00Z' }, `"v${balance.version}"`);
    expect([refused.status, refused.body.code]).toEqual([409, 'inventory.count-outdated']);
  });
});

describe('what came first', () => {
  const create = async (code: string) => (await corp.post('/v1/items', { code, type: 'purchased', baseUnit: 'C62', state: 'active' })).body.id as string;
  const count = (itemId: string, more: object) => wms.post('/v1/stock-balances', { itemId, site: 'A', location: 'A-01', state: 'AVAILABLE', ...more });

  it('a movement that is reported after a count which had it does not move the balance again', async () => {
    const itemId = await create('LATE-1');
    expect((await count(itemId, { quantity: pieces('50'), asOf: '2026-03-04T12:00:00Z' })).body).toMatchObject({ countedAt: '2026-03-04T12:00:00Z' });
    const late = await movement(wms, { type: 'RECEIPT', itemId, quantity: pieces('10'), toLocation: 'A-01', toState: 'AVAILABLE', occurredAt: '2026-03-04T11:59:00Z' });
    expect(late.status, late.text).toBe(201);
    expect(late.body.countedEnds).toBe('to');
    const moved = await movement(wms, { type: 'TRANSFER_BIN', itemId, quantity: pieces('60'), fromLocation: 'A-01', toLocation: 'A-02', occurredAt: '2026-03-04T12:00:00Z' });
    expect(moved.status, moved.text).toBe(201);
    expect(moved.body.countedEnds).toBe('from');
    expect(await quantityOf({ itemId })).toEqual({ 'A A-01 AVAILABLE': '50', 'A A-02 AVAILABLE': '60' });
    const after = await movement(wms, { type: 'RECEIPT', itemId, quantity: pieces('1'), toLocation: 'A-01', toState: 'AVAILABLE', occurredAt: '2026-03-04T12:00:01Z' });
    expect(after.body.countedEnds).toBeNull();
    expect(await quantityOf({ itemId })).toMatchObject({ 'A A-01 AVAILABLE': '51' });
  });

  it('the base unit is one that is known, and stays while stock or a BOM is counted in it', async () => {
    const itemId = await create('UNIT-1');
    const patch = (client: TestClient, baseUnit: string, version: number) => client.patch(`/v1/items/${itemId}`, { baseUnit }, `"v${version}"`);
    expect((await patch(corp, 'ZZZ', 1)).body).toMatchObject({ status: 422, errors: [{ pointer: '#/baseUnit', code: 'unit.unknown' }] });
    expect((await patch(corp, 'XBX', 1)).status).toBe(200);
    expect((await patch(corp, 'C62', 2)).status).toBe(200);
    const counted = await count(itemId, { quantity: pieces('5') });
    const refused = await patch(corp, 'KGM', 3);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'item.base-unit-in-use', baseUnit: 'C62', uses: ['stock at A'] });
    expect((await wms.patch(`/v1/stock-balances/${counted.body.id}`, { quantity: pieces('0') }, '"v1"')).status).toBe(200);
    const engineering = await gateway.client('GW', [...scopes, 'bom.read', 'bom.write', 'engineering.decide']);
    const bom = await engineering.post('/v1/boms', {
      itemId: { code: 'UNIT-1' }, usage: 'engineering', state: 'released', revision: 'A', lines: [{ position: 10, componentId: { code: 'LATE-1' }, quantityPer: '1', unit: 'C62' }],
    });
    expect(bom.status, bom.text).toBe(201);
    expect((await patch(corp, 'KGM', 3)).body).toMatchObject({ code: 'item.base-unit-in-use', uses: ['the BOM of UNIT-1'] });
    expect((await engineering.patch(bom.headers.location!, { state: 'obsolete' }, '"v1"')).status).toBe(200);
    expect((await patch(corp, 'KGM', 3)).status).toBe(200);
    expect((await movement(wms, { type: 'RECEIPT', itemId, quantity: { value: '2', unit: 'KGM' }, toLocation: 'A-01', toState: 'AVAILABLE' })).status).toBe(201);
  });
});

describe('[S86] availability of MOT-24 across six plants', () => {
  const stated: [system: string, site: string, state: string, quantity: string][] = [
    ['WMS-A', 'A', 'RESERVED', '50'], ['LEG2', 'B', 'AVAILABLE', '310'], ['WMS-C', 'C', 'AVAILABLE', '95'], ['WMS-D', 'D', 'AVAILABLE', '350'],
    ['WMS-D', 'D', 'RESERVED', '50'], ['CLD-E', 'E', 'AVAILABLE', '150'], ['WHS-F', 'F', 'AVAILABLE', '48'], ['WHS-F', 'F', 'QUALITY_HOLD', '12'],
  ];
  const expected = { available: '1243', reserved: '100', free: '1143', onHold: '12', inTransit: '100' };

  beforeAll(async () => {
    const itemId = items['MOT-24'];
    const { body: { data: [balance] } } = await planning.get(`/v1/stock-balances?filter[itemId][eq]=${itemId}`);
    expect((await wms.patch(`/v1/stock-balances/${balance.id}`, { quantity: pieces('290') }, `"v${balance.version}"`)).status).toBe(200);
    for (const [system, site, state, quantity] of stated) {
      const client = await gateway.client(system, scopes);
      const answer = await client.post('/v1/stock-balances', { itemId, site, state, quantity: pieces(quantity) });
      expect(answer.status, answer.text).toBe(201);
    }
    const b = await gateway.client('LEG2', scopes, ['B']);
    const out = await b.post('/v1/stock-movements', { number: 'B-1', type: 'TRANSFER_SITE_OUT', itemId, site: 'B', counterSite: 'C', quantity: pieces('100'), document: 'TO-1' });
    expect(out.status, out.text).toBe(201);
  });

  it('over REST: each line with its freshness, transit once', async () => {
    const { body } = await planning.get(`/v1/items/${items['MOT-24']}/availability`);
    expect(body.total).toMatchObject(expected);
    expect(body.lines.map((line: any) => [line.site, line.available])).toEqual([['A', '340'], ['B', '210'], ['C', '95'], ['D', '400'], ['E', '150'], ['F', '48']]);
    expect(body.lines.find((line: any) => line.site === 'C').inTransitIn).toBe('100');
    expect(body.lines.find((line: any) => line.site === 'B').inTransitOut).toBe('100');
    expect(body.lines.every((line: any) => line.freshness.system && line.freshness.asOf)).toBe(true);
  });

  it('over GraphQL: the same figures', async () => {
    const query = 'query($id: ID!) { item(id: $id) { code availability { total { available reserved free onHold inTransit } lines { site available freshness { state system } } } } }';
    const answer = await planning.graphql(query, { id: items['MOT-24'] });
    expect(answer.errors).toBeUndefined();
    expect(answer.data!.item.availability.total).toEqual(expected);
    expect(answer.data!.item.availability.lines).toHaveLength(6);
  });

  it('the figures are those that the vocabulary says', async () => {
    const itemId = (await corp.post('/v1/items', { code: 'FIG-1', type: 'purchased', baseUnit: 'C62', state: 'active' })).body.id as string;
    const { data } = await planning.graphql('{ inventoryStates { code onHand figure } }');
    const states = data!.inventoryStates;
    const physical = (states as { code: string; onHand: boolean; figure: string | null }[]).filter(({ onHand }) => onHand);
    for (const [i, { code }] of physical.entries()) {
      expect((await wms.post('/v1/stock-balances', { itemId, site: 'A', state: code, quantity: pieces(String(2 ** i)) })).status, code).toBe(201);
    }
    const { body: { lines: [line] } } = await planning.get(`/v1/items/${itemId}/availability`);
    for (const figure of new Set(physical.map((state) => state.figure!))) {
      expect(line[figure], figure).toBe(String(physical.reduce((sum, state, i) => sum + (state.figure === figure ? 2 ** i : 0), 0)));
    }
    expect(line.onHand).toBe(String(2 ** physical.length - 1));
    expect(line.availableToPromise).toBe(line.free);
  });

  it('[S18] by code, GTIN and a system\'s own code', async () => {
    for (const name of ['code=MOT-24', 'gtin=00614141100057', 'system=CE&code=ce-MOT-24', `itemId=${items['MOT-24']}`]) {
      const { body } = await planning.get(`/v1/stock?${name}`);
      expect(body.itemCode, name).toBe('MOT-24');
      expect(body.enterprise.find((line: any) => line.state === 'AVAILABLE').quantity).toBe('1143');
    }
    expect((await planning.get('/v1/stock?code=NONE')).status).toBe(404);
  });

  it('[S87] a transfer shows as in transit at once, and arriving closes it', async () => {
    const itemId = items['MOT-24'];
    expect((await movement(wms, { type: 'TRANSFER_SITE_OUT', itemId, counterSite: 'D', quantity: pieces('20'), fromLocation: 'A-01' })).status).toBe(201);
    const before = (await planning.get(`/v1/items/${itemId}/availability`)).body;
    expect(before.total).toMatchObject({ inTransit: '120', available: '1223' });
    const arrived = await wmsD.post('/v1/stock-movements', { number: 'D-1', type: 'TRANSFER_SITE_IN', itemId, site: 'D', counterSite: 'A', quantity: pieces('20'), toState: 'AVAILABLE' });
    expect(arrived.status, arrived.text).toBe(201);
    expect((await planning.get(`/v1/items/${itemId}/availability`)).body.total).toMatchObject({ inTransit: '100', available: '1243' });
    const twice = await wmsD.post('/v1/stock-movements', { number: 'D-2', type: 'TRANSFER_SITE_IN', itemId, site: 'D', counterSite: 'A', quantity: pieces('20') });
    expect(twice.body.code).toBe('inventory.negative-stock');
  });

  it('shows a site-limited reader its own lines only', async () => {
    const plantB = await gateway.client('LEG2', scopes, ['B']);
    const { body } = await plantB.get(`/v1/items/${items['MOT-24']}/availability`);
    expect(body.lines.map((line: any) => line.site)).toEqual(['B']);
    expect(body.total.available).toBe('210');
  });
});
