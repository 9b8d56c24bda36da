import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ownershipRuleRecord, seedPolicies } from '@datum/governance';
import { RecordCatalogue, RecordWriter } from '@datum/governed';
import { OwnershipService } from '@datum/ownership';
import { Clock, gatewayContext } from '@datum/platform';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let corp: TestClient;
let engineering: TestClient;
let planning: TestClient;
let boms: TestClient;
beforeAll(async () => {
  gateway = await testGateway();
  corp = await gateway.client('CE', ['item.read', 'item.write']);
  engineering = await gateway.client('GW', ['item.read', 'item.write', 'bom.read', 'bom.write', 'engineering.decide']);
  planning = await gateway.client('PLN', ['item.read', 'item.write']);
  boms = await gateway.client('PLN', ['bom.read']);
});
afterAll(async () => { await gateway?.close(); });

const item = (code: string, more: object = {}) => ({ code, type: 'finished', baseUnit: 'C62', state: 'active', ...more });
async function row(client: TestClient, change: object): Promise<any> {
  const { body } = await client.post('/v1/items:batch', { data: [change] });
  return body.data[0];
}
const read = async (id: string, query = '') => corp.get(`/v1/items/${id}${query}`);
const history = async (id: string, query = '') => (await corp.get(`/v1/items/${id}/history${query}`)).body;

describe('the past', () => {
  it('a change made after the clock was set back holds from no earlier than what it changes', async () => {
    const { id } = await row(corp, { op: 'create', attributes: item('BACK', { legacyCode: 'first' }) });
    const clock = vi.spyOn(gateway.app.get(Clock), 'now').mockReturnValue('2026-03-01T00:00:00Z');
    expect((await corp.patch(`/v1/items/${id}`, { legacyCode: 'second' }, '"v1"')).status).toBe(200);
    clock.mockRestore();
    expect((await read(id)).body.legacyCode).toBe('second');
    expect((await read(id, '?asOf=2026-03-05T00:00:00Z')).body.legacyCode).toBe('second');
    const [first, second] = (await history(id)).data;
    expect(Date.parse(second.validFrom)).toBeGreaterThanOrEqual(Date.parse(first.validFrom));
  });

  it('a record is not there before all it needs is, whatever was dated further back', async () => {
    const { id } = await row(corp, { op: 'create', attributes: item('HALF'), validFrom: '2026-02-01T00:00:00Z' });
    expect((await row(corp, { op: 'update', id, attributes: { legacyCode: 'early' }, validFrom: '2026-01-15T00:00:00Z' })).status).toBe('updated');
    expect((await read(id, '?asOf=2026-01-20T00:00:00Z')).status).toBe(404);
    expect((await read(id, '?asOf=2026-02-02T00:00:00Z')).body).toMatchObject({ ...item('HALF'), legacyCode: 'early' });
  });

  it('a state that was overtaken enters the history, and is no jump from the present one', async () => {
    const { id } = await row(corp, { op: 'create', attributes: item('LIFE'), validFrom: '2026-01-10T00:00:00Z' });
    expect((await row(corp, { op: 'update', id, attributes: { state: 'blocked' }, validFrom: '2026-02-20T00:00:00Z' })).problem).toBeUndefined();
    const late = await row(corp, { op: 'update', id, attributes: { state: 'phase-out' }, validFrom: '2026-02-01T00:00:00Z' });
    expect(late.problem).toBeUndefined();
    expect((await read(id)).body.state).toBe('blocked');
    expect((await read(id, '?asOf=2026-02-10T00:00:00Z')).body.state).toBe('phase-out');
  });

  it('a history is read page by page', async () => {
    const { id } = await row(corp, { op: 'create', attributes: item('PAGES') });
    for (let i = 1; i <= 4; i += 1) await corp.patch(`/v1/items/${id}`, { legacyCode: String(i) }, '*');
    const first = await history(id, '?limit=2');
    const second = await history(id, `?limit=2&cursor=${first.page.nextCursor}`);
    const third = await history(id, `?limit=2&cursor=${second.page.nextCursor}`);
    expect([first, second, third].map(({ data }) => data.map(({ version }: { version: number }) => version))).toEqual([[1, 2], [3, 4], [5]]);
    expect(third.page).toEqual({ nextCursor: null, hasMore: false });
    const { id: other } = await row(corp, { op: 'create', attributes: item('PAGES-2') });
    expect((await corp.get(`/v1/items/${other}/history?cursor=${first.page.nextCursor}`)).body.code).toBe('cursor.invalid');
  });

  it('a list tells the present only, and a past state has no other shape', async () => {
    const { id } = await row(corp, { op: 'create', attributes: item('SHAPE') });
    for (const name of ['asOf', 'knownAt']) {
      expect((await corp.get(`/v1/items?${name}=2026-03-04T14:00:00Z`)).body.code).toBe('query.unknown-parameter');
    }
    for (const [name, value] of [['fields', 'code'], ['include', 'provenance'], ['maxAgeSeconds', '5']]) {
      const { status, body } = await read(id, `?asOf=2026-03-05T00:00:00Z&${name}=${value}`);
      expect([status, body.errors?.[0].pointer]).toEqual([400, `#/query/${name}`]);
    }
  });

  it('the feed says when a change was recorded, and from when it holds', async () => {
    const { body: { page } } = await corp.get('/v1/items/changes?from=now');
    await row(corp, { op: 'create', attributes: item('FED'), validFrom: '2026-01-15T00:00:00Z' });
    const entry = await vi.waitFor(async () => {
      const { body } = await corp.get(`/v1/items/changes?cursor=${page.nextCursor}`);
      const found = body.data.find(({ resource }: { resource: { code: string } }) => resource.code === 'FED');
      if (!found) throw new Error('not yet');
      return found;
    }, { timeout: 10_000, interval: 50 });
    expect(entry.validFrom).toBe('2026-01-15T00:00:00Z');
    expect(Math.abs(Date.parse(entry.changedAt) - Date.now())).toBeLessThan(600_000);
  });
});

describe('reads and preconditions', () => {
  it('fields= keeps what include= asked for', async () => {
    const { body: { id } } = await corp.post('/v1/items', item('KEEP'));
    const { body: { data: [listed] } } = await corp.get('/v1/items?filter[code][eq]=KEEP&fields=code&include=local,provenance');
    expect(listed).toEqual({ id, version: 1, code: 'KEEP', local: [], provenance: expect.objectContaining({ identity: expect.anything() }) });
  });

  it('a missing precondition is said of records that are there only', async () => {
    const { body: { id } } = await corp.post('/v1/items', item('PRE'));
    expect((await corp.patch(`/v1/items/${id}`, { legacyCode: 'x' }, undefined)).status).toBe(428);
    expect((await corp.patch(`/v1/items/${crypto.randomUUID()}`, { legacyCode: 'x' }, undefined)).status).toBe(404);
  });

  it('a reference may carry the parts of a key that it does not use as null', async () => {
    const { body: { id } } = await corp.post('/v1/items', item('NUL-1'));
    await corp.post('/v1/items', item('NUL-2'));
    const { status, text } = await engineering.post('/v1/item-alternates', { itemId: { system: null, code: 'NUL-1', site: null }, alternateItemId: { code: 'NUL-2' }, priority: 1, status: 'active' });
    expect(status, text).toBe(201);
    expect((await corp.get('/v1/item-alternates')).body.data.map(({ itemId }: { itemId: string }) => itemId)).toContain(id);
  });

  it('[SEC1] expand= needs the scope of what it leads to', async () => {
    await corp.post('/v1/items', item('EXP'));
    const { body: { id }, text } = await engineering.post('/v1/boms', { itemId: { code: 'EXP' }, usage: 'engineering', revision: '1', state: 'draft', lines: [{ position: 10, componentId: { code: 'NUL-1' }, quantityPer: '1', unit: 'C62' }] });
    expect(id, text).toBeDefined();
    expect((await boms.get(`/v1/boms/${id}`)).status).toBe(200);
    for (const url of [`/v1/boms/${id}?expand=item`, '/v1/boms?expand=item']) {
      const { status, body } = await boms.get(url);
      expect([status, body.data], url).toEqual([403, undefined]);
      expect((await engineering.get(url)).text).toContain('"item":{');
    }
  });

  it('a change that another person has to agree to becomes a write request where the caller asks for one', async () => {
    await seedPolicies({ writer: gateway.app.get(RecordWriter), catalogue: gateway.app.get(RecordCatalogue) }, gatewayContext(), { validFrom: '2026-01-01T00:00:00Z' });
    const { body: { id } } = await corp.post('/v1/items', item('AGR', { standardCost: { amount: '100', currency: 'USD' } }));
    const leap = { standardCost: { amount: '900', currency: 'USD' } };
    expect((await corp.patch(`/v1/items/${id}`, leap, '"v1"')).body.code).toBe('policy.approval-required');
    const wished = await corp.patch(`/v1/items/${id}`, leap, '"v1"', { prefer: 'respond-async', 'idempotency-key': `agree-${crypto.randomUUID()}` });
    expect(wished.status, wished.text).toBe(202);
    expect((await corp.get(`/v1/items/${id}`)).body.standardCost.amount).toBe('100');
  });
});

describe('[S4] who decides', () => {
  it('a change dated back to a time of observation is refused where the rule is enforced today', async () => {
    const rule = { domain: 'item', attributeGroup: 'identity', owner: 'CE', conflictPolicy: 'owner-wins', mode: 'observe', steward: 'a@x', deputySteward: 'b@x', effectiveFrom: '2025-01-01T00:00:00Z', effectiveTo: '2026-01-01T00:00:00Z' };
    const [made] = await gateway.app.get(RecordWriter).applyBatch(gatewayContext(), ownershipRuleRecord, [{ op: 'create', attributes: rule }]);
    expect(made!.status).toBe('created');
    await gateway.app.get(OwnershipService).refresh();
    const { id } = await row(corp, { op: 'create', attributes: item('OBS'), validFrom: '2025-03-01T00:00:00Z' });
    const late = await row(planning, { op: 'update', id, attributes: { classification: { unspsc: '1' } }, validFrom: '2025-06-01T00:00:00Z' });
    expect(late.problem).toMatchObject({ code: 'ownership.violation', owner: 'CE' });
    expect((await read(id)).body.classification).toBeNull();
  });
});
