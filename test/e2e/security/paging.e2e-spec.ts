import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../../support/gateway.js';
import { grounds, type Grounds } from './callers.js';

let here: Grounds;
let corp: TestClient;
let reader: TestClient;
let plantD: TestClient;
let ids: string[];

beforeAll(async () => {
  here = await grounds();
  corp = await here.gateway.client('CE', ['item.read', 'item.write']);
  reader = await here.gateway.client('PLN', ['item.read']);
  plantD = await here.gateway.client('CLD-EU', ['item.read', 'item.write'], ['D']);
  const items = Array.from({ length: 200 }, (_, i) => ({ op: 'create', attributes: { code: `PAGE-${String(i).padStart(4, '0')}`, type: 'finished', baseUnit: 'C62', state: 'active' } }));
  const created = await corp.post('/v1/items:batch', { data: items });
  ids = created.body.data.map(({ id }: { id: string }) => id);
  const parts = ids.slice(0, 120).map((itemId) => ({ op: 'create', attributes: { itemId, site: 'D', leadTimeDays: 3 } }));
  const added = await plantD.post('/v1/item-sites:batch', { data: parts });
  expect(added.body.data.every(({ status }: { status: string }) => status === 'created'), added.text.slice(0, 500)).toBe(true);
});
afterAll(async () => { await here?.gateway.close(); });

/** Walks a list to its end, with something happening between the pages. */
async function walk(query: string, between: (page: number) => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; ; page += 1) {
    const { status, body, headers, text } = await reader.get(`/v1/items?${query}${cursor === null ? '' : `&cursor=${cursor}`}`);
    expect(status, text.slice(0, 300)).toBe(200);
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.page.nextCursor;
    expect(body.page.hasMore).toBe(cursor !== null);
    expect(headers.link ?? '').toContain(cursor === null ? '' : 'rel="next"');
    if (cursor === null) return seen;
    await between(page);
  }
}

let inserted = 0;
const insert = async (): Promise<void> => {
  const code = (place: string) => `PAGE-${place}-${(inserted += 1)}`;
  const rows = ['0000', '0100', '0199', 'ZZZZ'].map((place) => ({ op: 'create', attributes: { code: code(place), type: 'finished', baseUnit: 'C62', state: 'active' } }));
  expect((await corp.post('/v1/items:batch', { data: rows })).status).toBe(200);
};

describe('[SEC10] paging', () => {
  it.each(['limit=17', 'limit=23&sort=code', 'limit=19&sort=-code,id', 'limit=29&filter[type][eq]=finished'])(
    '?%s under concurrent inserts: no row twice, none that was there is missing', async (query) => {
      const seen = await walk(query, insert);
      expect(new Set(seen).size).toBe(seen.length);
      expect(ids.filter((id) => !seen.includes(id))).toEqual([]);
    });

  it('a cursor that is forged, foreign, of another list, filter or order is 400', async () => {
    const { body } = await reader.get('/v1/items?limit=5&sort=code');
    const cursor = body.page.nextCursor as string;
    const flipped = (cursor[0] === 'A' ? 'B' : 'A') + cursor.slice(1);
    const attempts: [TestClient, string][] = [
      [reader, `/v1/items?limit=5&sort=code&cursor=${flipped}`], [corp, `/v1/items?limit=5&sort=code&cursor=${cursor}`],
      [reader, `/v1/items?limit=5&sort=-code&cursor=${cursor}`], [reader, `/v1/items?limit=5&sort=code&filter[type][eq]=raw&cursor=${cursor}`],
      [reader, `/v1/item-sites?cursor=${cursor}`], [reader, `/v1/items?cursor=${'x'.repeat(40)}`], [reader, `/v1/items?cursor=${Buffer.from('["k",1,["a"]]').toString('base64url').padEnd(40, 'A')}`],
    ];
    for (const [client, url] of attempts) expect((await client.get(url)).body.code, url).toBe('cursor.invalid');
    expect((await reader.get(`/v1/items?limit=500&sort=code&cursor=${cursor}`)).status, 'another limit is fine').toBe(200);
    expect((await reader.graphql('query($after: String) { items(first: 5, after: $after) { nodes { id } } }', { after: flipped })).errors?.[0].extensions.code).toBe('cursor.invalid');
  });

  it('500 at most, and an answer stays small', async () => {
    const { text, body } = await reader.get('/v1/items?limit=500&include=provenance');
    expect(body.data.length).toBeGreaterThan(200);
    expect(Buffer.byteLength(text)).toBeLessThan(8 * 1024 * 1024);
  });

  it('filters and sorts are only what is declared', async () => {
    for (const query of ['filter[drawing][eq]=x', 'filter[code][regex]=x', 'sort=drawing', 'sort=code,code', 'expand=secret', 'include=secret', 'offset=5', 'filter[code]=x', "sort=code;DROP"]) {
      const answer = await reader.get(`/v1/items?${query}`);
      expect([answer.status, answer.body.errors?.[0].pointer !== undefined], query).toEqual([400, true]);
    }
  });
});

describe('[SEC25] GraphQL', () => {
  const refused: [name: string, query: string, code: string][] = [
    ['aliases', `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: item(id: "x") { id }`).join(' ')} }`, 'graphql.aliases'],
    ['20,000 aliases', `{ ${Array.from({ length: 20_000 }, (_, i) => `a${i}:__typename`).join(' ')} }`, 'graphql.characters'],
    ['tokens', `{ ${'__typename '.repeat(2_100)} }`, 'graphql.tokens'],
    ['directives', `{ items { nodes { id ${'@skip(if: false) '.repeat(60)} } } }`, 'graphql.directives'],
    ['a fragment cycle', 'query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }', 'graphql.fragment-cycle'],
    ['page size', '{ items(first: 101) { nodes { id } } }', 'graphql.page-size'],
    ['an unknown field', '{ items { nodes { passwrd } } }', 'graphql.invalid'],
  ];
  it.each(refused)('%s: refused with 4xx', async (_name, query, code) => {
    const answer = await reader.graphql(query);
    expect(answer.status, JSON.stringify(answer).slice(0, 300)).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.errors?.[0].extensions.code).toBe(code);
    expect(JSON.stringify(answer)).not.toContain('Did you mean');
  });

  it('depth beyond 10 levels, through the schema\'s own relations', async () => {
    const nested = (levels: number): string => (levels === 0 ? 'id' : `item { sites { ${nested(levels - 1)} } }`);
    const answer = await reader.graphql(`{ itemSites(first: 1) { nodes { ${nested(6)} } } }`);
    expect([answer.status, answer.errors?.[0].extensions.code]).toEqual([400, 'graphql.depth']);
  });

  it('cost beyond the budget is refused before anything runs, and can be asked first', async () => {
    const query = '{ items(first: 100) { nodes { sites { id item { sites { id item { id code } } } } } } }';
    const statements = await statementsDuring(async () => {
      const answer = await reader.graphql(query);
      expect([answer.status, answer.errors?.[0].extensions.code]).toEqual([400, 'graphql.cost']);
      expect(answer.errors?.[0].extensions).toMatchObject({ limit: 10_000, requested: expect.any(Number) });
    });
    expect(statements).toEqual([]);
    const asked = await reader.send('POST', '/graphql', { query }, { 'graphql-cost': 'only' });
    expect(asked.body.extensions.cost.requested).toBeGreaterThan(10_000);
  });

  it('nobody sees the schema without a token, and a browser cannot be made to ask', async () => {
    const inject = (options: object) => here.gateway.app.inject(options as never);
    const introspection = { method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json' }, payload: { query: '{ __schema { types { name } } }' } };
    expect((await inject(introspection)).statusCode).toBe(401);
    const authorization = `Bearer ${reader.token}`;
    const batch = { ...introspection, headers: { ...introspection.headers, authorization }, payload: [{ query: '{ __typename }' }] };
    expect((await inject(batch)).statusCode).toBe(400);
    const plain = { method: 'POST', url: '/graphql', headers: { 'content-type': 'text/plain', authorization }, payload: '{"query":"{ __typename }"}' };
    expect((await inject(plain)).statusCode).toBe(415);
    const mutation = encodeURIComponent('mutation { updateItem(input: {idempotencyKey: "0123456789abcdef", id: "x", ifMatch: 1, attributes: {}}) { record { id } } }');
    expect((await inject({ method: 'GET', url: `/graphql?query=${mutation}`, headers: { authorization } })).statusCode).toBe(405);
    expect((await inject({ method: 'GET', url: '/graphql?query=%7B__typename%7D' })).statusCode).toBe(400);
  });

  it('a filter of a wrong kind is the caller\'s mistake', async () => {
    const answer = await reader.graphql('{ itemSites(where: { itemId: "no-id" }) { nodes { id } } }');
    expect(answer.errors?.[0].extensions.status, JSON.stringify(answer)).toBeLessThan(500);
    const instant = await reader.graphql('{ items(where: { updatedAt: "yesterday" }) { nodes { id } } }');
    expect(instant.errors?.[0].extensions.status, JSON.stringify(instant)).toBeLessThan(500);
  });

  const nestedQueries: [name: string, query: string, nodes: (data: any) => any[]][] = [
    ['a connection of 100 with the record each refers to', '{ itemSites(first: 100) { nodes { id leadTimeDays item { code } } } }', (data) => data.itemSites.nodes.map((node: any) => node.item.code)],
    ['a connection of 100 with the list below each', '{ items(first: 100) { nodes { code sites { site leadTimeDays } } } }', (data) => data.items.nodes.flatMap((node: any) => node.sites)],
    ['two levels', '{ itemSites(first: 20) { nodes { item { code sites { site } } } } }', (data) => data.itemSites.nodes.flatMap((node: any) => node.item.sites)],
  ];
  it.each(nestedQueries)('N+1: %s takes at most 3 statements', async (_name, query, nodes) => {
    await reader.graphql('{ __typename }');
    let found: unknown[] = [];
    const statements = await statementsDuring(async () => {
      const answer = await reader.graphql(query);
      expect(answer.errors).toBeUndefined();
      found = nodes(answer.data);
    });
    expect(found.length).toBeGreaterThanOrEqual(20);
    expect(found.every((each) => each !== null && each !== undefined)).toBe(true);
    expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(3);
    expect(statements.length).toBeGreaterThan(0);
  });
});

/** The SQL that governed tables saw meanwhile; the ledger's own readers run in the background and are left out. */
async function statementsDuring(work: () => Promise<void>): Promise<string[]> {
  const { database } = here.gateway.runtime;
  const seen: string[] = [];
  const query = database.query.bind(database);
  const named = database.named.bind(database);
  const note = (sql: string): void => { if (!/ledger|idempotency|durable|registry|operation/.test(sql)) seen.push(sql.slice(0, 120)); };
  database.query = ((sql: string, parameters?: readonly unknown[]) => { note(sql); return query(sql, parameters); });
  database.named = ((name: string, sql: string, values?: unknown[]) => { note(sql); return named(name, sql, values); });
  try {
    await work();
  } finally {
    database.query = query;
    database.named = named;
  }
  return seen;
}

describe('[SEC32] the answers of this suite', () => {
  it('have no 5xx and show nothing of the inside', () => {
    expect(here.hygiene.serverErrors).toEqual([]);
    expect(here.hygiene.leaks).toEqual([]);
  });
});
