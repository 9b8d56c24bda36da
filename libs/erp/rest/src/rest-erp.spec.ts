import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createRestErp } from './rest-erp.js';

const call = () => ({ deadlineMs: 10_000, correlationId: 'c-1' });
const paging = { path: '/parts', rows: 'value', next: 'next', cursorParameter: 'skip', limitParameter: 'top' };
const configuration = (auth: object, part: object = {}) => ({
  product: 'P', release: '1', provenBy: 'contract-only', baseUrl: 'http://127.0.0.1:1/api', auth, ping: { path: '/ping' },
  limits: { callsPerSecond: 10, parallel: 4, batchRowsMax: 10 },
  records: {
    item: {
      one: { path: '/parts/{key}', updateMethod: 'PUT' }, list: paging, key: 'no',
      fields: [
        { attribute: 'weight', field: 'w', conversion: { kind: 'decimal', as: 'number' } },
        { attribute: 'state', field: 's', conversion: { kind: 'enum', codes: { AVAILABLE: 'UU' } } },
        { attribute: 'lot', field: 'l', conversion: { kind: 'boolean', yes: 'X', no: '' } },
      ],
      ...part,
    },
  },
});
const bearer = { kind: 'bearer', tokenSecret: 't' };

describe('REST adapter', () => {
  let app: FastifyInstance;
  afterEach(() => app.close());

  async function erp(auth: object, routes: (server: FastifyInstance) => void, secret: () => string = () => 's3cret', part: object = {}) {
    app = Fastify({ forceCloseConnections: true });
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    routes(app);
    const baseUrl = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api`;
    return createRestErp(configuration(auth, part), { baseUrl, secrets: secret });
  }

  it('logs in with client credentials once for many calls, and again when the ERP ends the token', async () => {
    const forms: string[] = [];
    let valid = 'none';
    const port = await erp({ kind: 'client-credentials', tokenPath: '/token', clientId: 'datum', clientSecret: 'cs' }, (server) => {
      server.post('/api/token', async (request) => {
        forms.push(String(request.body));
        valid = `token-${forms.length}`;
        return { access_token: valid, expires_in: 3600 };
      });
      server.get('/api/ping', async (request, reply) => (
        request.headers.authorization === `Bearer ${valid}` ? { ok: true } : reply.code(401).send()));
    });
    await Promise.all([port.ping(call()), port.ping(call()), port.ping(call())]);
    expect(forms).toEqual(['grant_type=client_credentials&client_id=datum&client_secret=s3cret']);
    valid = 'revoked';
    await port.ping(call());
    expect(forms).toHaveLength(2);
    await port.close();
  });

  it('does not send a refused client secret again until it changes', async () => {
    let secret = 'old';
    let logIns = 0;
    const port = await erp({ kind: 'client-credentials', tokenPath: '/token', clientId: 'datum', clientSecret: 'cs' }, (server) => {
      server.post('/api/token', async (request, reply) => {
        logIns += 1;
        return String(request.body).endsWith('=new') ? { access_token: 'a' } : reply.code(401).send({ error: 'invalid_client' });
      });
      server.get('/api/ping', async () => ({ ok: true }));
    }, () => secret);
    for (let time = 0; time < 3; time += 1) await expect(port.ping(call())).rejects.toMatchObject({ kind: 'auth' });
    expect(logIns).toBe(1);
    secret = 'new';
    await port.ping(call());
    expect(logIns).toBe(2);
    await port.close();
  });

  it('sends basic credentials and fills the key into the path safely', async () => {
    const seen: unknown[] = [];
    const port = await erp({ kind: 'basic', userName: 'u', passwordSecret: 'p' }, (server) => {
      server.get<{ Params: { no: string } }>('/api/parts/:no', async (request) => {
        seen.push(request.headers.authorization);
        return { no: request.params.no, w: 1.5, s: 'UU', l: 'X' };
      });
    });
    const record = await port.read('item', '00/7 $&?', call());
    expect(record).toMatchObject({ key: '00/7 $&?', attributes: { weight: '1.5', state: 'AVAILABLE', lot: true } });
    expect(seen).toEqual([`Basic ${Buffer.from('u:s3cret').toString('base64')}`]);
    await port.close();
  });

  it('leaves an unmapped code out and believes no inexact number and no foreign flag', async () => {
    const rows: Record<string, object> = {
      unmapped: { w: null, s: 'Z9', l: '' }, inexact: { w: 0.12345678901234567, s: 'UU', l: '' }, foreign: { w: 1, s: 'UU', l: 'Y' },
    };
    const port = await erp(bearer, (server) => {
      server.get<{ Params: { no: string } }>('/api/parts/:no', async ({ params }) => ({ no: params.no, ...rows[params.no] }));
    });
    expect((await port.read('item', 'unmapped', call()))?.attributes).toEqual({ weight: null, lot: false });
    for (const key of ['inexact', 'foreign']) await expect(port.read('item', key, call())).rejects.toMatchObject({ kind: 'unreadable' });
    await port.close();
  });

  it('sets a row aside that it cannot read, and delivers the others and all keys', async () => {
    const rows = [{ no: '1', w: 1, s: 'UU', l: '' }, { no: '2', w: 0.12345678901234567, s: 'UU', l: '' }, { no: '3', w: 3, s: 'UU', l: 'X' }];
    const port = await erp(bearer, (server) => {
      server.get('/api/parts', async () => ({ value: rows }));
    }, undefined, { changes: { ...paging, sinceParameter: 'since' } });
    expect(await port.keys('item', call())).toEqual(['1', '2', '3']);
    const delta = await port.changedSince('item', undefined, 10, call());
    expect(delta.records.map(({ key }) => key)).toEqual(['1', '3']);
    expect(delta.unreadable).toMatchObject([{ key: '2' }]);
    await port.close();
  });

  it('reads back when the ERP answers a write with nothing', async () => {
    let weight = 1;
    const port = await erp(bearer, (server) => {
      server.put<{ Body: { w: number } }>('/api/parts/7', async ({ body }, reply) => {
        weight = body.w;
        return reply.code(204).send();
      });
      server.get('/api/parts/7', async () => ({ no: '7', w: weight, s: 'UU', l: '' }));
    }, undefined, { writeAnswers: 'nothing' });
    const write = { recordType: 'item', key: '7', attributes: { weight: '2.25' }, deduplicationKey: 'd' };
    expect((await port.update(write, call())).attributes.weight).toBe('2.25');
    await expect(port.update({ ...write, attributes: { weight: '1.2345678901234567' } }, call())).rejects.toMatchObject({ kind: 'validation' });
    expect(port.manifest.entities[0]).toMatchObject({ create: false, concurrency: 'none', idempotency: 'natural-key' });
    await port.close();
  });

  it('stops when the pages of a list do not end', async () => {
    const port = await erp(bearer, (server) => {
      server.get('/api/parts', async () => ({ value: [{ no: '1', w: 1, s: 'UU', l: '' }], next: 'again' }));
    });
    await expect(port.keys('item', call())).rejects.toMatchObject({ kind: 'unavailable' });
    await port.close();
  });
});
