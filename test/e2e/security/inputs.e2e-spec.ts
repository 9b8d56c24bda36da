import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { connect, type AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../../support/gateway.js';
import { grounds, type Grounds } from './callers.js';

let here: Grounds;
let corp: TestClient;
let port: number;
let itemId: string;
const agent = new Agent({ connections: 10 });

beforeAll(async () => {
  here = await grounds();
  corp = await here.gateway.client('CE', here.scopes);
  await here.gateway.app.listen(0, '127.0.0.1');
  port = (here.gateway.app.getHttpServer() as { address(): AddressInfo }).address().port;
  const created = await corp.post('/v1/items', { code: 'INPUT', type: 'finished', baseUnit: 'C62', state: 'active' });
  itemId = created.body.id;
});
afterAll(async () => {
  await agent.close();
  await here?.gateway.close();
});

interface Sent { status: number; body: any; text: string; ms: number }

/** Over a real socket, with the bytes as they are. */
async function send(method: string, path: string, options: { body?: string | Buffer; headers?: Record<string, string> } = {}): Promise<Sent> {
  const started = performance.now();
  const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, {
    method: method as 'POST', dispatcher: agent, ...(options.body === undefined ? {} : { body: options.body }),
    headers: {
      authorization: `Bearer ${corp.token}`, 'idempotency-key': crypto.randomUUID(), 'if-match': '*',
      ...(options.body === undefined ? {} : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }), ...options.headers,
    },
  });
  const text = await body.text();
  const ms = performance.now() - started;
  here.hygiene.read(`${method} ${path.slice(0, 100)}`, statusCode, text);
  return { status: statusCode, text, ms, body: /^\s*\{/.test(text) ? JSON.parse(text) : undefined };
}
const post = (body: string | Buffer, headers?: Record<string, string>) => send('POST', '/v1/items', { body, ...(headers ? { headers } : {}) });
const patch = (body: string) => send('PATCH', `/v1/items/${itemId}`, { body });
const graphql = (variables: string) => send('POST', '/graphql', {
  body: `{"query": "mutation($input: UpdateItemInput!) { updateItem(input: $input) { record { id } } }", "variables": ${variables}}`,
});
const pointers = ({ body }: Sent): string[] => (body?.errors ?? []).map((each: any) => each.pointer ?? each.extensions?.errors?.[0]?.pointer);

/** Everything that was thrown at it leaves the process answering and its objects clean. */
async function expectUnharmed(): Promise<void> {
  expect((await send('GET', `/v1/items/${itemId}`)).status).toBe(200);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

describe('[SEC1] JSON', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const bodies: [name: string, body: string, status: number, boundMs?: number][] = [
    ['33 levels', deep(33), 400],
    ['200,000 brackets', '['.repeat(200_000), 400, 1_000],
    ['80,000 unknown keys', `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join()}}`, 400, 1_000],
    ['a key twice', '{"code": "A", "code": "B"}', 400],
    ['__proto__', '{"__proto__": {"polluted": true}}', 400],
    ['constructor.prototype', '{"description": {"constructor": {"prototype": {"polluted": true}}}}', 400],
    ['no JSON', '{"code": }', 400], ['a comma at the end', '{"code": "A",}', 400], ['NaN', '{"leadTimeDays": NaN}', 422], ['nothing', '', 400],
    ['an array', '[]', 400], ['a text', '"text"', 400], ['null', 'null', 400], ['two values', '{} {}', 400],
    ['1,001 keys in an object', `{"attributes": {${Array.from({ length: 1_001 }, (_, i) => `"k${i}":"1"`).join()}}}`, 400],
  ];
  it.each(bodies)('%s', async (_name, body, status, boundMs) => {
    const sent = await (body === '' ? send('POST', '/v1/items', { body, headers: { 'content-length': '0' } }) : post(body));
    expect(sent.status, sent.text).toBe(status);
    expect(Buffer.byteLength(sent.text)).toBeLessThan(8_192);
    if (boundMs) expect(sent.ms).toBeLessThan(boundMs);
    await expectUnharmed();
  });

  it('[SEC9] many keys that look like numbers, and many parameters', async () => {
    const numbers = `{"attributes": {${Array.from({ length: 10_000 }, (_, i) => `"${i}":"1"`).join()}}}`;
    expect((await post(numbers)).status).toBe(400);
    const parameters = (n: number) => Array.from({ length: n }, (_, i) => `p${i}=1`).join('&');
    expect((await send('GET', `/v1/items?${parameters(101)}`)).body.code).toBe('query.too-many-parameters');
    expect((await send('GET', `/v1/items?${parameters(100)}`)).body.code).toBe('query.unknown-parameter');
    expect((await send('GET', '/v1/items?limit=1&limit=2')).body.code).toBe('query.repeated');
    expect((await send('GET', `/v1/items?${'x'.repeat(9_000)}=1`)).status).toBe(400);
  });
});

describe('[SEC2] text', () => {
  const bad: [name: string, escaped: string, percent: string | undefined][] = [
    ['NUL', '\\u0000', '%00'], ['a control character', '\\u0007', '%07'], ['half a surrogate pair', '\\ud800', undefined], ['DEL', '\\u007f', '%7F'],
  ];
  it.each(bad)('%s is 422 with its pointer in body, batch row, query and path', async (_name, escaped, percent) => {
    const inBody = await patch(`{"legacyCode": "a${escaped}b"}`);
    expect([inBody.status, pointers(inBody)]).toEqual([422, ['#/legacyCode']]);
    const nested = await patch(`{"description": {"en": "a${escaped}"}}`);
    expect([nested.status, pointers(nested)]).toEqual([422, ['#/description/en']]);
    const inKey = await patch(`{"attributes": {"a${escaped}": "x"}}`);
    expect(inKey.status).toBe(422);
    const row = await send('POST', '/v1/items:batch', { body: `{"data": [{"attributes": {"code": "A"}}, {"attributes": {"code": "${escaped}"}}]}` });
    expect([row.status, pointers(row)]).toEqual([422, ['#/data/1/attributes/code']]);
    const variable = await graphql(`{"input": {"idempotencyKey": "0123456789abcdef", "id": "${itemId}", "ifMatch": 1, "attributes": {"legacyCode": "${escaped}"}}}`);
    expect([400, 422], variable.text).toContain(variable.status);
    expect(pointers(variable)[0]).toContain('/legacyCode');
    if (percent === undefined) return;
    const inQuery = await send('GET', `/v1/items?filter[code][eq]=${percent}`);
    expect([inQuery.status, pointers(inQuery)]).toEqual([422, ['#/query/filter[code][eq]']]);
    expect((await send('GET', `/v1/items/${percent}`)).status).toBe(422);
    expect((await send('GET', `/v1/items${percent}`)).status).toBe(422);
  });

  it('a literal in a GraphQL document is no way round', async () => {
    const query = `mutation { updateItem(input: {idempotencyKey: "0123456789abcdef", id: "${itemId}", ifMatch: 1, attributes: {legacyCode: "\\u0000"}}) { record { id } } }`;
    const sent = await send('POST', '/graphql', { body: JSON.stringify({ query }) });
    expect([400, 422]).toContain(sent.status);
  });

  it('bytes that are no UTF-8 are 400, in body, query and path; other charsets 415', async () => {
    expect((await post(Buffer.from('{"code": "\xff\xfe"}', 'latin1'))).status).toBe(400);
    expect((await send('GET', '/v1/items?filter[code][eq]=%FF')).status).toBe(400);
    expect((await send('GET', '/v1/items/%C0%AF')).status).toBe(400);
    expect((await post('{}', { 'content-type': 'application/json; charset=utf-16' })).status).toBe(415);
  });

  it('control characters in a header never arrive', async () => {
    const raw = await rawRequest(`GET /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${corp.token}\r\nX-Request-Id: a\x00b\r\nConnection: close\r\n\r\n`);
    expect(raw).toMatch(/^HTTP\/1.1 4\d\d /);
    const odd = await rawRequest(`GET /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${corp.token}\r\nX-Note: a\x1fb\r\nConnection: close\r\n\r\n`);
    expect(odd).toMatch(/^HTTP\/1.1 4\d\d /);
  });

  it('is kept in NFC, whatever form it came in, and found in any', async () => {
    const decomposed = 'Gro\u0308\u00dfe';
    expect((await patch(JSON.stringify({ legacyCode: decomposed }))).body.legacyCode).toBe('Gr\u00f6\u00dfe');
    const found = await send('GET', `/v1/items?filter[legacyCode][eq]=${encodeURIComponent(decomposed)}`);
    expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([itemId]);
  });
});

describe('[SEC3] numbers are exact or refused', () => {
  const amount = (text: string) => patch(`{"standardCost": {"amount": ${text}, "currency": "USD"}}`);
  it.each([
    ['"0.1"', '0.1'], ['"12.50"', '12.5'], ['"123456789012345678.0123456789"', undefined], ['"99999999999999.0123456789"', '99999999999999.0123456789'],
    ['0.3', '0.3'], ['9007199254740993', undefined], ['1e400', undefined], ['"1e5"', undefined], ['"NaN"', undefined], ['"Infinity"', undefined], ['-0', undefined],
    ['"-0"', undefined], ['"1e100000"', undefined], ['"0.12345678901"', undefined], ['"١٢"', undefined], ['" 1"', undefined], ['""', undefined], ['true', undefined],
  ])('%s as an amount → %s', async (text, kept) => {
    const sent = await amount(text);
    expect(sent.status, sent.text).toBe(kept === undefined ? 422 : 200);
    if (kept === undefined) expect(pointers(sent)[0]).toBe('#/standardCost/amount');
    else expect(sent.body.standardCost.amount).toBe(kept);
    const { version } = (await send('GET', `/v1/items/${itemId}`)).body;
    const variable = await graphql(`{"input": {"idempotencyKey": "${crypto.randomUUID()}", "id": "${itemId}", "ifMatch": ${version}, "attributes": {"standardCost": {"amount": ${text}, "currency": "USD"}}}}`);
    expect(variable.status).toBeLessThan(500);
    // A decimal is a string there; a number is no value of the type.
    expect(variable.body.errors === undefined, variable.text).toBe(kept !== undefined && text.startsWith('"'));
  });

  it.each(['2147483648', '1.5', '1e2', '"5"', '9223372036854775808', '-0', 'null'])('%s as a whole number', async (text) => {
    const sent = await send('POST', '/v1/item-sites:batch', { body: `{"data": [{"attributes": {"itemId": "${itemId}", "site": "A", "leadTimeDays": ${text}}}]}` });
    const status = sent.status === 200 ? (sent.body.data[0].problem?.status ?? 200) : sent.status;
    // 1e2 is a whole number, null clears: both then meet the owner, who is another.
    expect(status, sent.text).toBe(text === '1e2' || text === 'null' ? 403 : 422);
  });

  it.each(['limit=1e2', 'limit=0', 'limit=-1', 'limit=1000000000', 'limit=501', 'limit=0x10', 'limit=', 'maxAgeSeconds=-1', 'filter[updatedAt][gt]=0', 'filter[id][eq]=1', "filter[id][eq]=' OR 1=1--"])(
    '[SEC10] ?%s is 400', async (query) => {
      const sent = await send('GET', `/v1/items?${query.replaceAll(' ', '%20')}`);
      expect(sent.status, sent.text).toBe(400);
      expect(pointers(sent)[0]).toBe(`#/query/${query.split('=')[0]}`);
    });
});

describe('[SEC4] dates', () => {
  const wrong = ['0000-01-01T00:00:00Z', '9999-12-31T00:00:00Z', '300000-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-06-30T23:59:60Z', '2026-03-04T14:00:00+25:00', '2026-03-04', '1772632800', '2026-03-04T14:00:00', '2026-13-01T00:00:00Z'];
  it.each(wrong)('%s is no instant: in a body, a row, a query and a variable', async (text) => {
    const body = { recordType: 'item', recordId: itemId, system: 'CE', code: 'D', status: 'active', validFrom: text };
    const created = await send('POST', '/v1/local-keys', { body: JSON.stringify(body) });
    expect([created.status, pointers(created)]).toEqual([422, ['#/validFrom']]);
    const row = await send('POST', '/v1/items:batch', { body: JSON.stringify({ data: [{ op: 'update', id: itemId, attributes: {}, validFrom: text }] }) });
    expect(row.body.data[0].problem.errors[0].pointer).toBe('#/validFrom');
    for (const name of ['asOf', 'knownAt', 'filter[updatedAt][gt]']) {
      const target = name.startsWith('filter') ? '/v1/items' : `/v1/items/${itemId}`;
      const query = await send('GET', `${target}?${name}=${encodeURIComponent(text)}`);
      expect([query.status, pointers(query)], name).toEqual([400, [`#/query/${name}`]]);
    }
    const variables = { input: { idempotencyKey: crypto.randomUUID(), attributes: body } };
    const mutation = await send('POST', '/graphql', { body: JSON.stringify({ query: 'mutation($input: CreateLocalKeyInput!) { createLocalKey(input: $input) { record { id } } }', variables }) });
    expect(mutation.status).toBe(400);
  });
});

describe('[SEC5] sizes', () => {
  const mebibyte = 1024 * 1024;
  const filled = (bytes: number) => { const head = '{"legacyCode": "'; return `${head}${'x'.repeat(bytes - head.length - 2)}"}`; };

  it('1 MiB is read, one byte more is 413', async () => {
    const [at, beyond] = [await patch(filled(mebibyte)), await patch(filled(mebibyte + 1))];
    expect([at.status, pointers(at)]).toEqual([422, ['#/legacyCode']]);
    expect([beyond.status, beyond.body.code]).toEqual([413, 'body.too-large']);
    expect(Buffer.byteLength(at.text)).toBeLessThan(8_192);
  });

  it('a bomb stops at the limit, in gzip and brotli', async () => {
    const zeros = Buffer.alloc(128 * mebibyte);
    const bombs = [['gzip', gzipSync(zeros, { level: 1 })], ['br', brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })]] as const;
    const before = process.memoryUsage().rss;
    for (const [encoding, body] of bombs) {
      expect(body.length).toBeLessThan(mebibyte);
      expect((await post(body, { 'content-encoding': encoding })).status, encoding).toBe(413);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * mebibyte);
  }, 60_000);

  it('what says it is encoded and is not is 400; an encoding nobody knows 415; a type nobody reads 415', async () => {
    expect((await post('{}', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post('{}', { 'content-encoding': 'zstd' })).status).toBe(415);
    expect((await post('<a/>', { 'content-type': 'application/xml' })).status).toBe(415);
    expect((await post(gzipSync('{"code": "GZ"}'), { 'content-encoding': 'gzip' })).status).toBe(422);
  });

  it('a batch of 501 rows is refused, and a row that is no object for itself', async () => {
    const rows = (n: number) => JSON.stringify({ data: Array.from({ length: n }, () => ({ attributes: {} })) });
    expect((await send('POST', '/v1/items:batch', { body: rows(501) })).status).toBe(422);
    const odd = await send('POST', '/v1/items:batch', { body: '{"data": [null, 5, "x", [], {"op": "delete", "attributes": {}}, {"id": "no-id", "attributes": {}}, {"id": "\'; DROP TABLE item; --", "attributes": {}}]}' });
    expect(odd.status, odd.text).toBe(200);
    expect(odd.body.data.map(({ problem }: any) => problem?.status)).toEqual([422, 422, 422, 422, 422, 422, 422]);
  });
});

/** One request written by hand, and whatever comes back until the connection ends. */
function rawRequest(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')));
    let answer = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => { answer += chunk.toString('latin1'); });
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });
}

describe('[SEC32] the answers of this suite', () => {
  it('have no 5xx and show nothing of the inside', async () => {
    expect(here.hygiene.answers).toBeGreaterThan(150);
    expect(here.hygiene.serverErrors).toEqual([]);
    expect(here.hygiene.leaks).toEqual([]);
    await expectUnharmed();
  });
});
