import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BulkWorker } from '@datum/governed';
import { ParticipantService, RegistryDirectory } from '@datum/registry';
import { gatewayContext } from '@datum/platform';
import { testGateway, type Answer, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let corp: TestClient;
let worker: BulkWorker;
beforeAll(async () => {
  gateway = await testGateway();
  corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
  worker = gateway.app.get(BulkWorker);
});
afterAll(async () => { await gateway?.close(); });

const item = (code: string, more: object = {}) => ({ attributes: { code, type: 'purchased', baseUnit: 'C62', description: { en: `Item ${code}` }, state: 'active', ...more } });
const ndjson = (rows: readonly unknown[]) => rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
const upload = (client: TestClient, body: string, key = `bulk-${crypto.randomUUID()}`): Promise<Answer> =>
  client.send('POST', '/v1/items:bulk', body, { 'content-type': 'application/x-ndjson', 'idempotency-key': key });
const workAll = async (): Promise<void> => { while (await worker.turn()); };
const resultsOf = async (id: string, query = ''): Promise<any[]> =>
  (await corp.get(`/v1/operations/${id}/results${query}`)).text.trimEnd().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const countItems = async (prefix: string) => Number((await gateway.runtime.database.query<{ n: string }>(`SELECT count(*) AS n FROM item WHERE code LIKE $1`, [`${prefix}%`]))[0]!.n);

describe('bulk imports', () => {
  it('[S113] are accepted at once, worked off behind it, and answer for every row', async () => {
    const rows = Array.from({ length: 1_203 }, (_, i) => item(`BLK-${i}`, i % 2 ? {} : { gtin: null }));
    const accepted = await upload(corp, ndjson(rows));
    expect(accepted.status, accepted.text).toBe(202);
    expect(accepted.headers.location).toBe(`/v1/operations/${accepted.body.id}`);
    expect((await corp.get(accepted.headers.location!)).body).toMatchObject({ kind: 'bulk-import', status: 'queued', progress: { rowsTotal: 1_203 } });
    await workAll();
    const operation = (await corp.get(accepted.headers.location!)).body;
    expect(operation).toMatchObject({ status: 'succeeded', result: { rows: 1_203, created: 1_203, refused: 0 } });
    const results = await resultsOf(accepted.body.id);
    expect(results.map(({ index }) => index)).toEqual(rows.map((_, i) => i));
    const last = (await corp.get(`/v1/items/${results[1_202]!.id}`)).body;
    expect(last).toMatchObject({ code: 'BLK-1202', version: 1 });
  });

  it('[SEC2] [SEC3] rows that cannot be read or kept are refused one by one, with their number and reason', async () => {
    const body = ndjson([
      item('BAD-1'), '{"attributes": {', item('BAD-2', { unheard: 1 }), '{"attributes": {"code": "BAD-3", "code": "BAD-4"}}', JSON.stringify(item('BAD-5')).replace('BAD-5"', 'BAD\\u0000"'),
      item('BAD-6', { standardCost: { amount: '1e400', currency: 'USD' } }), item('BAD-7', { standardCost: { amount: '0.1', currency: 'USD' } }), '', item('BAD-8'),
    ]);
    const { body: { id } } = await upload(corp, body);
    await workAll();
    const results = await resultsOf(id);
    expect(results.map(({ status }) => status)).toEqual(['created', 'refused', 'refused', 'refused', 'refused', 'refused', 'created', 'refused', 'created']);
    expect(results[2]!.problem).toMatchObject({ status: 422, errors: [{ pointer: '#/unheard', code: 'field.unknown' }], instance: `/v1/operations/${id}/results#2` });
    expect(results[4]!.problem.status).toBe(422);
    expect(await resultsOf(id, '?status=refused')).toHaveLength(6);
    expect((await corp.get(`/v1/operations/${id}`)).body).toMatchObject({ status: 'succeeded', result: { created: 3, refused: 6 } });
    expect((await corp.get(`/v1/operations/${id}/results?status=nonsense`)).status).toBe(400);
  });

  it('[S9] the same key means the same operation, and with another body it is refused', async () => {
    const key = `bulk-${crypto.randomUUID()}`;
    const body = ndjson([item('KEY-1'), item('KEY-2')]);
    const [one, two] = await Promise.all([upload(corp, body, key), upload(corp, body, key)]);
    const again = await upload(corp, body, key);
    expect([one.status, two.status, again.status]).toEqual([202, 202, 202]);
    expect(new Set([one.body.id, two.body.id, again.body.id]).size).toBe(1);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const other = await upload(corp, ndjson([item('KEY-3')]), key);
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency.key-reused' });
    const without = await corp.send('POST', '/v1/items:bulk', body, { 'content-type': 'application/x-ndjson' });
    expect(without.body).toMatchObject({ status: 400, code: 'idempotency.key-missing' });
    await workAll();
    const [{ n }] = await gateway.runtime.database.query<{ n: string }>('SELECT count(*) AS n FROM bulk_chunk c LEFT JOIN bulk_import b ON b.id = c.import_id WHERE b.id IS NULL') as [{ n: string }];
    expect(n).toBe('0');
  });

  it('[SEC5] too many rows, too long a line and an empty body are refused whole', async () => {
    const many = await upload(corp, `${'{}\n'.repeat(50_001)}`);
    expect(many.body).toMatchObject({ status: 413, code: 'bulk.too-many-rows' });
    const long = await upload(corp, `{}\n${' '.repeat(64 * 1024)}{}`);
    expect(long.body).toMatchObject({ status: 413, code: 'bulk.line-too-long' });
    expect((await upload(corp, '\n'.repeat(0))).status).toBe(422);
    expect(await gateway.runtime.database.query(`SELECT 1 FROM bulk_chunk c LEFT JOIN bulk_import b ON b.id = c.import_id WHERE b.id IS NULL`)).toEqual([]);
  });

  it('[SEC17] ownership holds in bulk as it does elsewhere, and operations are only seen by their sender', async () => {
    const plant = await gateway.client('LEG1', ['item.read', 'item.write'], ['A']);
    const { body: { id } } = await upload(plant, ndjson([item('OWN-1')]));
    await workAll();
    const [line] = (await plant.get(`/v1/operations/${id}/results`)).text.split('\n');
    expect(JSON.parse(line!)).toMatchObject({ status: 'refused', problem: { status: 403, code: 'ownership.violation', owner: 'CE' } });
    expect((await corp.get(`/v1/operations/${id}/results`)).status).toBe(404);
    expect((await corp.post(`/v1/operations/${id}:cancel`, {})).status).toBe(404);
  });

  it('what only the store notices refuses its row alone', async () => {
    const taken = { system: 'LEG2', code: 'X-1' };
    const { body: { id } } = await upload(corp, ndjson([...Array.from({ length: 5 }, (_, i) => item(`ISO-${i}`)), { ...item('ISO-BAD'), localKeys: [taken] }, item('ISO-6')]));
    await workAll();
    expect((await resultsOf(id)).map(({ status }) => status)).toEqual(['created', 'created', 'created', 'created', 'created', 'refused', 'created']);
    expect(await countItems('ISO-')).toBe(6);
  });

  it('[R1] [R8] every row is applied exactly once, wherever its worker dies', async () => {
    const rows = Array.from({ length: 6_000 }, (_, i) => item(`KILL-${i}`));
    const { body: { id } } = await upload(corp, ndjson(rows));
    let kills = 0;
    // What the server sees of a killed worker is a connection that ends in the middle of a transaction; here its lease has run out as well.
    for (let done = false; !done;) {
      let isOver = false;
      const turn = worker.turn().then(() => undefined, () => undefined).finally(() => { isOver = true; });
      while (!isOver && kills < 15) {
        await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * 40));
        const killed = await gateway.runtime.database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND query NOT LIKE '%ledger_tick%'`);
        kills += killed.length > 0 ? 1 : 0;
      }
      await turn;
      await gateway.runtime.database.query(`UPDATE bulk_import SET leased_until = NULL WHERE id = $1`, [id]);
      done = (await corp.get(`/v1/operations/${id}`)).body.status === 'succeeded';
    }
    expect(kills).toBeGreaterThan(0);
    expect((await corp.get(`/v1/operations/${id}`)).body.result).toMatchObject({ rows: 6_000, created: 6_000, unchanged: 0, refused: 0 });
    const [{ n, most }] = await gateway.runtime.database.query<{ n: string; most: number }>(
      `SELECT count(*) AS n, max(l.version) AS most FROM ledger l JOIN item i ON i.id = l.record_id WHERE l.record_type = 'item' AND i.code LIKE 'KILL-%'`) as [{ n: string; most: number }];
    expect({ n, most }).toEqual({ n: '6000', most: 1 });
    expect((await resultsOf(id)).map(({ index }) => index)).toEqual(rows.map((_, i) => i));
  }, 120_000);

  it('[R8] a worker that was overtaken is refused by the fencing number', async () => {
    const { body: { id } } = await upload(corp, ndjson(Array.from({ length: 20 }, (_, i) => item(`FENCE-${i}`))));
    const { claimImport } = await import('../../libs/governed/src/bulk/bulk.repository.js');
    const stale = (await claimImport(gateway.runtime.database, 1))!;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const successor = (await claimImport(gateway.runtime.database, 60_000))!;
    expect([stale.id, successor.id]).toEqual([id, id]);
    expect(await worker.step(stale)).toBe(false);
    expect(await countItems('FENCE-')).toBe(0);
    expect(await worker.step(successor)).toBe(true);
    expect(await worker.step(successor)).toBe(false);
    expect(await countItems('FENCE-')).toBe(20);
  });

  it('imports of one sender are worked off in the order they were accepted', async () => {
    const first = await upload(corp, ndjson(Array.from({ length: 600 }, (_, i) => item(`ORD-${i}`))));
    const second = await upload(corp, ndjson([{ op: 'update', key: { code: 'ORD-599' }, attributes: { description: { en: 'later' } } }]));
    await workAll();
    expect((await resultsOf(second.body.id))[0]).toMatchObject({ status: 'updated', version: 2 });
    expect((await corp.get(`/v1/operations/${first.body.id}`)).body.status).toBe('succeeded');
  });

  it('are cancelled behind the chunk in work; what was applied stays', async () => {
    const { body: { id } } = await upload(corp, ndjson(Array.from({ length: 1_100 }, (_, i) => item(`CAN-${i}`))));
    const { claimImport } = await import('../../libs/governed/src/bulk/bulk.repository.js');
    const work = (await claimImport(gateway.runtime.database, 60_000))!;
    await worker.step(work);
    const cancelled = await corp.post(`/v1/operations/${id}:cancel`, {});
    expect(cancelled.body, cancelled.text).toMatchObject({ status: 'cancelled', progress: { rowsDone: 500, rowsTotal: 1_100 } });
    expect(await worker.step(work)).toBe(false);
    await workAll();
    expect(await countItems('CAN-')).toBe(500);
    expect(await resultsOf(id)).toHaveLength(500);
    expect((await corp.post(`/v1/operations/${id}:cancel`, {})).status).toBe(409);
  });

  it('[SEC18] a credential that was revoked meanwhile ends the import', async () => {
    const sender = await gateway.client('CE', ['item.read', 'item.write', 'operation.admin']);
    const { body: { id } } = await upload(sender, ndjson(Array.from({ length: 10 }, (_, i) => item(`REV-${i}`))));
    const [row] = await gateway.runtime.database.query<{ participant_id: string }>('SELECT participant_id FROM operation WHERE id = $1', [id]);
    await gateway.app.get(ParticipantService).revokeCredential(gatewayContext(), row!.participant_id, sender.clientId);
    await gateway.app.get(RegistryDirectory).refresh();
    await workAll();
    expect(await countItems('REV-')).toBe(0);
    const admin = await gateway.client('GW', ['operation.admin']);
    expect((await admin.get(`/v1/operations/${id}`)).body).toMatchObject({ status: 'failed', error: { status: 403, code: 'bulk.credential-revoked' } });
  });
});
