import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let corp: TestClient;
let plantB: TestClient;
let planning: TestClient;
beforeAll(async () => {
  gateway = await testGateway();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
  plantB = await gateway.client('LEG2', ['item.read', 'item.write'], ['B']);
  planning = await gateway.client('PLN', ['item.read', 'item.write']);
});
afterAll(async () => { await gateway?.close(); });

const actuator = { code: 'ACT-500', type: 'finished', baseUnit: 'C62', description: { en: 'Actuator 500 mm' }, gtin: '00614141100019', state: 'active', standardCost: { amount: '130.153', currency: 'USD' } };

describe('items', () => {
  it('[S17] are created by their owner and read over REST and GraphQL as the same thing', async () => {
    const created = await corp.post('/v1/items', { ...actuator, localKeys: [{ system: 'CE', code: '100500' }] });
    expect(created.status, created.text).toBe(201);
    expect(created.headers.etag).toBe('"v1"');
    const read = await planning.get(created.headers.location!);
    expect(read.status).toBe(200);
    expect(read.body).toMatchObject({ ...actuator, version: 1 });
    const answer = await planning.graphql('query($id: ID!) { item(id: $id) { id code description standardCost { amount currency } version } }', { id: read.body.id });
    expect(answer.errors).toBeUndefined();
    expect(answer.data!.item).toEqual({ id: read.body.id, code: 'ACT-500', description: actuator.description, standardCost: actuator.standardCost, version: 1 });
  });

  it('[S4] a write by a non-owner is refused with the owner and the route, and the value is unchanged', async () => {
    const { body: { data: [item] } } = await plantB.get('/v1/items?filter[code][eq]=ACT-500');
    const refused = await plantB.patch(`/v1/items/${item.id}`, { description: { en: 'Aktuator' } }, '"v1"');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ type: '/problems/ownership-violation', code: 'ownership.violation', owner: 'CE', links: { writeRequests: { href: '/v1/write-requests' } } });
    expect((await plantB.get(`/v1/items/${item.id}`)).body.description).toEqual({ en: 'Actuator 500 mm' });
    const accepted = await corp.patch(`/v1/items/${item.id}`, { description: { en: 'Actuator 500 mm, 24 V' } }, '"v1"');
    expect(accepted.status, accepted.text).toBe(200);
    expect(accepted.body.description).toEqual({ en: 'Actuator 500 mm, 24 V' });
  });

  it('[S18] are found by the code that a system uses for them', async () => {
    const found = await planning.get('/v1/items?system=CE&code=100500');
    expect(found.body.data.map((item: { code: string }) => item.code)).toEqual(['ACT-500']);
    expect((await planning.get('/v1/items?system=CE&code=999')).body.data).toEqual([]);
  });
});
