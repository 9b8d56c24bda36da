import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { RecordCatalogue, RecordReader, RecordWriter } from '@datum/governed';
import { ErpFailure } from '@datum/write-back';
import { createWorker, type Worker } from '../../apps/worker/src/index.js';
import { FakeErp } from '../support/fake-erp.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let worker: Worker;
let corp: TestClient;
let planning: TestClient;
let steward: TestClient;
const erp = new FakeErp({ types: { item: ['code', 'description', 'type', 'baseUnit', 'gtin', 'standardCost', 'productLine', 'state'] } });
const patient = { leaseMs: 2_000, renewEveryMs: 500, pollMs: 20, backoffBaseMs: 10, backoffMaxMs: 50, deadlineMs: 2_000, lookUpsMax: 4, attemptsMax: 3 };

beforeAll(async () => {
  gateway = await testGateway();
  worker = await createWorker(gateway.runtime, { adapters: new Map([['CE', erp]]), settings: patient, ticker: false, sealer: false, pulls: false });
  worker.start();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
  planning = await gateway.client('PLN', ['item.read', 'item.write']);
  steward = await gateway.client('PLN', ['item.read', 'write-back.read', 'write-back.approve', 'write-back.write']);
});
afterAll(async () => {
  await worker?.stop();
  await gateway?.close();
});

let numbered = 100_000;
/** An item that CE and the golden record know alike. */
async function newItem(attributes: Record<string, unknown> = {}): Promise<{ id: string; key: string; url: string }> {
  const key = String((numbered += 1));
  const item = { code: `IT-${key}`, type: 'finished', baseUnit: 'C62', description: { en: `Item ${key}` }, state: 'active', ...attributes };
  const created = await corp.post('/v1/items', { ...item, localKeys: [{ system: 'CE', code: key }] });
  if (created.status !== 201) throw new Error(created.text);
  erp.edit('item', key, item);
  return { id: created.body.id, key, url: `/v1/items/${created.body.id}` };
}

const wish = (id: string, patch: Record<string, unknown>, ifMatch = '"v1"', client = planning) =>
  client.post('/v1/write-requests', { target: { recordType: 'item', id }, ifMatch, patch, reason: 'Test.' });

async function settled(id: string, client: TestClient = steward): Promise<Record<string, any>> {
  for (let i = 0; i < 3_000; i += 1) {
    const { body } = await client.get(`/v1/write-requests/${id}`);
    if (['confirmed', 'rejected', 'cancelled', 'needs-review', 'awaiting-approval'].includes(body.state)) return body;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  throw new Error(`write request ${id} is stuck`);
}

describe('a write request', () => {
  it('[S20] [S4] brings a refused change to the owner, and the golden record takes over what the owner confirmed', async () => {
    const item = await newItem();
    const refused = await planning.patch(item.url, { description: { en: 'Renamed' } }, '"v1"');
    expect(refused.status).toBe(403);
    expect(refused.body.links.writeRequests).toEqual({ href: '/v1/write-requests', method: 'POST' });
    const requested = await wish(item.id, { description: { en: 'Renamed' } });
    expect(requested.status, requested.text).toBe(202);
    expect(requested.headers.location).toBe(`/v1/operations/${requested.body.id}`);
    const request = await settled(requested.body.id);
    expect(request).toMatchObject({ state: 'confirmed', targetSystem: 'CE', localKey: item.key, recordVersion: 2, valuesRead: { description: { en: `Item ${item.key}` } }, valuesWritten: { description: { en: 'Renamed' } } });
    expect(request.guards.map(({ when, passed }: { when: string; passed: boolean }) => [when, passed])).toEqual([['acceptance', true], ['dispatch', true]]);
    expect(erp.valueOf('item', item.key)).toMatchObject({ description: { en: 'Renamed' } });
    const read = await planning.get(`${item.url}?include=provenance`);
    expect(read.body.description).toEqual({ en: 'Renamed' });
    expect(read.body.provenance.identity).toMatchObject({ system: 'CE', event: requested.body.id });
    const operation = await planning.get(requested.headers.location!);
    expect(operation.body).toMatchObject({ kind: 'write-request', status: 'succeeded', result: { recordType: 'item', recordId: item.id, version: 2 } });
  });

  it('leaves one ledger row per transition', async () => {
    const item = await newItem();
    const { body: { id } } = await wish(item.id, { description: { en: 'Seen' } });
    await settled(id);
    const rows = await gateway.db.database.query<{ event_type: string; version: number; op: string }>(
      `SELECT event_type, version, op FROM ledger WHERE record_type = 'write-request' AND record_id = $1 ORDER BY id`, [id]);
    expect(rows.map(({ event_type: type, version, op }) => [type.split('.')[3], version, op])).toEqual([
      ['received', 1, 'decision'], ['guarded', 2, 'decision'], ['dispatched', 3, 'decision'], ['confirmed', 4, 'decision'],
    ]);
  });

  it('[S20] is what PATCH with Prefer: respond-async becomes', async () => {
    const item = await newItem();
    const headers = { prefer: 'respond-async', 'idempotency-key': `test-${crypto.randomUUID()}` };
    const accepted = await planning.patch(item.url, { description: { en: 'Async' } }, '"v1"', headers);
    expect(accepted.status, accepted.text).toBe(202);
    const again = await planning.patch(item.url, { description: { en: 'Async' } }, '"v1"', headers);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.text).toBe(accepted.text);
    expect(await settled(accepted.body.id)).toMatchObject({ state: 'confirmed' });
    expect(erp.effects.filter(({ key }) => key === item.key)).toHaveLength(1);
  });

  it('[S4] shows a conflict and overwrites nothing when the owner has moved on', async () => {
    const item = await newItem();
    erp.edit('item', item.key, { description: { en: 'Changed in the ERP' } });
    const { body: { id } } = await wish(item.id, { description: { en: 'Mine' } });
    const request = await settled(id);
    expect(request).toMatchObject({
      state: 'rejected', answer: { code: 'write-request.conflict', seen: { description: { en: `Item ${item.key}` } }, held: { description: { en: 'Changed in the ERP' } }, wished: { description: { en: 'Mine' } } },
    });
    expect(erp.valueOf('item', item.key)!.description).toEqual({ en: 'Changed in the ERP' });
    expect((await planning.get(`/v1/operations/${id}`)).body).toMatchObject({ status: 'failed', error: { code: 'write-request.conflict' } });
  });

  it('[S4] does not overwrite what somebody changes in the ERP between the read and the write', async () => {
    const item = await newItem();
    let edited = false;
    erp.fault = ({ operation, key }) => {
      if (operation === 'update' && key === item.key && !edited) {
        edited = true;
        erp.edit('item', key, { description: { en: 'Faster' } });
      }
      return undefined;
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'Slower' } });
    expect(await settled(id)).toMatchObject({ state: 'rejected', answer: { code: 'write-request.conflict', held: { description: { en: 'Faster' } } } });
    expect(erp.valueOf('item', item.key)!.description).toEqual({ en: 'Faster' });
  });

  it('goes on with the fresh token when something else of the record was changed in between', async () => {
    const item = await newItem();
    let edited = false;
    erp.fault = ({ operation, key }) => {
      if (operation === 'update' && key === item.key && !edited) {
        edited = true;
        erp.edit('item', key, { baseUnit: 'KGM' });
      }
      return undefined;
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'Still mine' } });
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    expect(erp.valueOf('item', item.key)).toMatchObject({ description: { en: 'Still mine' }, baseUnit: 'KGM' });
  });

  it('keeps the languages that the ERP has and the golden record has not', async () => {
    const item = await newItem();
    erp.edit('item', item.key, { description: { en: `Item ${item.key}`, de: 'Teil' } });
    const { body: { id } } = await wish(item.id, { description: { en: 'Part' } });
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    expect(erp.valueOf('item', item.key)!.description).toEqual({ en: 'Part', de: 'Teil' });
  });

  it('is refused at once when it is stale, invalid, not needed, or for several owners', async () => {
    const item = await newItem();
    const send = async (patch: Record<string, unknown>, ifMatch = '"v1"', client = planning) => (await wish(item.id, patch, ifMatch, client)).body;
    expect(await send({ description: { en: 'x' } }, '"v7"')).toMatchObject({ status: 412, code: 'precondition.stale' });
    expect(await send({ colour: 'red' })).toMatchObject({ status: 422, code: 'item.invalid' });
    expect(await send({ description: { en: 'x' } }, '"v1"', corp)).toMatchObject({ status: 409, code: 'write-request.not-needed' });
    expect(await send({ description: { en: `Item ${item.key}` } })).toMatchObject({ status: 409, code: 'write-request.no-change' });
    expect(await send({ description: { en: 'x' }, drawing: 'D-1' })).toMatchObject({ status: 422, code: 'write-request.several-owners' });
    expect((await planning.post('/v1/write-requests', { target: { recordType: 'item', id: item.id }, patch: { gtin: null } })).status).toBe(428);
  });

  it('is rejected in our words when the ERP refuses', async () => {
    const item = await newItem();
    erp.fault = ({ operation }) => (operation === 'update' ? { before: new ErpFailure('validation', 'The text is too long.', { field: 'description' }) } : undefined);
    const { body: { id } } = await wish(item.id, { description: { en: 'Too long' } });
    expect(await settled(id)).toMatchObject({ state: 'rejected', answer: { code: 'write-request.refused-by-owner', detail: 'CE refused: The text is too long.', errors: [{ pointer: '#/patch/description' }] } });
    erp.fault = () => undefined;
  });

  it('creates a record in the ERP of its owner, once, and the golden record with its local key', async () => {
    const patch = { code: 'NEW-1', type: 'raw', baseUnit: 'KGM', description: { en: 'New' }, state: 'active' };
    const requested = await planning.post('/v1/write-requests', { op: 'create', target: { recordType: 'item', localKey: '900001' }, patch });
    expect(requested.status, requested.text).toBe(202);
    const request = await settled(requested.body.id);
    expect(request).toMatchObject({ state: 'confirmed', localKey: '900001' });
    expect(erp.effects.filter(({ key }) => key === '900001')).toMatchObject([{ op: 'create' }]);
    const found = await planning.get('/v1/items?system=CE&code=900001');
    expect(found.body.data).toMatchObject([{ id: request.recordId, code: 'NEW-1', baseUnit: 'KGM' }]);
  });

  it('creates nothing that the ERP cannot be given: what it never had would be confirmed in its name', async () => {
    const patch = { code: 'NEW-2', type: 'raw', baseUnit: 'KGM', legacyCode: 'OLD-2', state: 'active' };
    const { body: { id } } = await planning.post('/v1/write-requests', { op: 'create', target: { recordType: 'item', localKey: '900002' }, patch });
    const request = await settled(id);
    expect(request).toMatchObject({ state: 'rejected', answer: { code: 'write-request.unsupported' } });
    expect(request.answer.detail).toContain('legacyCode');
    expect(erp.valueOf('item', '900002')).toBeUndefined();
    expect((await planning.get('/v1/items?filter[code][eq]=NEW-2')).body.data).toEqual([]);
  });

  it('does not conflict with an earlier wish of its own that never went out, nor with one that did', async () => {
    const [dropped, refused, taken] = [await newItem({ productLine: 'P0' }), await newItem({ productLine: 'P0' }), await newItem({ productLine: 'P0' })];
    let isBusy = true;
    erp.fault = ({ operation, key, attributes }) => {
      if (operation === 'read' && isBusy) return { before: new ErpFailure('unavailable', 'Not reached.') };
      return operation === 'update' && key === refused.key && attributes?.productLine === 'P1' ? { before: new ErpFailure('validation', 'No.') } : undefined;
    };
    const pairs = [];
    for (const item of [dropped, refused, taken]) pairs.push([(await wish(item.id, { productLine: 'P1' }, '*')).body.id, (await wish(item.id, { productLine: 'P2' }, '*')).body.id]);
    const cancelled = await planning.post(`/v1/write-requests/${pairs[0]![0]}:cancel`, {});
    isBusy = false;
    const ends = [];
    for (const [first, second] of pairs) ends.push([(await settled(first)).state, (await settled(second)).state]);
    erp.fault = () => undefined;
    expect(cancelled.body.state).toBe('cancelled');
    expect(ends).toEqual([['cancelled', 'confirmed'], ['rejected', 'confirmed'], ['confirmed', 'confirmed']]);
    for (const { key } of [dropped, refused, taken]) expect(erp.valueOf('item', key)).toMatchObject({ productLine: 'P2' });
  });

  it('is confirmed although the database ended its first transaction in favour of another', async () => {
    const item = await newItem();
    const run = (sql: string) => gateway.db.database.query(sql);
    await run(`CREATE SEQUENCE collisions`);
    await run(`CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('collisions') = 1 THEN RAISE EXCEPTION 'met' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$`);
    await run(`CREATE TRIGGER collide BEFORE UPDATE ON write_request FOR EACH ROW WHEN (NEW.state IN ('confirmed', 'needs-review')) EXECUTE FUNCTION collide()`);
    const { body: { id } } = await wish(item.id, { description: { en: 'Met another' } });
    const request = await settled(id);
    const [{ met }] = await gateway.db.database.query<{ met: string }>(`SELECT last_value::text AS met FROM collisions`) as [{ met: string }];
    await run(`DROP TRIGGER collide ON write_request`);
    expect(request).toMatchObject({ state: 'confirmed' });
    expect(met).toBe('2');
  });

  it('keeps the order of one record, and its own earlier wishes do not conflict with later ones', async () => {
    const item = await newItem();
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4]) ids.push((await wish(item.id, { description: { en: `Step ${n}` } }, '*')).body.id);
    for (const id of ids) expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    expect(erp.effects.filter(({ key }) => key === item.key).map(({ attributes }) => attributes.description)).toEqual([1, 2, 3, 4].map((n) => ({ en: `Step ${n}` })));
  });

  it('is seen by its own participant and by those who may read write requests, over REST and GraphQL', async () => {
    const item = await newItem();
    const answer = await planning.graphql(
      'mutation($input: RequestWriteInput!) { requestWrite(input: $input) { id state targetSystem } }',
      { input: { idempotencyKey: `test-${crypto.randomUUID()}`, recordType: 'item', id: item.id, ifMatch: 1, patch: { description: { en: 'Graph' } } } });
    expect(answer.errors).toBeUndefined();
    const { id } = answer.data!.requestWrite;
    await settled(id);
    const own = await planning.graphql('query($id: ID!) { operation(id: $id) { status kind } writeRequest(id: $id) { state patch } }', { id });
    expect(own.data).toEqual({ operation: { status: 'succeeded', kind: 'write-request' }, writeRequest: { state: 'confirmed', patch: { description: { en: 'Graph' } } } });
    expect((await corp.get(`/v1/operations/${id}`)).status).toBe(404);
    expect((await corp.get(`/v1/write-requests/${id}`)).status).toBe(404);
    expect((await corp.get('/v1/write-requests')).body.data).toEqual([]);
    const listed = await steward.get('/v1/write-requests?filter[state][eq]=confirmed&limit=500');
    expect(listed.body.data.map((each: { id: string }) => each.id)).toContain(id);
    expect((await planning.get('/v1/operations?filter[status][eq]=succeeded&limit=2')).body.page.hasMore).toBe(true);
  });
});

describe('approval', () => {
  /** What a role decides needs that role's people. */
  const engineering = { drawing: 'DRW-9-A' };

  it('[S20] lets a request wait for somebody else, and never for its own participant', async () => {
    const item = await newItem();
    const asked = await wish(item.id, engineering);
    expect(asked.body).toMatchObject({ state: 'awaiting-approval', targetSystem: 'GW' });
    expect(asked.body.needsApproval[0]).toMatch(/engineering/);
    expect((await planning.post(`/v1/write-requests/${asked.body.id}:approve`, {})).status).toBe(403);
    expect((await steward.post(`/v1/write-requests/${asked.body.id}:approve`, {})).status).toBe(403);
    const engineer = await gateway.client('GW', ['item.read', 'engineering.decide', 'write-back.approve', 'write-back.read']);
    const own = await wish(item.id, { drawing: 'DRW-9-B' }, '"v1"', await gateway.client('PLN', ['item.read']));
    const approved = await engineer.post(`/v1/write-requests/${asked.body.id}:approve`, { reason: 'Checked.' });
    expect(approved.status, approved.text).toBe(200);
    expect(await settled(asked.body.id)).toMatchObject({ state: 'confirmed', decisionReason: 'Checked.' });
    expect((await planning.get(item.url)).body.drawing).toBe('DRW-9-A');
    expect((await engineer.post(`/v1/write-requests/${own.body.id}:reject`, { reason: 'No.' })).body).toMatchObject({ state: 'rejected', answer: { detail: 'No.' } });
  });

  it('has to be agreed to again when it goes out for reasons that nobody has agreed to', async () => {
    const item = await newItem();
    const engineer = await gateway.client('GW', ['item.read', 'engineering.decide', 'write-back.approve', 'write-back.read']);
    const { body: { id } } = await wish(item.id, { drawing: 'DRW-12' });
    // As if it had been agreed to for another reason than that of today.
    await gateway.db.database.query(`UPDATE write_request SET needs_approval = '{Only the plant had to agree.}', approver_scopes = '{}' WHERE id = $1`, [id]);
    const other = await gateway.client('GW', ['item.read', 'write-back.approve', 'write-back.read']);
    expect((await other.post(`/v1/write-requests/${id}:approve`, {})).status).toBe(200);
    let request: Record<string, any> = {};
    for (let i = 0; i < 500 && !/engineering/.test(request.needsApproval?.[0] ?? ''); i += 1) {
      await new Promise((resolve) => { setTimeout(resolve, 20); });
      request = (await steward.get(`/v1/write-requests/${id}`)).body;
    }
    expect(request).toMatchObject({ state: 'awaiting-approval', needsApproval: [expect.stringMatching(/engineering/)] });
    expect((await planning.get(item.url)).body.drawing).toBeNull();
    expect((await other.post(`/v1/write-requests/${id}:approve`, {})).status).toBe(403);
    expect((await engineer.post(`/v1/write-requests/${id}:approve`, {})).status).toBe(200);
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
  });

  it('[SEC18] refuses the requester as approver in the route and in the database', async () => {
    const item = await newItem();
    const both = await gateway.client('PLN', ['item.read', 'write-back.approve']);
    const { body: { id } } = await wish(item.id, engineering, '"v1"', both);
    expect((await both.post(`/v1/write-requests/${id}:approve`, {})).body).toMatchObject({ status: 403, code: 'write-request.own' });
    await expect(gateway.db.database.query(`UPDATE write_request SET state = 'guarded', decided_by = requested_by WHERE id = $1`, [id])).rejects.toThrow();
    await expect(gateway.db.database.query(`UPDATE write_request SET state = 'guarded' WHERE id = $1`, [id])).rejects.toThrow();
    const cancelled = await both.post(`/v1/write-requests/${id}:cancel`, {});
    expect(cancelled.body).toMatchObject({ state: 'cancelled' });
    expect((await both.get(`/v1/operations/${id}`)).body.status).toBe('cancelled');
  });
});

describe('lost answers', () => {
  it('[R4] has exactly one effect per request when every tenth answer is lost', async () => {
    const items = await Promise.all(Array.from({ length: 40 }, () => newItem()));
    let n = 0;
    erp.fault = ({ operation }) => (operation === 'update' && (n += 1) % 10 === 3 ? { after: new ErpFailure('unknown-outcome', 'No answer.') } : undefined);
    const requests = await Promise.all(items.map((item) => wish(item.id, { description: { en: `Lost ${item.key}` } })));
    for (const { body } of requests) expect(await settled(body.id)).toMatchObject({ state: 'confirmed' });
    erp.fault = () => undefined;
    const keys = new Set(items.map(({ key }) => key));
    expect(n).toBeGreaterThanOrEqual(40);
    expect(erp.effects.filter(({ key }) => keys.has(key)).map(({ key }) => key).sort()).toEqual([...keys].sort());
  }, 120_000);

  it('[R4] looks first, and sends once more, when the answer was lost before the effect', async () => {
    const item = await newItem();
    const sent: string[] = [];
    erp.fault = ({ operation, key }) => {
      if (key !== item.key) return undefined;
      sent.push(operation);
      return operation === 'update' && sent.filter((each) => each === 'update').length === 1 ? { before: new ErpFailure('unknown-outcome', 'No answer.') } : undefined;
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'Twice asked' } });
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    erp.fault = () => undefined;
    expect(sent).toEqual(['read', 'update', 'read', 'update', 'read']);
    expect(erp.effects.filter(({ key }) => key === item.key)).toHaveLength(1);
  });

  it('[R4] looks, and does not send again, when the answer was lost after the effect', async () => {
    const item = await newItem();
    const sent: string[] = [];
    erp.fault = ({ operation, key }) => {
      if (key !== item.key) return undefined;
      sent.push(operation);
      return operation === 'update' ? { after: new ErpFailure('unknown-outcome', 'No answer.') } : undefined;
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'Once asked' } });
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    erp.fault = () => undefined;
    expect(sent.filter((operation) => operation === 'update')).toHaveLength(1);
    expect(sent.slice(0, 3)).toEqual(['read', 'update', 'read']);
    expect(erp.effects.filter(({ key }) => key === item.key)).toHaveLength(1);
  });

  it('[R4] is not sent for ever when the ERP answers each time that nobody knows, and the next request of the record goes on', async () => {
    const item = await newItem();
    let updates = 0;
    erp.fault = ({ operation, key }) => {
      if (key !== item.key || operation !== 'update') return undefined;
      updates += 1;
      return { before: new ErpFailure('unknown-outcome', 'Status 500.') };
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'Poison' } });
    const ended = await settled(id);
    erp.fault = () => undefined;
    expect(ended).toMatchObject({ state: 'needs-review', answer: { code: 'write-request.outcome-unknown' } });
    expect(updates).toBe(patient.attemptsMax);
    const next = await wish(item.id, { gtin: '00614141100019' });
    expect(await settled(next.body.id)).toMatchObject({ state: 'confirmed' });
  });

  it('can be taken back again once it is certain that the ERP took nothing', async () => {
    const item = await newItem();
    const before = erp.fault;
    let refused = 0;
    erp.fault = ({ operation, key }) => {
      if (key !== item.key || operation !== 'update') return undefined;
      refused += 1;
      return { before: new ErpFailure('throttled', 'Later.', { retryAfterMs: 3_000 }) };
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'Not after all' } });
    for (let i = 0; i < 500 && refused === 0; i += 1) await new Promise((resolve) => { setTimeout(resolve, 20); });
    let state = '';
    for (let i = 0; i < 100 && state !== 'guarded'; i += 1) {
      await new Promise((resolve) => { setTimeout(resolve, 20); });
      state = (await steward.get(`/v1/write-requests/${id}`)).body.state;
    }
    const cancelled = await planning.post(`/v1/write-requests/${id}:cancel`, {});
    erp.fault = before;
    expect(cancelled.body).toMatchObject({ state: 'cancelled' });
    expect(erp.effects.filter(({ key }) => key === item.key)).toEqual([]);
  });

  it('[R4] waits for a person when the look-ups fail, and goes on when one sends it again', async () => {
    const item = await newItem();
    let sent = false;
    erp.fault = ({ operation, key }) => {
      if (key !== item.key) return undefined;
      if (operation === 'update') sent = true;
      if (operation === 'update') return { after: new ErpFailure('unknown-outcome', 'No answer.') };
      return sent ? { before: new ErpFailure('retryable', 'Busy.') } : undefined;
    };
    const { body: { id } } = await wish(item.id, { description: { en: 'In the dark' } });
    expect(await settled(id)).toMatchObject({ state: 'needs-review', answer: { code: 'write-request.outcome-unknown' } });
    expect((await planning.get(`/v1/operations/${id}`)).body.status).toBe('needsReview');
    erp.fault = () => undefined;
    expect((await steward.post(`/v1/write-requests/${id}:retry`, {})).status).toBe(200);
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    expect(erp.effects.filter(({ key }) => key === item.key)).toHaveLength(1);
  });

  it('can be closed by a person when it waits for review; what the ERP holds stands', async () => {
    const item = await newItem();
    erp.fault = ({ operation, key }) => (key === item.key && operation === 'update' ? { before: new ErpFailure('unknown-outcome', 'No answer.') } : undefined);
    const { body: { id } } = await wish(item.id, { description: { en: 'Given up' } });
    expect(await settled(id)).toMatchObject({ state: 'needs-review' });
    erp.fault = () => undefined;
    expect((await planning.post(`/v1/write-requests/${id}:close`, {})).status).toBe(403);
    const closed = await steward.post(`/v1/write-requests/${id}:close`, { reason: 'Entered by hand.' });
    expect(closed.body).toMatchObject({ state: 'cancelled', decisionReason: 'Entered by hand.' });
    expect((await steward.post(`/v1/write-requests/${id}:retry`, {})).body.code).toBe('write-request.state');
    expect((await planning.get(`/v1/operations/${id}`)).body.status).toBe('cancelled');
    expect(erp.effects.filter(({ key }) => key === item.key)).toEqual([]);
  });

  it('waits while the ERP is away and goes on by itself', async () => {
    const item = await newItem();
    let refusals = 0;
    erp.fault = ({ operation }) => (operation === 'read' && (refusals += 1) <= 5 ? { before: new ErpFailure('unavailable', 'Not reached.') } : undefined);
    const { body: { id } } = await wish(item.id, { description: { en: 'Patience' } });
    expect(await settled(id)).toMatchObject({ state: 'confirmed' });
    erp.fault = () => undefined;
  });
});

describe('between acceptance and dispatch', () => {
  it('[S20] ownership and guards are asked again: what they refuse today does not go out', async () => {
    const [byGuard, byOwner] = [await newItem(), await newItem()];
    erp.fault = ({ operation }) => (operation === 'read' ? { before: new ErpFailure('unavailable', 'Not reached.') } : undefined);
    const guarded = await wish(byGuard.id, { state: 'blocked' });
    const owned = await wish(byOwner.id, { productLine: 'Drives' });
    expect([guarded.status, owned.status]).toEqual([202, 202]);
    const now = await corp.patch(byGuard.url, { state: 'obsolete' }, '"v1"');
    expect(now.status, now.text).toBe(200);
    const rules = gateway.app.get(RecordCatalogue).get('ownership-rule');
    const context = gatewayContext();
    const all = await gateway.app.get(RecordReader).readWhere(context, rules, 'domain', ['item']);
    const sales = all.find(({ attributeGroup }) => attributeGroup === 'sales')!;
    await gateway.app.get(RecordWriter).applyOne(context, rules, { op: 'update', id: sales.id, attributes: { owner: 'PLN' } });
    expect(await settled(guarded.body.id)).toMatchObject({ state: 'rejected', answer: { code: 'item.illegal-transition' }, guards: [{ when: 'acceptance', passed: true }, { when: 'dispatch', passed: false }] });
    expect(await settled(owned.body.id)).toMatchObject({ state: 'rejected', answer: { code: 'write-request.not-needed' } });
    erp.fault = () => undefined;
    expect(erp.effects.filter(({ key }) => key === byGuard.key || key === byOwner.key)).toEqual([]);
  });
});
