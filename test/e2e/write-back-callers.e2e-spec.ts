import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { ParticipantService } from '@datum/registry';
import { ErpFailure } from '@datum/write-back';
import { createWorker, type Worker } from '../../apps/worker/src/index.js';
import { FakeErp } from '../support/fake-erp.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

const patient = { leaseMs: 2_000, renewEveryMs: 500, pollMs: 20, backoffBaseMs: 10, backoffMaxMs: 50, deadlineMs: 2_000, lookUpsMax: 4, attemptsMax: 3 };
const erp = new FakeErp({ types: { item: ['code', 'description', 'type', 'baseUnit', 'gtin', 'standardCost', 'productLine', 'state'] } });
let gateway: TestGateway;
let worker: Worker;
let planning: TestClient;
let steward: TestClient;
let corp: TestClient;
let item: { id: string };

beforeAll(async () => {
  gateway = await testGateway();
  worker = await createWorker(gateway.runtime, { adapters: new Map([['CE', erp]]), settings: patient, ticker: false, sealer: false, pulls: false });
  worker.start();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.write']);
  planning = await gateway.client('PLN', ['item.read']);
  steward = await gateway.client('PLN', ['item.read', 'write-back.read', 'write-back.write']);
  item = await newItem('1');
});
afterAll(async () => {
  await worker?.stop();
  await gateway?.close();
});

/** An item that CE and the golden record know alike. */
async function newItem(key: string): Promise<{ id: string }> {
  const attributes = { code: `IT-${key}`, type: 'finished', baseUnit: 'C62', description: { en: 'Item' }, state: 'active' };
  const created = await corp.post('/v1/items', { ...attributes, localKeys: [{ system: 'CE', code: key }] });
  erp.edit('item', key, attributes);
  return created.body as { id: string };
}

const wish = (patch: Record<string, unknown>, client: TestClient, target: object = { id: item.id }) =>
  client.post('/v1/write-requests', { target: { recordType: 'item', ...target }, ifMatch: '*', patch });

async function until(id: string, state: string): Promise<Record<string, any>> {
  let body: Record<string, any> = {};
  await expect.poll(async () => { ({ body } = await steward.get(`/v1/write-requests/${id}`)); return body.state; }, { timeout: 25_000 }).toBe(state);
  return body;
}

describe('the callers of write requests', () => {
  it('name a record by its key without a second connection while their own transaction is open', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => wish({ description: { en: `Wish ${i}` } }, planning, { key: { code: 'IT-1' } })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  });

  it('[SEC18] are asked for again at dispatch: what a revoked credential wished for does not go out', async () => {
    const leaving = await gateway.client('PLN', ['item.read']);
    erp.fault = ({ operation }) => (operation === 'read' ? { before: new ErpFailure('unavailable', 'Not reached.') } : undefined);
    const { body: { id } } = await wish({ productLine: 'Leaving' }, leaving, { id: (await newItem('2')).id });
    const [credential] = await gateway.db.database.query<{ participant: string }>('SELECT participant_id AS participant FROM credential WHERE client_id = $1', [leaving.clientId]);
    await gateway.app.get(ParticipantService).revokeCredential(gatewayContext(), credential!.participant, leaving.clientId);
    expect(await until(id, 'rejected')).toMatchObject({ answer: { code: 'write-request.credential-revoked' } });
    erp.fault = () => undefined;
    expect(erp.valueOf('item', '2')!.productLine ?? null).toBeNull();
  });

  it('[SEC17] of another site can neither send again nor take back what they may not see', async () => {
    const plant = await gateway.client('LEG1', ['item.read', 'item.write'], ['A']);
    const part = await plant.send('PUT', `/v1/items/${item.id}/sites/A`, { leadTimeDays: 5 }, { 'if-none-match': '*' });
    expect(part.status, part.text).toBe(201);
    const { body: { id } } = await wish({ leadTimeDays: 7 }, planning, { recordType: 'item-site', id: part.body.id });
    await until(id, 'needs-review');
    const elsewhere = await gateway.client('WMS-D', ['item.read', 'write-back.read', 'write-back.write'], ['D']);
    for (const verb of ['retry', 'cancel']) {
      expect((await elsewhere.post(`/v1/write-requests/${id}:${verb}`, {})).body, verb).toMatchObject({ status: 404, code: 'write-request.not-found' });
    }
    expect((await steward.post(`/v1/write-requests/${id}:retry`, {})).status).toBe(200);
  });

  it('[S1] who work on behalf of the gateway do not write what it computes', async () => {
    const clerk = await gateway.client('GW', ['supplier.read', 'supplier.write', 'item.read', 'item.write']);
    corp = await gateway.client('CE', ['supplier.read', 'supplier.write']);
    const supplier = await corp.post('/v1/suppliers', { code: 'SUP-1', name: 'Supplier', state: 'prospect' });
    expect(supplier.status, supplier.text).toBe(201);
    const scored = await clerk.patch(`/v1/suppliers/${supplier.body.id}`, { onTimePercent: '100' }, '"v1"');
    expect(scored.body).toMatchObject({ status: 403, code: 'ownership.violation', owner: 'GW' });
  });
});
