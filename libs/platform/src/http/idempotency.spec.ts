import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Module, Patch, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { gatewayContext, newContext } from '../context/request-context.js';
import { gatewayActor } from '../context/actor.js';
import { Database } from '../database/database.js';
import { invalid } from '../errors/app-error.js';
import { deleteExpiredKeys, idempotencyTtlMs, readIdempotencyKey, runIdempotent, type IdempotentRequest } from './idempotency.js';
import { Idempotent } from './idempotency.interceptor.js';
import { ProblemFilter } from './problem.filter.js';
import { bodyTextOf, created, Reply } from './reply.js';
import { ReplyInterceptor } from './reply.interceptor.js';
import { contextOf } from './request-context.js';
import { hardenServer, serverOptions } from './server.js';

let db: TestDatabase;
let app: NestFastifyApplication;
let fastify: FastifyInstance;

@Controller('v1/marks')
class MarkController {
  constructor(private readonly database: Database) {}

  @Post() @Idempotent()
  create(@Req() request: FastifyRequest, @Body() body: { name: string; fail?: boolean }): Promise<Reply> {
    return this.database.transaction(contextOf(request), async ({ tx }) => {
      const [row] = await tx.query<{ id: string }>('INSERT INTO mark (name) VALUES ($1) RETURNING id', [body.name]);
      await pause(20);
      if (body.fail) throw invalid('No.', []);
      return created(`/v1/marks/${row!.id}`, { id: row!.id, name: body.name }, { ETag: '"v1"', 'X-Other': 'x' });
    });
  }

  @Patch() @Idempotent('respond-async')
  patch(): Reply { return new Reply(202, { id: 1 }, { 'Preference-Applied': 'respond-async' }); }
}

@Module({ controllers: [MarkController], providers: [{ provide: Database, useFactory: () => db.database }] })
class MarkModule {}

beforeAll(async () => {
  db = await testDatabase({ poolMax: 20 });
  await db.database.query('CREATE TABLE mark (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)');
  const adapter = new FastifyAdapter(serverOptions(() => undefined));
  app = await NestFactory.create<NestFastifyApplication>(MarkModule, adapter, { logger: false, bodyParser: false });
  fastify = adapter.getInstance() as unknown as FastifyInstance;
  hardenServer(fastify);
  // Stands where the auth guard will: it says who calls.
  fastify.addHook('preHandler', (request, _reply, done) => {
    request.datumContext = newContext({ ...gatewayActor, clientId: String(request.headers['x-client'] ?? 'a') }, 'rest');
    done();
  });
  app.useGlobalFilters(new ProblemFilter(() => undefined));
  app.useGlobalInterceptors(new ReplyInterceptor());
  await app.init();
  await fastify.ready();
});

afterAll(async () => {
  await app?.close();
  await db?.close();
});

const post = (key: string | undefined, body: object, headers: Record<string, string> = {}) => fastify.inject({
  method: 'POST', url: '/v1/marks', payload: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }), ...headers },
});
const marks = async (name: string): Promise<number> =>
  (await db.database.query('SELECT 1 FROM mark WHERE name = $1', [name])).length;

describe('Idempotency-Key on a POST', () => {
  it('[R5] one effect per key under 50 concurrent requests × 10 keys, all others 409 or the same bytes', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => `race-key-number-${i}`);
    const storm = keys.flatMap((key) => Array.from({ length: 50 }, async () => ({ key, answer: await post(key, { name: key }) })));
    const answers = await Promise.all(storm);
    for (const key of keys) {
      expect(await marks(key)).toBe(1);
      const own = answers.filter((each) => each.key === key).map((each) => each.answer);
      const done = own.filter((answer) => answer.statusCode === 201);
      const busy = own.filter((answer) => answer.statusCode !== 201);
      expect(done.filter((answer) => answer.headers['idempotency-replayed'] === undefined)).toHaveLength(1);
      expect(new Set(done.map((answer) => `${answer.body} ${answer.headers.location} ${answer.headers.etag}`)).size).toBe(1);
      for (const answer of busy) {
        expect(answer.json()).toMatchObject({ status: 409, code: 'idempotency.in-progress' });
        expect(answer.headers['retry-after']).toBe('1');
      }
    }
    expect(answers.some(({ answer }) => answer.statusCode === 409)).toBe(true);
    const again = await post(keys[0], { name: keys[0]! });
    expect(again.statusCode).toBe(201);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', 'content-type': 'application/json; charset=utf-8' });
    expect(again.headers['x-other']).toBeUndefined();
  });

  it('[R5] another body under the same key is 422', async () => {
    expect((await post('another-body-key-1', { name: 'first' })).statusCode).toBe(201);
    const answer = await post('another-body-key-1', { name: 'second' });
    expect(answer.json()).toMatchObject({ status: 422, code: 'idempotency.key-reused', errors: [{ pointer: '#/header/Idempotency-Key' }] });
    expect(await marks('second')).toBe(0);
  });

  it('[R5] the key of one participant is unknown to another', async () => {
    const first = await post('participants-own-key', { name: 'mine' });
    const other = await post('participants-own-key', { name: 'mine' }, { 'x-client': 'b' });
    expect(other.statusCode).toBe(201);
    expect(other.headers['idempotency-replayed']).toBeUndefined();
    expect(other.body).not.toBe(first.body);
    expect(await marks('mine')).toBe(2);
  });

  it('a failed effect leaves nothing behind, and the key may be tried again', async () => {
    expect((await post('failing-key-number-1', { name: 'fails', fail: true })).statusCode).toBe(422);
    expect(await marks('fails')).toBe(0);
    expect((await post('failing-key-number-1', { name: 'fails' })).statusCode).toBe(201);
  });

  it('quoted and bare keys are the same key; a missing or bad key is 400', async () => {
    expect((await post('"quoted-key-number-1"', { name: 'quoted' })).statusCode).toBe(201);
    expect((await post('quoted-key-number-1', { name: 'quoted' })).headers['idempotency-replayed']).toBe('true');
    expect((await post(undefined, { name: 'none' })).json()).toMatchObject({ status: 400, code: 'idempotency.key-missing' });
    for (const key of ['short', 'x'.repeat(256), 'é'.repeat(20)]) {
      expect(() => readIdempotencyKey(key)).toThrow(expect.objectContaining({ code: 'idempotency.key-malformed', status: 400 }));
    }
  });

  it('a PATCH needs a key only with Prefer: respond-async', async () => {
    const patch = (headers: Record<string, string>) => fastify.inject({ method: 'PATCH', url: '/v1/marks', headers });
    expect((await patch({})).statusCode).toBe(202);
    expect((await patch({ prefer: 'respond-async, wait=5' })).json()).toMatchObject({ code: 'idempotency.key-missing' });
    const keyed = { 'prefer': 'respond-async', 'idempotency-key': 'patch-key-number-1' };
    expect((await patch(keyed)).statusCode).toBe(202);
    expect((await patch(keyed)).headers).toMatchObject({ 'idempotency-replayed': 'true', 'preference-applied': 'respond-async' });
  });
});

describe('runIdempotent', () => {
  const start = Date.parse('2026-03-04T14:00:00Z');
  const request = (now: number): IdempotentRequest =>
    ({ client: 'c', route: 'POST /x', key: 'ttl-key-number-1', fingerprint: 'f', now });

  it('[R5] a key is new again after 24 h', async () => {
    let effects = 0;
    const run = (now: number) => runIdempotent(db.database, gatewayContext(), request(now), async () => new Reply(200, { effect: ++effects }));
    expect(bodyTextOf(await run(start))).toBe('{"effect":1}');
    expect(bodyTextOf(await run(start + idempotencyTtlMs - 1))).toBe('{"effect":1}');
    expect(bodyTextOf(await run(start + idempotencyTtlMs))).toBe('{"effect":2}');
    expect((await run(start + idempotencyTtlMs + 1)).headers['Idempotency-Replayed']).toBe('true');
  });

  it('[R5] while one process runs the effect, another one learns so at once and gets the answer afterwards', async () => {
    const there = new Database(db.dataSource);
    const key = { ...request(start + 5_000), key: 'two-process-key-1' };
    let finish = (): void => undefined;
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => { started = resolve; });
    const first = runIdempotent(db.database, gatewayContext(), key, async () => {
      started();
      await new Promise<void>((resolve) => { finish = resolve; });
      return new Reply(200, { done: true });
    });
    await running;
    const second = () => runIdempotent(there, gatewayContext(), key, () => Promise.reject(new Error('ran twice')));
    await expect(second()).rejects.toMatchObject({ status: 409, code: 'idempotency.in-progress', retryAfterSeconds: 1 });
    finish();
    expect(bodyTextOf(await first)).toBe('{"done":true}');
    expect(bodyTextOf(await second())).toBe('{"done":true}');
  });

  it('deletes what has expired, and only that', async () => {
    const store = (key: string, now: number) =>
      runIdempotent(db.database, gatewayContext(), { ...request(now), key }, async () => new Reply(204));
    await store('old-key-number-001', start);
    await store('new-key-number-001', start + 1_000);
    const count = async () => (await db.database.query('SELECT 1 FROM idempotency_key WHERE key LIKE $1', ['%-key-number-001'])).length;
    expect(await count()).toBe(2);
    expect(await deleteExpiredKeys(db.database, start + idempotencyTtlMs)).toBe(1);
    expect(await count()).toBe(1);
  });
});
