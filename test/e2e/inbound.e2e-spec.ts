import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryDirectory, RegistryService } from '@datum/registry';
import { gatewayContext } from '@datum/platform';
import { ErpFailure } from '@datum/write-back';
import { createWorker, type Worker } from '../../apps/worker/src/index.js';
import { FakeErp } from '../support/fake-erp.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let worker: Worker;
let corp: TestClient;
let reader: TestClient;
const erp = new FakeErp({ types: { item: ['code', 'description', 'type', 'baseUnit', 'drawing', 'gtin'] } });

beforeAll(async () => {
  gateway = await testGateway();
  const settings = { pollMs: 20, pullEveryMs: 60_000, pullRowsMax: 3, backoffBaseMs: 10, reconcileEveryMs: 0 };
  worker = await createWorker(gateway.runtime, { adapters: new Map([['CE', erp]]), settings, ticker: false, sealer: false, pulls: false });
  worker.start();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
  reader = await gateway.client('PLN', ['item.read', 'cross-reference.read', 'write-back.read']);
});
afterAll(async () => {
  await worker?.stop();
  await gateway?.close();
});

const pull = () => worker.puller.pullNow('CE', 'item');
const byKey = async (code: string) => (await reader.get(`/v1/items?system=CE&code=${code}&include=provenance`)).body.data as Record<string, any>[];
const refusals = async (key: string) => (await reader.get(`/v1/inbound-refusals?filter[key][eq]=${encodeURIComponent(key)}`)).body.data as Record<string, any>[];
const ledgerRows = async (id: string) => (await gateway.db.database.query(`SELECT 1 FROM ledger WHERE record_id = $1`, [id])).length;

async function knownItem(key: string, more: Record<string, unknown> = {}): Promise<string> {
  const item = { code: `IT-${key}`, type: 'finished', baseUnit: 'C62', description: { en: `Item ${key}` }, ...more };
  const created = await corp.post('/v1/items', { ...item, state: 'active', localKeys: [{ system: 'CE', code: key }] });
  if (created.status !== 201) throw new Error(created.text);
  erp.edit('item', key, { ...item, code: key });
  return created.body.id;
}

describe('changes made in the ERP itself', () => {
  it('[S17] come in as the word of the owner, page by page, each once', async () => {
    const ids: string[] = [];
    for (const key of ['1', '2', '3', '4', '5']) ids.push(await knownItem(key));
    for (const key of ['1', '2', '3', '4', '5']) erp.edit('item', key, { description: { en: `Edited ${key}` } });
    await pull();
    const [first] = await byKey('1');
    expect(first).toMatchObject({ id: ids[0], code: 'IT-1', description: { en: 'Edited 1' } });
    expect(first!.provenance.identity).toMatchObject({ system: 'CE', event: expect.stringMatching(/^CE:item:1:/) });
    expect((await byKey('5'))[0]).toMatchObject({ description: { en: 'Edited 5' } });
    const rows = await ledgerRows(ids[0]!);
    await gateway.db.database.query(`UPDATE inbound_cursor SET watermark = NULL`);
    await pull();
    expect(await ledgerRows(ids[0]!)).toBe(rows);
  });

  it('make a new record where the ERP decides that there is one', async () => {
    erp.edit('item', '700', { code: '700', type: 'raw', baseUnit: 'KGM', description: { en: 'Steel' } });
    await pull();
    expect(await byKey('700')).toMatchObject([{ code: '700', type: 'raw', state: 'active' }]);
  });

  it('are kept aside with their raw values when they are refused, and taken over when they are right again', async () => {
    erp.edit('item', '701', { code: '701', type: 'no-such-type', baseUnit: 'KGM', description: { en: 'Wrong' } });
    erp.edit('item', '702', { code: '702', type: 'raw', baseUnit: 'KGM', description: { en: 'Right' } });
    await pull();
    expect(await byKey('701')).toEqual([]);
    expect(await byKey('702')).toHaveLength(1);
    expect(await refusals('701')).toMatchObject([{ system: 'CE', recordType: 'item', raw: { attributes: { type: 'no-such-type' } }, problem: { code: 'item.invalid' } }]);
    erp.edit('item', '701', { type: 'raw' });
    await pull();
    expect(await byKey('701')).toMatchObject([{ type: 'raw' }]);
    expect(await refusals('701')).toEqual([]);
  });

  it('[S4] do not overwrite what the ERP does not decide, and the difference is shown', async () => {
    const id = await knownItem('703');
    const engineer = await gateway.client('GW', ['item.read', 'item.write', 'engineering.decide']);
    const patched = await engineer.patch(`/v1/items/${id}`, { drawing: 'DRW-1-B' }, '"v1"');
    expect(patched.status, patched.text).toBe(200);
    erp.edit('item', '703', { drawing: 'DRW-1-A', description: { en: 'Decided here' } });
    await pull();
    expect(await byKey('703')).toMatchObject([{ drawing: 'DRW-1-B', description: { en: 'Decided here' } }]);
    expect(await refusals('703')).toMatchObject([{ problem: { code: 'ownership.violation', drift: [{ attribute: 'drawing', held: 'DRW-1-A', golden: 'DRW-1-B' }] } }]);
  });

  it('retire the code of what was archived or deleted there, and take it up again when it comes back', async () => {
    const id = await knownItem('704');
    await knownItem('705');
    await pull();
    const status = async (code: string) => (await reader.get(`/v1/local-keys?filter[system][eq]=CE&filter[code][eq]=${code}`)).body.data[0].status as string;
    erp.edit('item', '704', {}, false);
    erp.delete('item', '705');
    await pull();
    expect([await status('704'), await status('705')]).toEqual(['retired', 'retired']);
    expect((await reader.get(`/v1/items/${id}`)).status).toBe(200);
    erp.edit('item', '704', { description: { en: 'Back again' } });
    await pull();
    expect(await byKey('704')).toMatchObject([{ id, description: { en: 'Back again' } }]);
  });

  it('are not believed when nearly all keys are missing at once', async () => {
    const keys = Array.from({ length: 12 }, (_, i) => `80${i}`);
    for (const key of keys) await knownItem(key);
    await pull();
    for (const key of keys) erp.delete('item', key);
    await pull();
    expect(await byKey('800')).toHaveLength(1);
    expect(await refusals('*')).toMatchObject([{ problem: { code: 'inbound.keys-missing' } }]);
  });

  it('never undo what was written back after the page was fetched', async () => {
    const id = await knownItem('900');
    await pull();
    const planning = await gateway.client('PLN', ['item.read']);
    erp.edit('item', '900', { gtin: '00614141100019' });
    let pageIsFetched: () => void = () => undefined;
    const fetched = new Promise<void>((resolve) => { pageIsFetched = resolve; });
    let deliver: () => void = () => undefined;
    const delivery = new Promise<void>((resolve) => { deliver = resolve; });
    const plain = erp.changedSince.bind(erp);
    erp.changedSince = async (...args) => {
      const page = await plain(...args);
      pageIsFetched();
      await delivery;
      return page;
    };
    const pulling = pull();
    await fetched;
    erp.changedSince = plain;
    const { body: { id: request } } = await planning.post('/v1/write-requests', { target: { recordType: 'item', id }, ifMatch: '*', patch: { description: { en: 'Written back' } } });
    for (let i = 0; i < 300 && (await planning.get(`/v1/operations/${request}`)).body.status !== 'succeeded'; i += 1) await new Promise((resolve) => { setTimeout(resolve, 20); });
    deliver();
    await pulling;
    expect(await byKey('900')).toMatchObject([{ description: { en: 'Written back' } }]);
    await pull();
    expect(await byKey('900')).toMatchObject([{ description: { en: 'Written back' }, gtin: '00614141100019' }]);
  });

  it('keep a system fresh, and a failed pull does not', async () => {
    const registry = gateway.app.get(RegistryService);
    await registry.putSystem(gatewayContext(), { code: 'CE', kind: 'corp-erp', siteCodes: [], freshness: { maxAgeSeconds: 60 }, state: 'active' });
    const directory = worker.app.get(RegistryDirectory);
    await directory.refresh();
    gateway.runtime.clock.advance(3_600_000);
    erp.fault = ({ operation }) => (operation === 'changedSince' ? { before: new ErpFailure('retryable', 'Busy.') } : undefined);
    const before = directory.freshnessOf('CE')!.lastSeenAt;
    await pull();
    expect(directory.freshnessOf('CE')!.lastSeenAt).toBe(before);
    erp.fault = () => undefined;
    await pull();
    expect(Date.parse(directory.freshnessOf('CE')!.lastSeenAt!)).toBeGreaterThan(Date.parse('2026-03-04T15:00:00Z') - 1);
  });
});
