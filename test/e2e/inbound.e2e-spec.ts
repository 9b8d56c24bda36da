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
  const settings = { pollMs: 20, pullEveryMs: 60_000, pullRowsMax: 3, backoffBaseMs: 10, reconcileEveryMs: 0, deadlineMs: 3_000 };
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
  it('come in as the word of the owner, page by page, each once', async () => {
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

  it('show what was deleted although the list of all keys takes longer than one call may; where it fails, write-back goes on', async () => {
    const id = await knownItem('905');
    await knownItem('906');
    await pull();
    erp.delete('item', '906');
    erp.fault = ({ operation }) => (operation === 'keys' ? { waitFor: new Promise((resolve) => { setTimeout(resolve, 4_500); }) } : undefined);
    await pull();
    const { body: { data: [key] } } = await reader.get('/v1/local-keys?filter[system][eq]=CE&filter[code][eq]=906');
    expect(key.status).toBe('retired');
    erp.fault = ({ operation }) => (operation === 'keys' ? { before: new ErpFailure('unavailable', 'Late.', { retryAfterMs: 600_000 }) } : undefined);
    await pull();
    const planning = await gateway.client('PLN', ['item.read']);
    const { body: { id: request } } = await planning.post('/v1/write-requests', { target: { recordType: 'item', id }, ifMatch: '*', patch: { description: { en: 'Goes on' } } });
    const status = async () => (await planning.get(`/v1/operations/${request}`)).body.status as string;
    for (let i = 0; i < 500 && (await status()) !== 'succeeded'; i += 1) await new Promise((resolve) => { setTimeout(resolve, 20); });
    erp.fault = () => undefined;
    expect(await status()).toBe('succeeded');
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
    for (let i = 0; i < 1_000 && (await planning.get(`/v1/operations/${request}`)).body.status !== 'succeeded'; i += 1) await new Promise((resolve) => { setTimeout(resolve, 20); });
    deliver();
    await pulling;
    expect(await byKey('900')).toMatchObject([{ description: { en: 'Written back' } }]);
    await pull();
    expect(await byKey('900')).toMatchObject([{ description: { en: 'Written back' }, gtin: '00614141100019' }]);
  });

  it('are not lost when a write-back confirms between the page and its intake, although the feed tells of them once only', async () => {
    const id = await knownItem('901');
    await pull();
    erp.edit('item', '901', { gtin: '00614141100019' });
    const gate = () => { let open: () => void = () => undefined; return { opened: new Promise<void>((resolve) => { open = resolve; }), open: () => open() }; };
    const [isWritten, mayReadBack] = [gate(), gate()];
    let reads = 0;
    erp.fault = ({ operation, key }) => {
      if (key !== '901' || operation !== 'read') return undefined;
      reads += 1;
      if (reads !== 2) return undefined;
      isWritten.open();
      return { waitFor: mayReadBack.opened };
    };
    const planning = await gateway.client('PLN', ['item.read']);
    const { body: { id: request } } = await planning.post('/v1/write-requests', { target: { recordType: 'item', id }, ifMatch: '*', patch: { description: { en: 'Written back' } } });
    const answer = async () => (await reader.get(`/v1/write-requests/${request}`)).text;
    await Promise.race([isWritten.opened, new Promise((_, reject) => { setTimeout(() => void answer().then((text) => reject(new Error(text))), 10_000); })]);
    // The page already shows what the write made of the record, so the ERP does not tell of it again.
    const plain = erp.changedSince.bind(erp);
    const confirmed = async () => (await planning.get(`/v1/operations/${request}`)).body.status === 'succeeded';
    erp.changedSince = async (...args) => {
      const page = await plain(...args);
      mayReadBack.open();
      for (let i = 0; i < 500 && !(await confirmed()); i += 1) await new Promise((resolve) => { setTimeout(resolve, 20); });
      return page;
    };
    await pull();
    erp.changedSince = plain;
    erp.fault = () => undefined;
    expect(await confirmed()).toBe(true);
    expect(await byKey('901')).toMatchObject([{ description: { en: 'Written back' }, gtin: '00614141100019' }]);
  });

  it('go on past a row that cannot be read, and past text that is none; neither stops dispatch', async () => {
    await knownItem('910');
    await pull();
    erp.edit('item', '910', { description: { en: 'Unreadable now' } });
    erp.unreadable.add('910');
    erp.edit('item', '911', { code: '911', type: 'raw', baseUnit: 'KGM', description: { en: 'NUL \u0000 and half \uD800' } });
    erp.edit('item', '9\u000012', { code: '912', type: 'raw', baseUnit: 'KGM' });
    erp.edit('item', '913', { code: '913', type: 'raw', baseUnit: 'KGM', description: { en: 'Fine' } });
    await pull();
    expect(await byKey('913')).toMatchObject([{ description: { en: 'Fine' } }]);
    expect(await refusals('910')).toMatchObject([{ problem: { code: 'inbound.unreadable', detail: 'It holds what is no number.' } }]);
    expect(await refusals('911')).toMatchObject([{ problem: { code: 'inbound.unreadable' }, raw: { attributes: { description: { en: 'NUL \uFFFD and half \uFFFD' } } } }]);
    expect(await refusals('9\uFFFD12')).toMatchObject([{ problem: { code: 'inbound.unreadable' } }]);
    expect(await byKey('910')).toMatchObject([{ description: { en: 'Item 910' } }]);
    erp.unreadable.delete('910');
    erp.delete('item', '9\u000012');
    await pull();
    expect(await byKey('910')).toMatchObject([{ description: { en: 'Unreadable now' } }]);
    expect(await refusals('910')).toEqual([]);
  });

  it('that were refused all get their turn again, however many differences stand before them, and differences that are gone are cleared', async () => {
    const engineer = await gateway.client('GW', ['item.read', 'item.write', 'engineering.decide']);
    const ids: string[] = [];
    for (let i = 0; i < 22; i += 1) {
      const id = await knownItem(`92${i}`);
      ids.push(id);
      await engineer.patch(`/v1/items/${id}`, { drawing: 'DRW-OURS' }, '"v1"');
      erp.edit('item', `92${i}`, { drawing: 'DRW-THEIRS' });
    }
    erp.edit('item', '960', { code: '960', type: 'raw', baseUnit: 'KGM', gtin: 'not-yet' });
    for (let i = 0; i < 3; i += 1) await pull();
    expect(await refusals('960')).toHaveLength(1);
    expect(await refusals('921')).toHaveLength(1);
    // Put right without a change time of its own: only a second look finds it.
    erp.valueOf('item', '960')!.gtin = '00614141100019';
    expect((await engineer.patch(`/v1/items/${ids[1]}`, { drawing: 'DRW-THEIRS' }, '*')).status).toBe(200);
    for (let i = 0; i < 3; i += 1) await pull();
    expect(await byKey('960')).toMatchObject([{ gtin: '00614141100019' }]);
    expect(await refusals('960')).toEqual([]);
    expect(await refusals('921')).toEqual([]);
  }, 60_000);

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
