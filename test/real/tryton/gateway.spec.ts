import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededFaults, type ProxyFault } from '../../contract/erp/fault-proxy.js';
import { isTrytonWrite, wasDoneByTryton } from './tryton-fixture.js';
import { methodOf, newCode, TrytonGateway } from './tryton-gateway.js';
import { startTrytonServer } from './tryton-server.js';

/** Tryton plays the corporate ERP `CE`: everything on our side goes through HTTP, everything in Tryton is read past the adapter. */
const server = await startTrytonServer();
const internals = /traceback|python|exception|usererror|psycopg|\.py\b|product\.template|decimal\(|session /i;

let ce: TrytonGateway;

describe.runIf(server)('Tryton as the corporate ERP', () => {
  beforeAll(async () => {
    ce = await TrytonGateway.start(server!);
  });
  afterAll(async () => {
    await ce?.stop();
    await server?.stop();
  });
  beforeEach(() => ce.proxy.calm());

  it('[S20] [S4] refuses a planner\'s change with owner, rule and route, and carries it to Tryton and back when it is asked for', async () => {
    const item = await ce.knownItem();
    const refused = await ce.planning.patch(item.url, { description: { en: 'Actuator, planned' } }, `"v${item.version}"`);
    expect([refused.status, refused.body.code, refused.body.owner]).toEqual([403, 'ownership.violation', 'CE']);
    expect(refused.body.rule).toMatch(/^CE decides the identity of item records/);
    expect(refused.body.links.writeRequests).toEqual({ href: '/v1/write-requests', method: 'POST' });
    expect(await ce.itemsInTryton(item.code)).toMatchObject([{ name: 'Actuator' }]);

    const cost = { amount: '130.153', currency: server!.seed.currency };
    const preferring = { prefer: 'respond-async', 'idempotency-key': `preferring-${newCode()}` };
    const preferred = await ce.planning.patch(item.url, { description: { en: 'Actuator, planned' } }, `"v${item.version}"`, preferring);
    await carried(preferred, item, 'Actuator, planned');
    const posted = await ce.wish(item.id, { description: { en: 'Actuator, posted' }, standardCost: cost }, `"v${item.version + 1}"`);
    await carried(posted, item, 'Actuator, posted');
    expect(await ce.golden('items', item.code)).toMatchObject({ standardCost: cost, provenance: { finance: { system: 'CE', event: posted.body.id } } });
  });

  async function carried(accepted: { status: number; headers: Record<string, string>; body: Record<string, any>; text: string }, item: { id: string; code: string }, name: string) {
    expect(accepted.status, accepted.text).toBe(202);
    expect(accepted.headers.location).toBe(`/v1/operations/${accepted.body.id}`);
    const request = await ce.settled(accepted.body.id);
    expect(request, JSON.stringify(request.answer)).toMatchObject({ state: 'confirmed', targetSystem: 'CE', localKey: item.code, valuesWritten: { description: { en: name } } });
    expect(await ce.itemsInTryton(item.code)).toMatchObject([{ name }]);
    const golden = await ce.golden('items', item.code);
    expect(golden).toMatchObject({ id: item.id, description: { en: name }, provenance: { identity: { system: 'CE', event: accepted.body.id } } });
    expect(await ce.operation(accepted.body.id)).toMatchObject({ status: 'succeeded', result: { recordType: 'item', recordId: item.id, version: golden!.version } });
  }

  it('[S20] [S4] creates an item in Tryton under its own code there, and the golden record keeps ours', async () => {
    const [code, localKey] = [newCode(), newCode()];
    const patch = { code, type: 'semi', baseUnit: 'MTR', description: { en: 'Profile' }, state: 'active', listPrice: { amount: '12.5', currency: server!.seed.currency } };
    const accepted = await ce.planning.post('/v1/write-requests', { op: 'create', target: { recordType: 'item', localKey }, patch });
    expect(accepted.status, accepted.text).toBe(202);
    const request = await ce.settled(accepted.body.id);
    expect(request, JSON.stringify(request.answer)).toMatchObject({ state: 'confirmed', localKey });
    expect(await ce.itemsInTryton(localKey)).toMatchObject([{ name: 'Profile', listPrice: '12.5', active: true }]);
    await ce.pull('item');
    expect(await ce.golden('items', localKey)).toMatchObject({ id: request.recordId, code, type: 'semi', baseUnit: 'MTR', listPrice: patch.listPrice });
  });

  it('[S4] makes one golden record of an item that a pull sees before its write request is confirmed', async () => {
    const [code, localKey] = [newCode(), newCode()];
    let pulled = false;
    const pullFirst = async (): Promise<void> => {
      pulled = true;
      await ce.pull('item');
    };
    // The first read after the create is its read-back.
    const wasMade = () => ce.proxy.exchanges.some((exchange) => methodOf(exchange) === 'product.template.create' && exchange.reply);
    ce.proxy.meet(() => (wasMade() && !pulled ? { kind: 'hold', until: pullFirst } : { kind: 'pass' }));
    const patch = { code, type: 'tool', baseUnit: 'C62', description: { en: 'Gauge' }, state: 'active' };
    const { body: { id } } = await ce.planning.post('/v1/write-requests', { op: 'create', target: { recordType: 'item', localKey }, patch });
    const request = await ce.settled(id);
    expect([request.state, pulled], JSON.stringify(request.answer)).toEqual(['confirmed', true]);
    expect(await ce.golden('items', localKey)).toMatchObject({ id: request.recordId, code });
    expect((await ce.planning.get(`/v1/items?filter[code][eq]=${localKey}`)).body.data).toEqual([]);
    expect((await ce.planning.get(`/v1/inbound-refusals?filter[key][eq]=${localKey}`)).body.data).toEqual([]);
  });

  it('[S4] shows both values of a change made in Tryton between our read and our write, and overwrites nothing', async () => {
    const item = await ce.knownItem();
    let edited = false;
    const edit = async (): Promise<void> => {
      edited = true;
      await ce.rename(item.code, 'Faster');
    };
    ce.proxy.meet((exchange): ProxyFault => (methodOf(exchange) === 'product.template.write' && !edited ? { kind: 'hold', until: edit } : { kind: 'pass' }));
    const { body: { id } } = await ce.wish(item.id, { description: { en: 'Slower' } });
    expect(await ce.settled(id)).toMatchObject({
      state: 'rejected', valuesRead: { description: { en: 'Faster' } },
      answer: { code: 'write-request.conflict', seen: { description: { en: 'Actuator' } }, held: { description: { en: 'Faster' } }, wished: { description: { en: 'Slower' } } },
    });
    expect(edited).toBe(true);
    expect(ce.proxy.exchanges.filter((exchange) => isTrytonWrite(exchange) && wasDoneByTryton(exchange))).toEqual([]);
    expect(await ce.itemsInTryton(item.code)).toMatchObject([{ name: 'Faster' }]);
    expect(await ce.operation(id)).toMatchObject({ status: 'failed', error: { code: 'write-request.conflict' } });
    await ce.pull('item');
    expect(await ce.golden('items', item.code)).toMatchObject({ description: { en: 'Faster' } });
  });

  it('[S4] takes over what is changed and made in Tryton itself as the owner\'s word', async () => {
    const item = await ce.knownItem();
    const party = newCode();
    const [partyId] = (await ce.user.call('party.party.create', [{ code: party, name: 'Halvorsen' }])) as number[];
    await ce.pull('supplier');
    expect(await ce.golden('suppliers', party)).toMatchObject({ code: party, name: 'Halvorsen' });
    expect(await ce.keyStatus(item.code)).toBe('active');

    await ce.rename(item.code, 'Edited in Tryton');
    await ce.user.call('party.party.write', [partyId], { name: 'Halvorsen AS' });
    await ce.pull('item');
    await ce.pull('supplier');
    expect(await ce.golden('items', item.code)).toMatchObject({
      id: item.id, description: { en: 'Edited in Tryton' }, provenance: { identity: { system: 'CE', event: expect.stringContaining(`CE:item:${item.code}:`) } },
    });
    expect(await ce.golden('suppliers', party)).toMatchObject({ name: 'Halvorsen AS', provenance: { identity: { system: 'CE' } } });
  });

  it('notices what is archived or deleted in Tryton, and what comes back', async () => {
    const [archived, deleted] = [await ce.knownItem('Archived'), await ce.knownItem('Deleted')];
    const [[first], [second]] = [await ce.itemsInTryton(archived.code), await ce.itemsInTryton(deleted.code)];
    await ce.user.call('product.template.write', [first!.template], { active: false, products: [['write', [first!.id], { active: false }]] });
    await ce.user.call('product.product.delete', [second!.id]);
    await ce.user.call('product.template.delete', [second!.template]);
    await ce.pull('item');
    expect([await ce.keyStatus(archived.code), await ce.keyStatus(deleted.code)]).toEqual(['retired', 'retired']);
    expect((await ce.planning.get(archived.url)).status).toBe(200);
    await ce.user.call('product.template.write', [first!.template], { active: true, products: [['write', [first!.id], { active: true }]] });
    await ce.pull('item');
    expect(await ce.keyStatus(archived.code)).toBe('active');
  });

  it('ends failed and in our words when Tryton refuses, and changes nothing', async () => {
    const item = await ce.knownItem();
    const before = await ce.itemsInTryton(item.code);
    const { body: { id } } = await ce.wish(item.id, { listPrice: { amount: '1.12345', currency: server!.seed.currency } });
    expect(await ce.settled(id)).toMatchObject({ state: 'rejected' });
    const operation = await ce.operation(id);
    expect(operation).toMatchObject({
      status: 'failed',
      error: { code: 'write-request.refused-by-owner', detail: 'CE refused: The ERP refused the value of listPrice.', errors: [{ pointer: '#/patch/listPrice' }] },
    });
    expect(ce.proxy.exchanges.filter(isTrytonWrite).map(({ reply }) => reply!.body), 'Tryton itself was asked, and said why').toEqual([expect.stringContaining('UserError')]);
    const shown = [operation, (await ce.planning.get(`/v1/write-requests/${id}`)).body].map((body) => JSON.stringify(body));
    for (const text of shown) expect(text).not.toMatch(internals);
    expect(await ce.itemsInTryton(item.code)).toEqual(before);
  });

  it('[R4] [S20] has exactly 200 effects of 100 creates and 100 updates when every tenth answer is lost and pulls go on, and no operation is stuck', async () => {
    const created = Array.from({ length: 100 }, newCode);
    const updated = Array.from({ length: 100 }, newCode);
    for (const code of updated) await ce.newItemInTryton(code, 'Before');
    await ce.pull('item');
    const ids = await Promise.all(updated.map(async (code) => (await ce.golden('items', code))!.id as string));

    ce.proxy.calm();
    ce.proxy.meet(seededFaults(20_260_304, 0.1, { kind: 'reset' }, () => true));
    const patchOf = (code: string) => ({ code, type: 'purchased', baseUnit: 'C62', description: { en: `Made ${code}` }, state: 'active' });
    const wishes: Awaited<ReturnType<typeof ce.wish>>[] = [];
    // Two at a time: what is tried here is the way to the ERP, not how many callers the gateway's pool holds.
    for (const [i, code] of created.entries()) {
      wishes.push(...await Promise.all([
        ce.planning.post('/v1/write-requests', { op: 'create', target: { recordType: 'item' }, patch: patchOf(code) }),
        ce.wish(ids[i]!, { description: { en: `After ${updated[i]}` } }),
      ]));
    }
    expect(wishes.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 202));
    let isOver = false;
    const pulls = (async () => {
      for (; !isOver; await new Promise((resolve) => { setTimeout(resolve, 1_000); })) await ce.pull('item');
    })();
    const ended: string[] = [];
    try {
      for (const { body } of wishes) ended.push((await ce.settled(body.id, 600_000)).state);
    } finally {
      isOver = true;
      await pulls;
    }
    const operations = await Promise.all(wishes.map(({ body }) => ce.operation(body.id)));
    expect(operations.filter(({ status }) => status !== 'succeeded').map(({ error }) => error), ended.join()).toEqual([]);

    const writes = ce.proxy.exchanges.filter(isTrytonWrite);
    const lost = writes.filter(({ delivered }) => !delivered);
    expect(lost.length, 'answers to writes that were lost').toBeGreaterThan(5);
    expect(ce.proxy.exchanges.filter(({ delivered }) => !delivered).length / ce.proxy.exchanges.length).toBeGreaterThan(0.05);
    expect(writes.filter((exchange) => methodOf(exchange).endsWith('.write') && wasDoneByTryton(exchange))).toHaveLength(100);
    const made = await Promise.all(created.map((code) => ce.itemsInTryton(code)));
    expect(made.flat().map(({ name }) => name).sort()).toEqual(created.map((code) => `Made ${code}`).sort());
    const changed = await Promise.all(updated.map((code) => ce.itemsInTryton(code)));
    expect(changed.flat().map(({ name }) => name)).toEqual(updated.map((code) => `After ${code}`));
    const golden = await Promise.all(created.map((code) => ce.golden('items', code)));
    expect(golden.map((record) => [record?.code, record?.provenance.identity.system])).toEqual(created.map((code) => [code, 'CE']));
  }, 1_200_000);
});
