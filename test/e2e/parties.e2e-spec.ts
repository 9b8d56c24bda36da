import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

const scopes = ['supplier.read', 'supplier.write', 'customer.read', 'customer.write', 'item.read', 'item.write', 'cross-reference.read'];
let gateway: TestGateway;
let corp: TestClient;
let plantA: TestClient;
let steward: TestClient;
let finance: TestClient;
beforeAll(async () => {
  gateway = await testGateway();
  corp = await gateway.client('CE', scopes);
  plantA = await gateway.client('LEG1', scopes, ['A']);
  steward = await gateway.client('GW', [...scopes, 'supplier.decide']);
  finance = await gateway.client('GW', [...scopes, 'finance.decide']);
});
afterAll(async () => { await gateway?.close(); });

const halvorsen = { code: 'HALVORSEN', name: 'Halvorsen Motors GmbH', gln: '4012345000009', taxIds: ['DE 811 234 567'], country: 'DE', state: 'approved' };
const create = async (body: object): Promise<Record<string, any>> => {
  const answer = await corp.post('/v1/suppliers', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};

describe('suppliers', () => {
  it('go through their life cycle, and a jump is refused with both states', async () => {
    const { id } = await create({ code: 'GEAR', name: 'Gear & Co. KG', state: 'prospect' });
    const jump = await corp.patch(`/v1/suppliers/${id}`, { state: 'restricted' }, '"v1"');
    expect(jump.status).toBe(422);
    expect(jump.body.detail).toBe('A supplier cannot go from prospect to restricted; from prospect it goes only to qualified, ended.');
    for (const [version, state] of ['qualified', 'approved', 'restricted', 'blocked', 'ended'].entries()) {
      expect((await corp.patch(`/v1/suppliers/${id}`, { state }, `"v${version + 1}"`)).status, state).toBe(200);
    }
  });

  it('[S5] are CE\'s: a plant is refused, and so is everybody for the score', async () => {
    const { id } = await create(halvorsen);
    expect((await plantA.patch(`/v1/suppliers/${id}`, { paymentTerms: 'net 10' }, '"v1"')).body).toMatchObject({ code: 'ownership.violation', owner: 'CE' });
    expect((await corp.patch(`/v1/suppliers/${id}`, { onTimePercent: '100' }, '"v1"')).body).toMatchObject({ code: 'ownership.violation', owner: 'GW' });
  });

  it('have valid numbers or none', async () => {
    const { body } = await corp.post('/v1/suppliers', { code: 'X', name: 'X', state: 'prospect', gln: '4012345000001', iban: 'DE00370400440532013000' });
    expect(body.errors.map((each: any) => each.code).sort()).toEqual(['gln.check-digit', 'iban.check-digits']);
  });
});

describe('bank data', () => {
  const account = { iban: 'DE89370400440532013000', bic: 'COBADEFFXXX', accountHolder: 'Halvorsen Motors GmbH' };
  const idOf = async () => (await corp.get('/v1/suppliers?filter[code][eq]=HALVORSEN')).body.data[0].id as string;

  it('is not written directly, not even by its owner', async () => {
    const id = await idOf();
    const refused = await corp.patch(`/v1/suppliers/${id}`, { iban: account.iban }, '"v1"');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'supplier.bank-four-eyes', links: { bankChanges: { href: '/v1/supplier-bank-changes' } } });
    expect((await corp.post('/v1/suppliers', { code: 'NEW', name: 'New', state: 'prospect', ...account })).body.code).toBe('supplier.bank-four-eyes');
  });

  it('needs two: one asks, another decides', async () => {
    const both = await gateway.client('CE', [...scopes, 'finance.decide']);
    const asked = await both.post('/v1/supplier-bank-changes', { number: 'BC-1', supplierId: { code: 'HALVORSEN' }, ...account, reason: 'New house bank' });
    expect(asked.status, asked.text).toBe(201);
    const path = `/v1/supplier-bank-changes/${asked.body.id}`;
    expect((await both.patch(path, { decision: 'approved' }, '"v1"')).body.code).toBe('supplier.four-eyes');
    expect((await corp.patch(path, { decision: 'approved' }, '"v1"')).body.code).toBe('ownership.violation');
    expect((await corp.get(`/v1/suppliers/${await idOf()}`)).body.iban).toBeNull();
    const approved = await finance.patch(path, { decision: 'approved', decisionReason: 'Call back confirmed' }, '"v1"');
    expect(approved.status, approved.text).toBe(200);
    expect((await corp.get(`/v1/suppliers/${await idOf()}`)).body).toMatchObject(account);
    expect((await finance.patch(path, { decision: 'rejected' }, '"v2"')).body.code).toBe('supplier-bank-change.decided');
  });
});

describe('bank data by write request', () => {
  it('neither asks nor decides: the gateway would hide who did', async () => {
    const account = { iban: 'DE89370400440532013000', bic: 'COBADEFFXXX', accountHolder: 'Somebody else' };
    const { body: { data: [supplier] } } = await corp.get('/v1/suppliers?filter[code][eq]=HALVORSEN');
    const both = await gateway.client('CE', [...scopes, 'finance.decide', 'write-back.approve']);
    const asked = await both.post('/v1/supplier-bank-changes', { number: 'BC-W1', supplierId: supplier.id, ...account, reason: 'Mine' });
    expect(asked.status, asked.text).toBe(201);
    const third = await gateway.client('PLN', scopes);
    const target = { recordType: 'supplier-bank-change', id: asked.body.id };
    const decision = await third.post('/v1/write-requests', { target, ifMatch: '"v1"', patch: { decision: 'approved' } });
    expect([decision.status, decision.body.code]).toEqual([403, 'supplier-bank-change.direct']);
    const patch = { number: 'BC-W2', supplierId: supplier.id, ...account, reason: 'Not mine' };
    const creation = await third.post('/v1/write-requests', { op: 'create', target: { recordType: 'supplier-bank-change' }, patch });
    expect([creation.status, creation.body.code]).toEqual([403, 'supplier-bank-change.direct']);
  });
});

describe('bank data of two participants in one pair of hands', () => {
  it('is not decided by who has the same contact', async () => {
    const asks = await gateway.client('CE', scopes);
    const other = await gateway.client('GW', [...scopes, 'finance.decide']);
    const contact = (client: TestClient, email: string) => gateway.db.database.query(
      `UPDATE participant SET contact = $2 WHERE id = (SELECT participant_id FROM credential WHERE client_id = $1)`, [client.clientId, JSON.stringify({ name: 'Kim', email })]);
    await contact(asks, 'kim@kestrel.example');
    await contact(other, 'Kim@Kestrel.example');
    const asked = await asks.post('/v1/supplier-bank-changes', {
      number: 'BC-2', supplierId: { code: 'HALVORSEN' }, iban: 'DE89370400440532013000', accountHolder: 'Halvorsen Motors GmbH', reason: 'Second account',
    });
    expect(asked.status, asked.text).toBe(201);
    const path = `/v1/supplier-bank-changes/${asked.body.id}`;
    expect((await other.patch(path, { decision: 'approved' }, '"v1"')).body).toMatchObject({ status: 403, code: 'supplier.four-eyes' });
    await contact(other, 'lee@kestrel.example');
    expect((await other.patch(path, { decision: 'rejected' }, '"v1"')).status).toBe(200);
  });
});

describe('where items are bought', () => {
  it('is CE\'s for all sites and the plant\'s for its own, in order units that may be packages', async () => {
    expect((await corp.post('/v1/items', { code: 'MOT-24', type: 'purchased', baseUnit: 'C62', state: 'active' })).status).toBe(201);
    const source = { itemId: { code: 'MOT-24' }, supplierId: { code: 'HALVORSEN' }, leadTimeDays: 21, price: { amount: '38', currency: 'USD' }, orderUnit: 'XBX', minimumQuantity: { value: '2', unit: 'XBX' } };
    const central = await corp.post('/v1/item-suppliers', source);
    expect(central.status, central.text).toBe(201);
    expect((await plantA.patch(`/v1/item-suppliers/${central.body.id}`, { leadTimeDays: 3 }, '"v1"')).body).toMatchObject({ code: 'ownership.violation', owner: 'CE' });
    const own = await plantA.post('/v1/item-suppliers', { ...source, site: 'A', leadTimeDays: 5 });
    expect(own.status, own.text).toBe(201);
    const answer = await corp.graphql('query($id: ID!) { itemSupplier(id: $id) { leadTimeDays minimumQuantity { value unit } item { code } supplier { code name } } }', { id: own.body.id });
    expect(answer.errors).toBeUndefined();
    expect(answer.data!.itemSupplier).toEqual({ leadTimeDays: 5, minimumQuantity: { value: '2', unit: 'XBX' }, item: { code: 'MOT-24' }, supplier: { code: 'HALVORSEN', name: 'Halvorsen Motors GmbH' } });
  });
});

describe('matching', () => {
  const match = async (...records: object[]) => {
    const answer = await steward.post('/v1/parties:match', { records });
    expect(answer.status, answer.text).toBe(200);
    return answer.body.data as Record<string, any>[];
  };

  it('links what shares a tax number or GLN, and says why', async () => {
    const [byTax, byGln] = await match(
      { system: 'LEG1', code: 'V-10077', name: 'HALVORSEN MOTOREN GMBH', taxIds: ['DE811234567'], country: 'DE' },
      { system: 'CLD-EU', code: 'K-5521', name: 'Hálvorsen Motors', gln: '4012345000009' });
    expect(byTax).toMatchObject({ decision: 'auto', candidates: [{ supplierCode: 'HALVORSEN', explanation: expect.arrayContaining(['Same tax number', 'Same country DE']) }] });
    expect(Number(byTax!.candidates[0].score)).toBeGreaterThanOrEqual(0.95);
    expect(byGln).toMatchObject({ decision: 'auto', candidates: [{ score: '1' }] });
    const found = await corp.get('/v1/suppliers?system=LEG1&code=V-10077');
    expect(found.body.data.map((supplier: any) => supplier.code)).toEqual(['HALVORSEN']);
    expect(await match({ system: 'LEG1', code: 'V-10077', name: 'anything' })).toMatchObject([{ decision: 'linked' }]);
  });

  it('asks a steward when only the name is near, and his word links', async () => {
    const [near] = await match({ system: 'LEG2', code: '900412', name: 'Halvorsen Motor S.A. de C.V.', country: 'DE' });
    expect(near).toMatchObject({ decision: 'steward', supplierId: null, candidates: [{ supplierCode: 'HALVORSEN' }] });
    const path = `/v1/match-candidates/${near!.candidates[0].id}`;
    expect((await plantA.patch(path, { decision: 'accepted' }, '"v1"')).body).toMatchObject({ code: 'ownership.violation' });
    expect((await steward.patch(path, { decision: 'auto-accepted' }, '"v1"')).body.code).toBe('match-candidate.auto');
    expect((await steward.patch(path, { decision: 'accepted', decisionReason: 'Same contract' }, '"v1"')).status).toBe(200);
    expect((await corp.get('/v1/suppliers?system=LEG2&code=900412')).body.data.map((supplier: any) => supplier.code)).toEqual(['HALVORSEN']);
  });

  it('does not offer again what was rejected, and finds nobody for a stranger', async () => {
    const [near] = await match({ system: 'MES-A', code: 'h1', name: 'Halvorson Motors', country: 'DE' });
    expect((await steward.patch(`/v1/match-candidates/${near!.candidates[0].id}`, { decision: 'rejected' }, '"v1"')).status).toBe(200);
    expect(await match({ system: 'MES-A', code: 'h1', name: 'Halvorson Motors', country: 'DE' })).toMatchObject([{ decision: 'none' }]);
    expect(await match({ system: 'MES-A', code: 'z', name: 'Zulu Bearings' })).toMatchObject([{ decision: 'none', candidates: [] }]);
  });

  it('never links by the name alone, nor against a different tax number', async () => {
    const [same, other] = await match(
      { system: 'WMS-A', code: 's', name: 'Halvorsen Motors GmbH', country: 'DE' },
      { system: 'WMS-A', code: 'o', name: 'Halvorsen Motors GmbH', country: 'DE', taxIds: ['DE999999999'] });
    expect(same).toMatchObject({ decision: 'steward', candidates: [{ score: '0.94' }] });
    expect(other).toMatchObject({ decision: 'none' });
  });

  it('gives the same answer over GraphQL, and the same every time', async () => {
    const query = 'mutation($records: [SourcePartyInput!]!) { matchParties(records: $records) { decision candidates { supplierCode score explanation } } }';
    const records = [{ system: 'WMS-D', code: 's', name: 'halvorsen  MOTORS gmbh', country: 'DE' }];
    const first = await steward.graphql(query, { records });
    expect(first.errors).toBeUndefined();
    expect(first.data!.matchParties).toMatchObject([{ decision: 'steward', candidates: [{ supplierCode: 'HALVORSEN', score: '0.94' }] }]);
    expect((await steward.graphql(query, { records })).data).toEqual(first.data);
  });

  it('a system matches its own codes at its own sites only, and a foreign one gets no cross-reference', async () => {
    const planning = await gateway.client('PLN', scopes);
    const record = { system: 'LEG1', code: 'V-99', name: 'Halvorsen Motors GmbH', gln: '4012345000009' };
    const foreign = await planning.post('/v1/parties:match', { records: [{ ...record, system: 'PLN' }, record] });
    expect(foreign.status, foreign.text).toBe(403);
    expect(foreign.body).toMatchObject({ code: 'match.foreign-system', errors: [{ pointer: '#/records/1/system' }] });
    const query = 'mutation($records: [SourcePartyInput!]!) { matchParties(records: $records) { decision } }';
    expect((await planning.graphql(query, { records: [record] })).errors?.[0].extensions).toMatchObject({ code: 'match.foreign-system', status: 403 });
    const elsewhere = await plantA.post('/v1/parties:match', { records: [{ ...record, site: 'B' }] });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([403, 'site.forbidden']);
    expect((await corp.get('/v1/suppliers?system=LEG1&code=V-99')).body.data).toEqual([]);
    const own = await plantA.post('/v1/parties:match', { records: [{ ...record, site: 'A' }] });
    expect(own.body.data).toMatchObject([{ decision: 'auto' }]);
  });

  it('shows candidates of a site to those who may see it', async () => {
    const plantB = await gateway.client('LEG2', scopes, ['B']);
    const seen = async (client: TestClient) => (await client.get('/v1/match-candidates?filter[sourceCode][eq]=V-99')).body.data.map((each: any) => each.site);
    expect(await seen(plantA)).toEqual(['A']);
    expect(await seen(plantB)).toEqual([]);
  });

  it('names each wrong record', async () => {
    const { status, body } = await plantA.post('/v1/parties:match', { records: [{ system: 'LEG1', code: 'x', name: '' }, { system: 'LEG1', code: 'y', name: 'Y', vat: '1' }] });
    expect(status).toBe(422);
    expect(body.errors.map((each: any) => each.pointer)).toEqual(['#/records/0/name', '#/records/1/vat']);
  });
});
