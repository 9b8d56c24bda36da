import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpoints, ErpFailure, FenceLost, WriteRequestJournal, type Checkpoint } from '@datum/write-back';
import { gatewayContext } from '@datum/platform';
import { createWorker, type Worker, type WorkerOptions } from '../../apps/worker/src/index.js';
import { claimHeads } from '../../libs/write-back/src/write-request.repository.js';
import { FakeErp } from '../support/fake-erp.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let corp: TestClient;
let planning: TestClient;
let erp: FakeErp;
const workers: Worker[] = [];
/** Leases run out soon, and nobody renews them. */
const impatient = { leaseMs: 1_500, renewEveryMs: 0, pollMs: 20, backoffBaseMs: 5, backoffMaxMs: 20, deadlineMs: 2_000 };

beforeAll(async () => {
  gateway = await testGateway();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
  planning = await gateway.client('PLN', ['item.read', 'item.write', 'write-back.read']);
  erp = new FakeErp({ types: { item: ['code', 'description', 'type', 'baseUnit', 'gtin'] } });
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await gateway?.close();
});

async function startWorker(checkpoint: Checkpoint | undefined, settings: WorkerOptions['settings'] = impatient): Promise<Worker> {
  const worker = await createWorker(gateway.runtime, { adapters: new Map([['CE', erp]]), settings, checkpoint, ticker: false, sealer: false, pulls: false });
  workers.push(worker);
  worker.start();
  return worker;
}

let numbered = 200_000;
async function newItem(): Promise<{ id: string; key: string }> {
  const key = String((numbered += 1));
  const item = { code: `IT-${key}`, type: 'finished', baseUnit: 'C62', description: { en: `Item ${key}` } };
  const created = await corp.post('/v1/items', { ...item, state: 'active', localKeys: [{ system: 'CE', code: key }] });
  if (created.status !== 201) throw new Error(created.text);
  erp.edit('item', key, item);
  return { id: created.body.id, key };
}

async function request(item: { id: string; key: string }, text: string): Promise<string> {
  const { body } = await planning.post('/v1/write-requests', { target: { recordType: 'item', id: item.id }, ifMatch: '*', patch: { description: { en: text } } });
  return body.id;
}

async function settled(id: string): Promise<Record<string, any>> {
  for (let i = 0; i < 3_000; i += 1) {
    const { body } = await planning.get(`/v1/write-requests/${id}`);
    if (['confirmed', 'rejected', 'cancelled', 'needs-review'].includes(body.state)) return body;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  throw new Error(`write request ${id} is stuck`);
}

const effectsOf = (key: string) => erp.effects.filter((effect) => effect.key === key);

describe('a worker that is killed', () => {
  it('[R2] [R4] at any step leaves exactly one effect and nothing stuck, updates and creates alike', async () => {
    const deaths = new Map<string, string>();
    const requests: { name: string; id: string; key: string }[] = [];
    for (const [i, name] of checkpoints.entries()) {
      const item = await newItem();
      requests.push({ name, id: await request(item, `Killed at ${name}`), key: item.key });
      const key = `91000${i}`;
      const patch = { code: `NEW-${key}`, type: 'raw', baseUnit: 'KGM', state: 'active' };
      const { body } = await planning.post('/v1/write-requests', { op: 'create', target: { recordType: 'item', localKey: key }, patch });
      requests.push({ name, id: body.id, key });
    }
    for (const { id, name } of requests) deaths.set(id, name);
    await startWorker((name, id) => {
      if (deaths.get(id) !== name) return;
      deaths.delete(id);
      // A killed process does nothing more: no clean-up, no giving back of the lease.
      throw new Error(`killed at ${name}`);
    });
    for (const { id, name, key } of requests) {
      const after = await settled(id);
      expect(after.state, `${name}: ${JSON.stringify(after.answer)}`).toBe('confirmed');
      expect(effectsOf(key), name).toHaveLength(1);
      expect((await planning.get(`/v1/items?system=CE&code=${key}`)).body.data).toHaveLength(1);
    }
    expect([...deaths.values()]).toEqual([]);
  }, 120_000);
});

describe('a worker that comes back from the dead', () => {
  it('[R8] is refused by the fencing token, 100 of 100', async () => {
    const items: Awaited<ReturnType<typeof newItem>>[] = [];
    for (let i = 0; i < 100; i += 1) items.push(await newItem());
    const { database } = gateway.db;
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    for (const item of items) await request(item, 'Zombie');
    const zombies = await claimHeads(database, 'CE', 100, 1);
    expect(zombies).toHaveLength(100);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    const living = await startWorker(undefined, { ...impatient, leaseMs: 10_000 });
    for (const { id } of zombies) expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    const journal = living.app.get(WriteRequestJournal);
    const outcomes = await Promise.allSettled(zombies.map((zombie) =>
      database.transaction(gatewayContext(), (tx) => journal.step(tx, zombie, zombie.fence, { state: 'rejected' }))));
    expect(outcomes.filter((outcome) => outcome.status === 'rejected' && outcome.reason instanceof FenceLost)).toHaveLength(100);
    for (const { key } of items) expect(effectsOf(key)).toHaveLength(1);
  }, 120_000);

  it('[R8] has no second effect when it was stopped just before the write', async () => {
    const item = await newItem();
    let wakeUp: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => { wakeUp = resolve; });
    let stoppedAt: (() => void) | undefined;
    const stopped = new Promise<void>((resolve) => { stoppedAt = resolve; });
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    const zombie = await startWorker(async (name) => {
      if (name !== 'marked' || !stoppedAt) return;
      stoppedAt();
      stoppedAt = undefined;
      await asleep;
    });
    const id = await request(item, 'From the dead');
    await stopped;
    await startWorker(undefined, { ...impatient, leaseMs: 10_000 });
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    const { version } = await settled(id);
    wakeUp();
    await zombie.stop();
    workers.splice(workers.indexOf(zombie), 1);
    expect(effectsOf(item.key)).toHaveLength(1);
    expect(await settled(id)).toMatchObject({ state: 'confirmed', version });
  }, 120_000);
});

describe('several workers', () => {
  it('[R4] together have one effect per request, and keep the order of each record', async () => {
    await startWorker(undefined, { ...impatient, leaseMs: 10_000 });
    await startWorker(undefined, { ...impatient, leaseMs: 10_000 });
    let n = 0;
    erp.fault = ({ operation }) => (operation === 'update' && (n += 1) % 7 === 0 ? { after: new ErpFailure('unknown-outcome', 'No answer.') } : undefined);
    const items = await Promise.all(Array.from({ length: 8 }, () => newItem()));
    const ids: string[] = [];
    for (const step of [1, 2, 3, 4, 5]) for (const item of items) ids.push(await request(item, `Step ${step}`));
    for (const id of ids) expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    erp.fault = () => undefined;
    for (const { key } of items) {
      expect(effectsOf(key).map(({ attributes }) => (attributes.description as { en: string }).en)).toEqual([1, 2, 3, 4, 5].map((step) => `Step ${step}`));
    }
  }, 120_000);
});
