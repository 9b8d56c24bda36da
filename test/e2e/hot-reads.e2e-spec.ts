import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext, loadConfig, openRuntime, uuidv7, type Runtime } from '@datum/platform';
import { RecordCache, type CachedRecord } from '@datum/governed';
import { RegistryDirectory, RegistryService } from '@datum/registry';
import { migrations } from '@datum/migrations';
import { createGateway } from '../../apps/gateway/src/create-gateway.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

const scopes = ['item.read', 'item.write'];

describe('reads of single records from memory', () => {
  let gateway: TestGateway;
  let erp: TestClient;
  let cache: RecordCache;

  beforeAll(async () => {
    gateway = await testGateway();
    erp = await gateway.client('CE', scopes);
    cache = gateway.app.get(RecordCache);
    await until(() => cache.isCertain());
  });
  afterAll(() => gateway.close());

  const tailHasPassed = async (): Promise<void> => {
    const tail = gateway.runtime.tail;
    const [{ last }] = await gateway.db.database.query<{ last: string }>('SELECT max(id) AS last FROM ledger') as [{ last: string }];
    await until(() => tail.position.id >= Number(last));
  };
  const newItem = async (attributes: object = {}): Promise<string> => {
    const { status, body, text } = await erp.post('/v1/items', { code: `HOT-${uuidv7()}`, type: 'purchased', baseUnit: 'C62', state: 'active', ...attributes });
    expect(status, text).toBe(201);
    // The ledger's tail drops the record once more when it hears of the write: what is held before that is not held for long.
    await tailHasPassed();
    return body.id as string;
  };
  const read = (id: string, headers?: Record<string, string>, client = erp) => client.get(`/v1/items/${id}`, headers);
  /** Changes the table behind the gateway's back: only an answer from the database shows it. */
  const changeBehind = (id: string, material: string) => gateway.db.database.query('UPDATE item SET material = $2 WHERE id = $1', [id, material]);
  const isHeld = (id: string): boolean => cache.get('item', id) !== undefined;

  it('answers the second read from memory, word for word and header for header like the first', async () => {
    const id = await newItem({ description: { en: 'Say "hi" \\ ü\u2028', de: 'Hällo' }, standardCost: { amount: '38.5', currency: 'USD' } });
    await until(async () => { await read(id); return isHeld(id); });
    const bypassed = await withoutTrust(cache, () => read(id));
    await changeBehind(id, 'unseen');
    const hot = await read(id);
    expect(hot.text).toBe(bypassed.text);
    expect(hot.body).toMatchObject({ id, version: 1, material: null, netWeight: null, standardCost: { amount: '38.5', currency: 'USD' }, description: { en: 'Say "hi" \\ ü\u2028', de: 'Hällo' } });
    const steady = ({ date, ratelimit, 'x-request-id': requestId, ...rest }: Record<string, string>) => {
      expect([date, ratelimit, requestId].every((value) => value !== undefined)).toBe(true);
      return rest;
    };
    expect(steady(hot.headers)).toEqual(steady(bypassed.headers));
    expect(hot.headers.etag).toBe('"v1"');
    expect(hot.headers['datum-freshness']).toMatch(/^fresh; as-of="[^"]+"; system="CE"$/);
  });

  it('says the same as a list and as the answer to the write', async () => {
    const id = await newItem({ classification: { unspsc: '27131500' }, listPrice: { amount: '215', currency: 'USD' }, legacyCode: 'A"B\\C' });
    const listed = (await erp.get(`/v1/items?filter[id][eq]=${id}`)).body.data as object[];
    expect(listed).toEqual([(await read(id)).body]);
    const shaped = (await erp.get(`/v1/items?filter[id][eq]=${id}&include=provenance`)).body.data as { provenance: object }[];
    const { provenance, ...whole } = shaped[0]!;
    expect(provenance).toBeDefined();
    expect(listed).toEqual([whole]);
  });

  it('answers 304 from memory to the right validator, and the record to a wrong one', async () => {
    const id = await newItem();
    await until(async () => { await read(id); return isHeld(id); });
    const unchanged = await read(id, { 'if-none-match': '"v1"' });
    expect([unchanged.status, unchanged.text, unchanged.headers.etag, unchanged.headers['cache-control']]).toEqual([304, '', '"v1"', 'private, no-cache']);
    expect((await read(id, { 'if-none-match': '"v7"' })).status).toBe(200);
    expect((await read(id, { 'if-none-match': 'v1' })).status).toBe(400);
  });

  it('drops a record at once when this process writes it', async () => {
    const id = await newItem();
    await until(async () => { await read(id); return isHeld(id); });
    const patched = await erp.patch(`/v1/items/${id}`, { legacyCode: 'NEW' }, '"v1"');
    expect(patched.status, patched.text).toBe(200);
    expect(isHeld(id)).toBe(false);
    const after = await read(id);
    expect([after.body.legacyCode, after.headers.etag]).toEqual(['NEW', '"v2"']);
  });

  it('asks the database as soon as the tail is not certain, and keeps nothing then', async () => {
    const id = await newItem();
    await until(async () => { await read(id); return isHeld(id); });
    await changeBehind(id, 'seen');
    await withoutTrust(cache, async () => {
      expect((await read(id)).body.material).toBe('seen');
      const unread = await newItem();
      await read(unread);
      cache.isCertain = () => true;
      expect(isHeld(unread)).toBe(false);
    });
  });

  it('drops a fill whose record was evicted while it was being read', async () => {
    const id = await newItem();
    const entry: CachedRecord = { version: 1, json: '{}', etag: '"v1"', site: null, sources: [] };
    const mark = cache.mark();
    cache.evict('item', [id]);
    cache.fill('item', id, entry, mark);
    expect(isHeld(id)).toBe(false);
    const before = cache.mark();
    cache.clear();
    cache.fill('item', id, entry, before);
    expect(isHeld(id)).toBe(false);
    cache.fill('item', id, entry, cache.mark());
    expect(isHeld(id)).toBe(true);
    cache.evict('item', [id]);
  });

  it('forgets the record that was not asked for the longest when it is full', () => {
    const small = new RecordCache();
    small.isCertain = () => true;
    small.capacity = 2;
    const entry: CachedRecord = { version: 1, json: '{}', etag: '"v1"', site: null, sources: [] };
    for (const id of ['a', 'b']) small.fill('item', id, entry, small.mark());
    small.get('item', 'a');
    small.fill('item', 'c', entry, small.mark());
    expect(['a', 'b', 'c'].map((id) => small.get('item', id) !== undefined)).toEqual([true, false, true]);
  });

  it('[SEC16] shows a held record to nobody who could not read it: no token, no scope, another site', async () => {
    const itemId = await newItem();
    const plant = await gateway.client('LEG1', scopes, ['A']);
    const created = await plant.send('PUT', `/v1/items/${itemId}/sites/A`, { leadTimeDays: 5 }, { 'if-none-match': '*', 'content-type': 'application/json' });
    expect(created.status, created.text).toBe(201);
    const url = `/v1/item-sites/${created.body.id}`;
    await until(async () => { expect((await plant.get(url)).status).toBe(200); return cache.get('item-site', created.body.id as string) !== undefined; });
    const [otherSite, noScope] = [await gateway.client('LEG2', scopes, ['B']), await gateway.client('CE', ['bom.read'])];
    // The second request of each is made with a token that is known already.
    for (const [client, status] of [[otherSite, 404], [noScope, 403], [plant, 200]] as const) {
      expect([(await client.get(url)).status, (await client.get(url)).status]).toEqual([status, status]);
    }
    expect((await gateway.app.inject({ url })).statusCode).toBe(401);
    // A limited reader has a validator of its own.
    expect((await plant.get(url)).headers.etag).toMatch(/^"v1-[\w-]{16}"$/);
    const { etag } = (await plant.get(url)).headers;
    expect((await plant.get(url, { 'if-none-match': etag! })).status).toBe(304);
  });

  it('tells how fresh a held record is at the time of the read', async () => {
    const registry = gateway.app.get(RegistryService);
    const id = await newItem();
    await until(async () => { await read(id); return isHeld(id); });
    const directory = gateway.app.get(RegistryDirectory);
    await registry.putSystem(gatewayContext(), { code: 'CE', kind: 'corp-erp', siteCodes: [], state: 'active', freshness: { maxAgeSeconds: 3_600 } });
    await directory.refresh();
    gateway.runtime.clock.set('2026-03-04T23:00:00Z');
    const late = await read(id);
    expect(isHeld(id)).toBe(true);
    expect(late.headers['datum-freshness']).toMatch(/^stale; /);
  });

  describe('beside another process', () => {
    let other: Runtime;
    let otherApp: Awaited<ReturnType<typeof createGateway>>;

    beforeAll(async () => {
      const config = loadConfig({ DATUM_HOME: gateway.runtime.config.home, DATUM_CLOCK: 'sim', DATUM_CLOCK_START: '2026-03-04T23:30:00Z', DATUM_LOG_LEVEL: 'silent' });
      other = await openRuntime({ config, databaseUrl: gateway.db.url, migrations, applicationName: 'datum-test-other' });
      otherApp = await createGateway(other);
      await otherApp.getHttpAdapter().getInstance().ready();
    });
    afterAll(async () => {
      await otherApp.close();
      await other.close();
    });

    it('drops a record when the ledger says that the other wrote it', async () => {
      const id = await newItem();
      await until(async () => { await read(id); return isHeld(id); });
      const patched = await otherApp.inject({
        method: 'PATCH', url: `/v1/items/${id}`, payload: { legacyCode: 'FROM-OTHER' },
        headers: { authorization: `Bearer ${erp.token}`, 'content-type': 'application/merge-patch+json', 'if-match': '"v1"' },
      });
      expect(patched.statusCode, patched.body).toBe(200);
      await until(async () => (await read(id)).headers.etag === '"v2"');
      expect((await read(id)).body.legacyCode).toBe('FROM-OTHER');
    });
  });
});

/** Runs `work` while the tail is not certain. */
async function withoutTrust<T>(cache: RecordCache, work: () => Promise<T>): Promise<T> {
  const { isCertain } = cache;
  cache.isCertain = () => false;
  try {
    return await work();
  } finally {
    cache.isCertain = isCertain;
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('It did not become so within 10 s.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
