import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RecordCatalogue, RecordWriter } from '@datum/governed';
import { newContext, type Actor } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let corp: TestClient;
let plantA: TestClient;
beforeAll(async () => {
  gateway = await testGateway();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
  plantA = await gateway.client('LEG1', ['item.read', 'cross-reference.read', 'cross-reference.write', 'order.read', 'order.write'], ['A']);
});
afterAll(async () => { await gateway?.close(); });

const attributes = (code: string, more: object = {}) => ({ code, type: 'finished', baseUnit: 'C62', state: 'active', ...more });
const create = (code: string, more: object = {}) => ({ op: 'create', attributes: attributes(code), ...more });
const batch = async (rows: unknown[]): Promise<any[]> => {
  const { status, body, text } = await corp.post('/v1/items:batch', { data: rows });
  expect(status, text).toBe(200);
  return body.data;
};
const statuses = (results: { status: string }[]) => results.map(({ status }) => status);
const meant = async (code: string, system = 'CE') => (await corp.get(`/v1/items?system=${system}&code=${code}`)).body.data.map((item: { code: string }) => item.code);

describe('a batch', () => {
  it('refuses alone the row whose local key another system decides', async () => {
    const results = await batch([create('BAT-1'), create('BAT-2', { localKeys: [{ system: 'LEG1', code: 'X' }] }), create('BAT-3', { localKeys: [{ system: 'CE', code: 'bat-3' }] })]);
    expect(statuses(results)).toEqual(['created', 'refused', 'created']);
    expect(results[1].problem).toMatchObject({ status: 403, code: 'ownership.violation' });
    expect(await meant('bat-3')).toEqual(['BAT-3']);
    expect((await corp.get('/v1/items?filter[code][eq]=BAT-2')).body.data).toEqual([]);
  });

  it('refuses alone the row that only the store refuses', async () => {
    // The table's own constraint, which no declared check knows.
    await gateway.db.database.query(`ALTER TABLE item ADD CONSTRAINT only_here CHECK (legacy_code <> 'STORE')`);
    const rows = Array.from({ length: 9 }, (_, i) => create(`STO-${i}`, i === 4 ? { attributes: attributes('STO-4', { legacyCode: 'STORE' }) } : {}));
    const results = await batch(rows);
    expect(statuses(results)).toEqual(rows.map((_, i) => (i === 4 ? 'refused' : 'created')));
    expect(results[4].problem).toMatchObject({ status: 422 });
  });

  it('takes more local keys than a batch has rows', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => create(`MANY-${i}`, { localKeys: Array.from({ length: 20 }, (__, k) => ({ system: 'CE', code: `many-${i}-${k}` })) }));
    expect(new Set(statuses(await batch(rows)))).toEqual(new Set(['created']));
    expect(await meant('many-29-19')).toEqual(['MANY-29']);
  });

  it('a system is heard when something of it was accepted, and not when it was refused', async () => {
    const heard = vi.spyOn(gateway.app.get(RegistryDirectory), 'noteSeen');
    const plantB = await gateway.client('LEG2', ['item.read', 'item.write', 'cross-reference.write']);
    const [{ id }] = await batch([create('HEARD')]);
    const heardOf = (system: string) => heard.mock.calls.filter(([code]) => code === system).length;
    const key = { recordType: 'item', recordId: id, system: 'LEG2', code: 'heard', status: 'active' };
    expect((await plantB.post('/v1/items', attributes('UNHEARD'))).status).toBe(403);
    expect((await plantB.post('/v1/items:batch', { data: [create('UNHEARD')] })).body.data[0].status).toBe('refused');
    expect(heardOf('LEG2')).toBe(0);
    expect((await plantB.post('/v1/local-keys', key)).status).toBe(201);
    expect(heardOf('LEG2')).toBe(1);
    heard.mockRestore();
  });
});

describe('a local key', () => {
  const key = (more: object) => ({ recordType: 'item', system: 'LEG1', code: crypto.randomUUID(), status: 'active', ...more });

  it('stands for a record that there is, of a type that takes codes', async () => {
    const [{ id }] = await batch([create('AIM-1')]);
    expect((await plantA.post('/v1/local-keys', key({ recordId: id }))).status).toBe(201);
    for (const [more, pointer] of [[{ recordId: crypto.randomUUID() }, '#/recordId'], [{ recordId: id, recordType: 'supplier' }, '#/recordId'],
      [{ recordId: id, recordType: 'nonsense' }, '#/recordType'], [{ recordId: id, recordType: 'ownership-rule' }, '#/recordType']] as const) {
      const { status, body } = await plantA.post('/v1/local-keys', key(more));
      expect([status, body.errors?.map((each: { pointer: string }) => each.pointer)], JSON.stringify(more)).toEqual([422, [pointer]]);
    }
  });

  it('is not re-pointed by a new record that comes with it', async () => {
    await batch([create('PNT-1', { localKeys: [{ system: 'CE', code: 'pnt' }] })]);
    const taken = await corp.post('/v1/items', { ...attributes('PNT-2'), localKeys: [{ system: 'CE', code: 'pnt' }] });
    expect([taken.status, taken.body.code]).toEqual([409, 'local-key.taken']);
    const [refused, again] = await batch([create('PNT-3', { localKeys: [{ system: 'CE', code: 'pnt' }] }), { op: 'upsert', attributes: { code: 'PNT-1', legacyCode: 'P' }, localKeys: [{ system: 'CE', code: 'pnt' }] }]);
    expect([refused.problem?.code, again.status]).toEqual(['local-key.taken', 'updated']);
    expect(await meant('pnt')).toEqual(['PNT-1']);
  });

  it('that was retired may come to mean another record', async () => {
    await batch([create('OLD-1', { localKeys: [{ system: 'CE', code: 'old' }] })]);
    const { body: { data: [found] } } = await corp.get('/v1/local-keys?filter[code][eq]=old');
    expect((await corp.patch(`/v1/local-keys/${found.id}`, { status: 'retired' }, '"v1"')).status).toBe(200);
    expect(statuses(await batch([create('OLD-2', { localKeys: [{ system: 'CE', code: 'old' }] })]))).toEqual(['created']);
    expect(await meant('old')).toEqual(['OLD-2']);
  });
});

describe('an upsert that somebody else was faster with', () => {
  const actor: Actor = { participantId: crypto.randomUUID(), clientId: 'test', systemCode: 'CE', scopes: new Set(['*']), sites: null };

  it('is applied to the record that is there now, with its successors; a create is refused', async () => {
    const writer = gateway.app.get(RecordWriter);
    const item = gateway.app.get(RecordCatalogue).get('item');
    const context = newContext(actor, 'import');
    const wish = (op: 'create' | 'upsert', code: string, legacyCode: string) => ({ op, attributes: attributes(code, { legacyCode }) });
    const late = [wish('upsert', 'RACE-1', 'second'), wish('upsert', 'RACE-1', 'third'), wish('upsert', 'RACE-1', 'third'), wish('create', 'RACE-2', 'late'), wish('upsert', 'RACE-3', 'own')];
    let begin!: () => void;
    const theirs = new Promise<void>((resolve) => { begin = resolve; }).then(() => writer.applyBatch(context, item, late));
    await gateway.runtime.database.transaction(context, async (tx) => {
      await writer.apply(tx, item, [wish('upsert', 'RACE-1', 'first'), wish('create', 'RACE-2', 'first')]);
      begin();
      await waiting();
    });
    const results = await theirs;
    expect(statuses(results)).toEqual(['updated', 'updated', 'unchanged', 'refused', 'created']);
    const { body: { data: [record] } } = await corp.get('/v1/items?filter[code][eq]=RACE-1');
    expect([record.legacyCode, record.version]).toEqual(['third', 3]);
  });

  /** Until the other writer stands at the key that the first one holds. */
  async function waiting(): Promise<void> {
    const blocked = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    await vi.waitFor(async () => { if ((await gateway.db.database.query(blocked)).length === 0) throw new Error('not yet'); }, { timeout: 20_000, interval: 50 });
  }
});
