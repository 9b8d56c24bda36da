import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testGateway, type Answer, type TestClient, type TestGateway } from '../support/gateway.js';
import { unlimited } from './security/callers.js';

const scopes = ['item.read', 'item.write'];
let gateway: TestGateway;
let corp: TestClient;
beforeAll(async () => {
  gateway = await testGateway({ env: unlimited, poolMax: 20 });
  corp = await gateway.client('CE', scopes);
});
afterAll(async () => { await gateway?.close(); });

const count = (answers: Answer[]): Record<number, number> =>
  answers.reduce<Record<number, number>>((counts, { status }) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }), {});
const item = (code: string) => ({ code, type: 'finished', baseUnit: 'C62', state: 'active' });

describe('[R10] lost updates', () => {
  it('40 clients × 25 changes of 10 records: what succeeded is what the versions say, every loser learns it', async () => {
    const clients = await Promise.all(Array.from({ length: 40 }, () => gateway.client('CE', scopes)));
    const ids = await Promise.all(Array.from({ length: 10 }, async (_, i) => (await corp.post('/v1/items', item(`R10-${i}`))).body.id as string));
    const answers = (await Promise.all(clients.map(async (client, c) => {
      const mine: (Answer & { id: string })[] = [];
      for (let i = 0; i < 25; i += 1) {
        const id = ids[(c + i) % ids.length]!;
        const { headers } = await client.get(`/v1/items/${id}`);
        mine.push({ ...(await client.patch(`/v1/items/${id}`, { legacyCode: `${c}-${i}` }, headers.etag)), id });
      }
      return mine;
    }))).flat();
    const statuses = count(answers);
    expect(Object.keys(statuses).filter((status) => status !== '200' && status !== '412')).toEqual([]);
    expect(statuses[412], 'there was a race').toBeGreaterThan(0);
    for (const id of ids) {
      const successes = answers.filter((answer) => answer.id === id && answer.status === 200);
      const { body } = await corp.get(`/v1/items/${id}`);
      expect(body.version - 1).toBe(successes.length);
      expect(new Set(successes.map((answer) => answer.headers.etag)).size, 'each success has a version of its own').toBe(successes.length);
      expect(successes.find((answer) => answer.body.version === body.version)?.body.legacyCode ?? null).toBe(body.legacyCode);
    }
    for (const { body, headers } of answers.filter(({ status }) => status === 412)) {
      expect(body).toMatchObject({ code: 'precondition.stale', current: { version: expect.any(Number) } });
      expect(headers.etag).toBe(`"v${body.current.version}"`);
    }
  }, 120_000);

  it('without If-Match 428, with a weak or a foreign validator 412', async () => {
    const { body, headers } = await corp.post('/v1/items', item('R10-MISSING'));
    const url = `/v1/items/${body.id}`;
    expect((await corp.patch(url, { legacyCode: 'X' }, undefined)).status).toBe(428);
    for (const stale of ['W/"v1"', '"v2"', '"b-abcdef"', '"v01"']) expect((await corp.patch(url, { legacyCode: 'X' }, stale)).status, stale).toBe(412);
    expect((await corp.patch(url, { legacyCode: 'X' }, 'v1')).status, 'no quotes').toBe(400);
    expect((await corp.patch(url, { legacyCode: 'X' }, `"v9", ${headers.etag}`)).status).toBe(200);
    expect((await corp.get(url)).body).toMatchObject({ version: 2, legacyCode: 'X' });
  });

  it('over GraphQL: one of many writers of a version wins', async () => {
    const { body } = await corp.post('/v1/items', item('R10-GRAPHQL'));
    const write = (i: number) => corp.graphql('mutation($input: UpdateItemInput!) { updateItem(input: $input) { record { version } } }', {
      input: { idempotencyKey: crypto.randomUUID(), id: body.id, ifMatch: 1, attributes: { legacyCode: `G-${i}` } },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => write(i)));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(answers.filter(({ errors }) => errors?.[0].extensions.status === 412)).toHaveLength(19);
  });

  it('20 creations of one code at once: one is made, the others learn of it', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => corp.post('/v1/items', item('R10-ONCE'))));
    expect(count(answers)).toEqual({ 201: 1, 409: 19 });
    expect(answers.filter(({ status, body }) => status === 409 && /exists/.test(body.code))).toHaveLength(19);
  });
});

describe('[R5] idempotency keys', () => {
  it('60 identical calls × 15 keys at once: one effect per key, the rest wait or get the same bytes', async () => {
    for (let round = 0; round < 15; round += 1) {
      const key = `race-${round}-${crypto.randomUUID()}`;
      const answers = await Promise.all(Array.from({ length: 60 }, () => corp.post('/v1/items', item(`R5-${round}`), { 'idempotency-key': key })));
      const created = answers.filter(({ status }) => status === 201);
      expect(Object.keys(count(answers)).filter((status) => status !== '201' && status !== '409')).toEqual([]);
      expect(created.filter(({ headers }) => headers['idempotency-replayed'] === undefined), key).toHaveLength(1);
      expect(new Set(created.map(({ text, headers }) => `${headers.etag} ${headers.location} ${text}`)).size).toBe(1);
      for (const { body, headers } of answers.filter(({ status }) => status === 409)) {
        expect([body.code, headers['retry-after']]).toEqual(['idempotency.in-progress', '1']);
      }
      const replay = await corp.post('/v1/items', item(`R5-${round}`), { 'idempotency-key': key });
      expect([replay.status, replay.headers['idempotency-replayed'], replay.text]).toEqual([201, 'true', created[0]!.text]);
    }
    const { body } = await corp.get('/v1/items?filter[code][like]=R5-*&limit=100');
    expect(body.data).toHaveLength(15);
    expect(body.data.every(({ version }: { version: number }) => version === 1)).toBe(true);
  }, 120_000);

  it('another body under the same key is 422, also as a batch and over GraphQL; a refusal frees the key', async () => {
    const key = `reuse-${crypto.randomUUID()}`;
    expect((await corp.post('/v1/items', item('R5-REUSE'), { 'idempotency-key': key })).status).toBe(201);
    const other = await corp.post('/v1/items', item('R5-OTHER'), { 'idempotency-key': key });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key-reused']);
    const mutation = 'mutation($input: CreateItemInput!) { createItem(input: $input) { record { id version } } }';
    const graphql = (code: string) => corp.graphql(mutation, { input: { idempotencyKey: key, attributes: item(code) } });
    const [first, again] = [await graphql('R5-GRAPHQL'), await graphql('R5-GRAPHQL')];
    expect(first.errors).toBeUndefined();
    expect(again.data).toEqual(first.data);
    expect((await graphql('R5-THIRD')).errors?.[0].extensions).toMatchObject({ code: 'idempotency.key-reused', status: 422 });
    const refusedKey = `refused-${crypto.randomUUID()}`;
    expect((await corp.post('/v1/items', { ...item('R5-FREE'), type: 'nonsense' }, { 'idempotency-key': refusedKey })).status).toBe(422);
    expect((await corp.post('/v1/items', item('R5-FREE'), { 'idempotency-key': refusedKey })).status).toBe(201);
  });

  it('needed, and of 16 to 255 characters', async () => {
    const send = (headers: Record<string, string>) => corp.send('POST', '/v1/items', item('R5-NEEDED'), headers);
    expect((await send({})).body).toMatchObject({ status: 400, code: 'idempotency.key-missing' });
    for (const key of ['short', 'x'.repeat(256), `ä${'x'.repeat(20)}`]) expect((await send({ 'idempotency-key': key })).status, key).toBe(400);
  });

  it('of one participant are nothing to another', async () => {
    const key = `private-${crypto.randomUUID()}`;
    const [one, other] = [corp, await gateway.client('CE', scopes)];
    expect((await one.post('/v1/items', item('R5-MINE'), { 'idempotency-key': key })).status).toBe(201);
    const theirs = await other.post('/v1/items', item('R5-THEIRS'), { 'idempotency-key': key });
    expect([theirs.status, theirs.headers['idempotency-replayed'], theirs.body.code]).toEqual([201, undefined, 'R5-THEIRS']);
    const same = await other.post('/v1/items', item('R5-MINE'), { 'idempotency-key': `${key}-2` });
    expect(same.status).toBe(409);
  });
});
