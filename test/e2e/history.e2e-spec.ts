import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';
import { unlimited } from './security/callers.js';

let gateway: TestGateway;
let corp: TestClient;
let engineering: TestClient;
let reader: TestClient;
beforeAll(async () => {
  gateway = await testGateway({ env: unlimited, poolMax: 16 });
  corp = await gateway.client('CE', ['item.read', 'item.write']);
  engineering = await gateway.client('GW', ['item.read', 'item.write', 'engineering.decide']);
  reader = await gateway.client('PLN', ['item.read']);
});
afterAll(async () => { await gateway?.close(); });

const item = (code: string, more: object = {}) => ({ code, type: 'finished', baseUnit: 'C62', state: 'active', ...more });

/** One row of a batch by the owner; what became of it. */
async function row(client: TestClient, change: object): Promise<Record<string, any>> {
  const { body, text } = await client.post('/v1/items:batch', { data: [change] });
  expect(body.data?.[0]?.problem, text).toBeUndefined();
  return body.data[0];
}
const cost = (amount: string) => ({ standardCost: { amount, currency: 'USD' } });

/** An instant between what has just become known and what comes next. */
async function known(id: string): Promise<string> {
  await vi.waitFor(async () => {
    const { data } = (await reader.get(`/v1/items/${id}/history`)).body;
    if (data.some(({ knownAt }: { knownAt: string | null }) => knownAt === null)) throw new Error('not in a tick yet');
  }, { timeout: 10_000, interval: 20 });
  await delay(30);
  const instant = new Date().toISOString();
  await delay(30);
  return instant;
}

describe('[N8] the past of a record on two axes', () => {
  let id: string;
  let beforeCorrection: string;
  const read = async (query: string) => reader.get(`/v1/items/${id}?${query}`);
  const costAt = async (query: string) => (await read(query)).body.standardCost?.amount;

  beforeAll(async () => {
    id = (await row(corp, { op: 'create', attributes: item('BITEMPORAL', cost('10')), validFrom: '2026-01-10T00:00:00Z' })).id;
    await row(corp, { op: 'update', id, attributes: cost('30'), validFrom: '2026-02-20T00:00:00Z' });
    beforeCorrection = await known(id);
    // Found out later: from 1 February on it had been 20.
    await row(corp, { op: 'update', id, attributes: cost('20'), validFrom: '2026-02-01T00:00:00Z' });
    await known(id);
  });

  it('asOf: what held then, by what is known today', async () => {
    expect(await costAt('asOf=2026-01-15T00:00:00Z')).toBe('10');
    expect(await costAt('asOf=2026-02-10T00:00:00Z')).toBe('20');
    expect(await costAt('asOf=2026-02-25T00:00:00Z')).toBe('30');
    expect((await read('asOf=2026-01-01T00:00:00Z')).status, 'before it existed').toBe(404);
  });

  it('knownAt: what was known before the correction', async () => {
    const then = `knownAt=${beforeCorrection}`;
    expect(await costAt(`asOf=2026-02-10T00:00:00Z&${then}`)).toBe('10');
    expect(await costAt(`asOf=2026-02-25T00:00:00Z&${then}`)).toBe('30');
    expect((await reader.get(`/v1/items/${id}/history?${then}`)).body.data).toHaveLength(2);
    expect((await read('knownAt=2020-01-01T00:00:00Z')).status).toBe(404);
  });

  it('a correction of the past leaves the present value, its provenance and the version line alone', async () => {
    const { body } = await read('include=provenance');
    expect(body).toMatchObject({ standardCost: { amount: '30' }, version: 3, provenance: { finance: { at: '2026-02-20T00:00:00Z' } } });
    const { data } = (await reader.get(`/v1/items/${id}/history`)).body;
    expect(data.map((each: any) => [each.version, each.validFrom, each.changes.standardCost?.amount])).toEqual([
      [1, '2026-01-10T00:00:00Z', '10'], [2, '2026-02-20T00:00:00Z', '30'], [3, '2026-02-01T00:00:00Z', '20']]);
  });

  it('a correction to what holds today is one all the same', async () => {
    const { status } = await row(corp, { op: 'update', id, attributes: cost('30'), validFrom: '2026-01-20T00:00:00Z' });
    expect(status).toBe('updated');
    expect(await costAt('asOf=2026-01-25T00:00:00Z')).toBe('30');
    expect(await costAt('asOf=2026-02-10T00:00:00Z')).toBe('20');
    expect((await row(corp, { op: 'update', id, attributes: cost('30'), validFrom: '2026-02-25T00:00:00Z' })).status, 'that held already').toBe('unchanged');
  });

  it('an attribute that nothing later was said about takes the back-dated value today; rows of one batch see each other', async () => {
    const { body } = await corp.post('/v1/items:batch', { data: [
      { op: 'update', id, attributes: { legacyCode: 'MARCH' }, validFrom: '2026-03-01T00:00:00Z' },
      { op: 'update', id, attributes: { legacyCode: 'FEBRUARY', productLine: 'Drives' }, validFrom: '2026-02-01T00:00:00Z' },
    ] });
    expect(body.data.map(({ status }: { status: string }) => status)).toEqual(['updated', 'updated']);
    const { body: now } = await read('include=provenance');
    expect(now).toMatchObject({ legacyCode: 'MARCH', productLine: 'Drives', standardCost: { amount: '30' } });
    expect(now.provenance).toMatchObject({ identity: { at: '2026-03-01T00:00:00Z' }, sales: { at: '2026-02-01T00:00:00Z' } });
    expect((await read('asOf=2026-02-15T00:00:00Z')).body.legacyCode).toBe('FEBRUARY');
  });

  it('no change holds from a time to come, and none without an instant', async () => {
    const rows = ['2027-01-01T00:00:00Z', 'yesterday', '2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', 5]
      .map((validFrom) => ({ op: 'update', id, attributes: { legacyCode: 'NEVER' }, validFrom }));
    const { status, body } = await corp.post('/v1/items:batch', { data: rows });
    expect(status).toBe(200);
    expect(body.data.map(({ problem }: any) => [problem?.status, problem?.errors?.[0].pointer])).toEqual(rows.map(() => [422, '#/validFrom']));
    expect((await read('')).body.legacyCode).toBe('MARCH');
  });

  it('the other owner\'s groups have a past of their own', async () => {
    await row(engineering, { op: 'update', id, attributes: { material: 'AlSi10Mg' }, validFrom: '2026-02-05T00:00:00Z' });
    expect((await read('asOf=2026-02-04T00:00:00Z')).body.material).toBeNull();
    expect((await read('asOf=2026-02-06T00:00:00Z')).body).toMatchObject({ material: 'AlSi10Mg', standardCost: { amount: '20' } });
  });
});

interface Entry { id: string; version: number; resource: Record<string, any> }

/** Follows the feed from a cursor until it has nothing more for a while. */
async function follow(client: TestClient, start: string, until: (entries: Entry[]) => boolean): Promise<{ entries: Entry[]; cursor: string }> {
  const entries: Entry[] = [];
  let url = start;
  let cursor = '';
  for (let idle = 0; idle < 200;) {
    const { status, body, text } = await client.get(url);
    expect(status, text).toBe(200);
    entries.push(...body.data);
    cursor = body.page.nextCursor;
    url = `/v1/items/changes?limit=37&cursor=${cursor}`;
    idle = body.data.length > 0 ? 0 : idle + 1;
    if (until(entries)) break;
    if (!body.page.hasMore) await delay(10);
  }
  return { entries, cursor };
}

describe('[R7] the change feed', () => {
  it('misses nothing under concurrent writers and keeps the order of each record', async () => {
    const { body: begin } = await reader.get('/v1/items/changes?from=now');
    const ids = await Promise.all(Array.from({ length: 8 }, async (_, i) => (await corp.post('/v1/items', item(`FEED-${i}`))).body.id as string));
    let accepted = 8;
    const writers = Array.from({ length: 12 }, async (_, w) => {
      for (let i = 0; i < 20; i += 1) {
        if (i % 5 === 0) await delay(Math.random() * 20);
        const answer = await corp.patch(`/v1/items/${ids[(w * 7 + i) % 8]}`, { legacyCode: `${w}-${i}` }, '*');
        if (answer.status === 200) accepted += 1;
      }
    });
    let written = false;
    const all = Promise.all(writers).then(() => { written = true; });
    const { entries } = await follow(reader, `/v1/items/changes?limit=37&cursor=${begin.page.nextCursor}`, (seen) => written && seen.length >= accepted);
    await all;
    expect(entries).toHaveLength(accepted);
    for (const id of ids) {
      const versions = entries.filter((entry) => entry.id === id).map(({ version }) => version);
      expect(versions).toEqual(Array.from({ length: versions.length }, (_, i) => i + 1));
      expect(entries.findLast((entry) => entry.id === id)!.resource.legacyCode).toBe((await reader.get(`/v1/items/${id}`)).body.legacyCode);
    }
  }, 120_000);

  it('a cursor goes on where it was, and the last page gives one too', async () => {
    const { cursor } = await follow(reader, '/v1/items/changes?limit=500&from=now', () => true);
    const { body } = await corp.post('/v1/items', item('FEED-LATER'));
    const { entries } = await follow(reader, `/v1/items/changes?cursor=${cursor}`, (seen) => seen.length > 0);
    expect(entries.map(({ id, version }) => [id, version])).toEqual([[body.id, 1]]);
  });

  it('[SEC10] a forged, foreign or cut cursor is 400, an unknown start too', async () => {
    const { body } = await reader.get('/v1/items/changes?limit=5');
    const cursor = body.page.nextCursor as string;
    const list = (await reader.get('/v1/items?limit=1')).body.page.nextCursor as string;
    const flipped = (cursor[10] === 'A' ? 'B' : 'A') + cursor.slice(1);
    for (const bad of [flipped, cursor.slice(0, -4), list, 'x'.repeat(60), '', '%00']) {
      const answer = await reader.get(`/v1/items/changes?cursor=${bad}`);
      expect(answer.status, bad).toBe(bad === '%00' ? 422 : 400);
    }
    const foreign = await corp.get(`/v1/items/changes?cursor=${cursor}`);
    expect([foreign.status, foreign.body.code]).toEqual([400, 'cursor.invalid']);
    expect((await reader.get(`/v1/item-sites/changes?cursor=${cursor}`)).body.code).toBe('cursor.invalid');
    expect((await reader.get('/v1/items/changes?from=yesterday')).status).toBe(400);
  });

  it('a cursor older than what is kept is 410', async () => {
    const { body } = await reader.get('/v1/items/changes?limit=1');
    const old = body.page.nextCursor as string;
    // Retention drops whole partitions and the ticks before the last one whose rows are gone.
    await gateway.db.database.query('DELETE FROM ledger_tick WHERE tick < (SELECT max(tick) FROM ledger_tick)');
    const answer = await reader.get(`/v1/items/changes?cursor=${old}`);
    expect([answer.status, answer.body.code]).toEqual([410, 'cursor.expired']);
  });
});
