import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { gatewayContext } from '@datum/platform';
import { RegistryDirectory, RegistryService } from '@datum/registry';
import { enterpriseData } from '../../apps/simulator/src/erp/corporate/corporate-data.js';
import { buildSimulator } from '../../apps/simulator/src/simulator.js';
import { createWorker, type Worker } from '../../apps/worker/src/index.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

/** The whole way over the wire: gateway, worker with an adapter made from the registry's configuration, and the simulated corporate ERP behind HTTP. */
let gateway: TestGateway;
let simulator: FastifyInstance;
let simulatorUrl: string;
let worker: Worker;
let planning: TestClient;
let corp: TestClient;
const token = 'secret-of-the-corporate-erp';

beforeAll(async () => {
  gateway = await testGateway();
  simulator = buildSimulator({
    data: enterpriseData.parse({ items: [{ number: '100500', name: 'Actuator 500 mm', category: 'FG', gtin: '00614141100019' }] }),
    tokens: new Map([[token, { name: 'gateway', mayWrite: true }]]),
  });
  simulatorUrl = await simulator.listen({ host: '127.0.0.1', port: 0 });
  await fs.writeFile(path.join(gateway.runtime.config.home, 'erp-secrets.json'), JSON.stringify({ CE: token }), { mode: 0o600 });
  const configuration = JSON.parse(await fs.readFile(new URL('../../libs/erp/rest/configurations/corporate-erp.json', import.meta.url), 'utf8')) as object;
  const adapter = { kind: 'rest', url: simulatorUrl, configuration, secretRef: 'CE', currency: 'USD' };
  await gateway.app.get(RegistryService).putSystem(gatewayContext(), { code: 'CE', kind: 'corp-erp', siteCodes: [], capabilities: { adapter }, state: 'active' });
  await gateway.app.get(RegistryDirectory).refresh();
  worker = await createWorker(gateway.runtime, { settings: { pollMs: 20, pullEveryMs: 200, backoffBaseMs: 10 }, ticker: false });
  worker.start();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.write']);
  planning = await gateway.client('PLN', ['item.read', 'item.write', 'write-back.read']);
});
afterAll(async () => {
  await worker?.stop();
  await simulator?.close();
  await gateway?.close();
});

const inside = (body: object) => fetch(`${simulatorUrl}/sim/inside`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const held = async (number: string) => (await (await fetch(`${simulatorUrl}/ce/v1/items/by-number/${number}`, { headers: { authorization: `Bearer ${token}` } })).json()) as Record<string, any>;

async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let i = 0; ; i += 1) {
    const value = await read();
    if (isDone(value)) return value;
    if (i > 300) throw new Error(`not reached: ${JSON.stringify(value)}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

it('[S20] [S4] an item of the ERP comes in, a wish goes out and comes back confirmed, and an edit in the ERP follows', async () => {
  const find = async () => (await planning.get('/v1/items?system=CE&code=100500&include=provenance')).body.data as Record<string, any>[];
  const [item] = await until(find, (found) => found.length === 1);
  expect(item).toMatchObject({ code: '100500', description: { en: 'Actuator 500 mm' }, type: 'finished', gtin: '00614141100019' });
  expect(item!.provenance.identity.system).toBe('CE');

  const patch = { description: { en: 'Actuator 500 mm, 24 V' }, standardCost: { amount: '130.153', currency: 'USD' } };
  expect((await planning.patch(`/v1/items/${item!.id}`, patch, '*')).status).toBe(403);
  const accepted = await planning.post('/v1/write-requests', { target: { recordType: 'item', key: { system: 'CE', code: '100500' } }, ifMatch: '*', patch });
  expect(accepted.status, accepted.text).toBe(202);
  const done = await until(async () => (await planning.get(`/v1/write-requests/${accepted.body.id}`)).body, ({ state }) => !['guarded', 'dispatched'].includes(state));
  expect(done, JSON.stringify(done.answer)).toMatchObject({ state: 'confirmed' });
  expect(await held('100500')).toMatchObject({ descEn: 'Actuator 500 mm, 24 V' });
  expect((await find())[0]).toMatchObject({ ...patch, provenance: { identity: { system: 'CE', event: accepted.body.id } } });

  await inside({ action: 'edit', type: 'item', key: '100500', secondsAgo: 0, fields: { descEn: 'Edited in the ERP' } });
  await until(find, ([found]) => found!.description.en === 'Edited in the ERP');
  expect((await corp.get('/v1/items?filter[code][eq]=100500')).body.data).toHaveLength(1);
});
