import 'reflect-metadata';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import {
  Body, Controller, Get, HttpException, Module, Param, ParseUUIDPipe, Patch, Post, Query, Req, ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError, forbidden } from '../errors/app-error.js';
import { etagOf } from './etag.js';
import { parseListQuery } from './list-query.js';
import type { ProblemLogEntry } from './problem-log.js';
import { ProblemFilter } from './problem.filter.js';
import { problemOf } from './problem.js';
import { ok, RawJson, Reply } from './reply.js';
import { ReplyInterceptor } from './reply.interceptor.js';
import { hardenServer, serverOptions } from './server.js';
import { rawQueryOf } from './text-hook.js';
import { validationProblem } from './validation-problem.js';

class PriceInput {
  @IsInt() amount!: number;
}

class ItemInput {
  @IsString() code!: string;
  @ValidateNested() @Type(() => PriceInput) price!: PriceInput;
}

const secret = 'select password from credential where path = /var/lib/datum';

@Controller('v1/things')
class ThingController {
  @Get() list(@Req() request: FastifyRequest): Reply {
    return ok({ data: [], page: { nextCursor: null, hasMore: false }, limit: parseListQuery(rawQueryOf(request), { fields: {} }).limit });
  }

  @Get('echo') echo(@Query('text') text: string): Reply { return ok({ text }); }

  @Get('raw') raw(): Reply { return ok(new RawJson('{"a" : 1}')); }

  @Get('fails') fails(): never {
    throw new Error('outer', { cause: new Error(secret, { cause: Object.assign(new Error('inner'), { code: 'XX000' }) }) });
  }

  @Get('teapot') teapot(): never { throw new HttpException(secret, 418); }

  @Get('owned') owned(): never {
    throw new AppError('ownership', 'ownership.violation', 'CE decides this.', { details: { owner: 'CE', status: 1, constraint: 'x_pkey' } });
  }

  @Get('limited') limited(): never {
    throw new AppError('limit', 'rate.limited', 'Slow down.', { retryAfterSeconds: 2.4 });
  }

  @Get('anonymous') anonymous(): never {
    throw new AppError('unauthenticated', 'token.invalid', 'No.', { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
  }

  @Get('uuid/:id') uuid(@Param('id', ParseUUIDPipe) id: string): Reply { return ok({ id }); }

  @Get(':id') read(@Param('id') id: string): Reply { return ok({ id }, { ETag: etagOf(17), 'Datum-Freshness': 'fresh' }); }

  @Patch(':id') patch(@Body() body: unknown): Reply { return new Reply(202, body, { Location: '/v1/operations/1' }); }

  @Post() create(@Body() input: ItemInput): Reply { return new Reply(201, input); }

  @Post('any') any(@Body() body: Record<string, unknown>): Reply { return ok(body); }

  @Post('stream') async stream(@Req() request: FastifyRequest): Promise<Reply> {
    let bytes = 0;
    for await (const chunk of request.body as AsyncIterable<Buffer>) bytes += chunk.length;
    return ok({ bytes });
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

let app: NestFastifyApplication;
let fastify: FastifyInstance;
let port: number;
const logged: ProblemLogEntry[] = [];

beforeAll(async () => {
  const log = (entry: ProblemLogEntry): void => void logged.push(entry);
  const adapter = new FastifyAdapter(serverOptions(log));
  app = await NestFactory.create<NestFastifyApplication>(ThingModule, adapter, { logger: false, bodyParser: false });
  fastify = adapter.getInstance() as unknown as FastifyInstance;
  hardenServer(fastify, { streamTypes: ['application/x-ndjson'], streamLimitBytes: 3_000_000 });
  app.useGlobalFilters(new ProblemFilter(log));
  app.useGlobalInterceptors(new ReplyInterceptor());
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true, exceptionFactory: validationProblem }));
  await app.listen(0, '127.0.0.1');
  port = (fastify.server.address() as AddressInfo).port;
});

afterAll(() => app.close());
beforeEach(() => { logged.length = 0; });

const get = (url: string, headers: Record<string, string> = {}) => fastify.inject({ method: 'GET', url, headers });
const post = (body: string | Buffer, headers: Record<string, string> = {}, url = '/v1/things/any') =>
  fastify.inject({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, payload: body });

/** Sends bytes as they are and gives everything that comes back until the connection ends. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return text;
}

describe('replies', () => {
  it('carry status, headers and a body serialised once', async () => {
    const answer = await fastify.inject({ method: 'PATCH', url: '/v1/things/1', headers: { 'content-type': 'application/merge-patch+json' }, payload: '{"a":null}' });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', location: '/v1/operations/1', 'x-content-type-options': 'nosniff' });
    expect(answer.body).toBe('{"a":null}');
    expect((await get('/v1/things/raw')).body).toBe('{"a" : 1}');
  });

  it('answer 304 without a body when the caller has the version', async () => {
    const fresh = await get('/v1/things/7', { 'if-none-match': '"v16"' });
    expect(fresh).toMatchObject({ statusCode: 200, body: '{"id":"7"}' });
    expect(fresh.headers['cache-control']).toBe('private, no-cache');
    const same = await get('/v1/things/7', { 'if-none-match': 'W/"v17"' });
    expect(same).toMatchObject({ statusCode: 304, body: '' });
    expect(same.headers).toMatchObject({ etag: '"v17"', 'datum-freshness': 'fresh' });
    expect((await get('/v1/things/7', { 'if-none-match': 'v17' })).statusCode).toBe(400);
  });

  it('carry the caller\'s request id when it is harmless', async () => {
    expect((await get('/v1/things/1', { 'x-request-id': 'abc.1_2-3' })).headers['x-request-id']).toBe('abc.1_2-3');
    const made = (await get('/v1/things/1', { 'x-request-id': 'a b' })).headers['x-request-id'];
    expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

describe('problems', () => {
  it('[SEC32] say nothing of a foreign error, and its chain of causes is logged once', async () => {
    const answer = await get('/v1/things/fails', { 'x-request-id': 'r-1' });
    expect(answer.statusCode).toBe(500);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toEqual({
      type: '/problems/internal', title: 'Internal error', status: 500, detail: 'Something went wrong on our side.',
      instance: '/v1/things/fails', code: 'internal', requestId: 'r-1',
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ level: 'error', requestId: 'r-1', route: '/v1/things/fails' });
    expect(logged[0]!.causes.map((cause) => cause.message)).toEqual(['Something went wrong on our side.', 'outer', secret, 'inner']);
  });

  it('[SEC32] repeat no text of framework errors', async () => {
    const answer = await get('/v1/things/teapot');
    expect(answer.statusCode).toBe(418);
    expect(answer.body).not.toContain('select');
    expect((await get('/v1/things/uuid/5')).json()).toMatchObject({ status: 400, code: 'request.malformed' });
  });

  it('name the owner, and details cannot replace standard members', async () => {
    expect((await get('/v1/things/owned?x=1')).json()).toEqual(expect.objectContaining({
      type: '/problems/ownership-violation', title: 'Another system decides this', status: 403, code: 'ownership.violation', owner: 'CE', instance: '/v1/things/owned',
    }));
    expect((await get('/v1/things/owned')).body).not.toContain('x_pkey');
  });

  it('carry Retry-After and WWW-Authenticate', async () => {
    const limited = await get('/v1/things/limited');
    expect(limited.headers['retry-after']).toBe('3');
    expect(limited.json()).toMatchObject({ status: 429, type: 'https://iana.org/assignments/http-problem-types#quota-exceeded' });
    expect((await get('/v1/things/anonymous')).headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  it('tell a missing path from a wrong method', async () => {
    expect((await get('/v1/nothing')).json()).toMatchObject({ status: 404, code: 'route.not-found', type: '/problems/route-not-found' });
    const wrong = await fastify.inject({ method: 'DELETE', url: '/v1/things/7?x=1' });
    expect(wrong.statusCode).toBe(405);
    expect(wrong.headers.allow).toBe('GET, HEAD, PATCH');
    expect(wrong.json()).toMatchObject({ code: 'route.method-not-allowed' });
  });

  it('point at every broken rule of a body', async () => {
    const answer = await post('{"code":5,"price":{"amount":1.5,"id":1},"owner":"x"}', {}, '/v1/things');
    expect(answer.statusCode).toBe(422);
    const errors = (answer.json() as { errors: { pointer: string; code: string }[] }).errors.map(({ pointer, code }) => `${pointer} ${code}`);
    expect(errors.sort()).toEqual(['#/code value.is-string', '#/owner attribute.unknown', '#/price/amount value.is-int', '#/price/id attribute.unknown']);
  });

  it('have a page behind their type', async () => {
    expect((await get('/problems/ownership-violation')).json()).toMatchObject({ code: 'ownership.violation' });
    const page = await get('/problems/ownership-violation', { accept: 'text/html' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<h1>Another system decides this</h1>');
    expect((await get('/problems/constructor')).statusCode).toBe(404);
  });

  it('stand in rows without an address', () => {
    expect(problemOf(forbidden('site.foreign', 'No.'), 'r-1')).toEqual({
      type: '/problems/site-foreign', title: 'Not allowed', status: 403, detail: 'No.', code: 'site.foreign', requestId: 'r-1',
    });
  });
});

describe('bodies', () => {
  it('[SEC1] hostile JSON is answered small, soon and without blocking', async () => {
    const keys = `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":${i % 10}`).join(',')}}`;
    const started = performance.now();
    const many = await post(keys);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(many.statusCode).toBe(400);
    expect(many.rawPayload.length).toBeLessThan(8_192);
    expect((await post('['.repeat(200_000))).statusCode).toBe(400);
    expect((await post('{"a":1,"a":2}')).statusCode).toBe(400);
    expect((await post('{"__proto__":{"polluted":true}}')).statusCode).toBe(400);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('[SEC5] take 1 MiB and refuse one byte more, plain or encoded', async () => {
    const full = `"${'x'.repeat(1024 * 1024 - 2)}"`;
    expect((await post(`{"a":${full.slice(0, -7)}"}`)).statusCode).toBe(200);
    expect((await post(` ${full}`)).statusCode).toBe(413);
    expect((await post(gzipSync(` ${full}`), { 'content-encoding': 'gzip' })).statusCode).toBe(413);
  });

  it('[SEC5] are decoded from gzip, deflate and br, and nothing else', async () => {
    const json = '{"a":"ü"}';
    for (const [encoding, bytes] of [['gzip', gzipSync(json)], ['deflate', deflateSync(json)], ['br', brotliCompressSync(json)], ['identity', Buffer.from(json)]] as const) {
      expect((await post(bytes, { 'content-encoding': encoding })).json()).toEqual({ a: 'ü' });
    }
    for (const encoding of ['zstd', 'gzip, gzip', 'constructor']) {
      expect((await post(json, { 'content-encoding': encoding })).json()).toMatchObject({ status: 415, code: 'body.encoding-unknown' });
    }
    expect((await post(json, { 'content-encoding': 'gzip' })).json()).toMatchObject({ status: 400, code: 'body.encoding' });
    expect((await post(gzipSync(json).subarray(0, 20), { 'content-encoding': 'gzip' })).statusCode).toBe(400);
  });

  it('[SEC5] a bomb stops at the limit', async () => {
    const zeros = Buffer.alloc(512 * 1024 * 1024);
    const bombs = [['gzip', gzipSync(zeros)], ['br', brotliCompressSync(zeros.subarray(0, 256 * 1024 * 1024), { params: { 1: 1 } })]] as const;
    const before = process.memoryUsage().rss;
    for (const [encoding, bomb] of bombs) {
      expect(bomb.length).toBeLessThan(1024 * 1024);
      expect((await post(bomb, { 'content-encoding': encoding })).statusCode).toBe(413);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('[SEC5] other media types and character sets are 415', async () => {
    expect((await post('<a/>', { 'content-type': 'application/xml' })).json()).toMatchObject({ status: 415, code: 'media-type.unsupported' });
    expect((await post('x', { 'content-type': 'text/plain' })).statusCode).toBe(415);
    expect((await post('{}', { 'content-type': 'application/json; charset=utf-16' })).statusCode).toBe(415);
    expect((await post('{}', { 'content-type': 'application/jsonx' })).statusCode).toBe(415);
    expect((await post('{"a":1}', { 'content-type': 'application/cloudevents+json; charset=UTF-8' })).statusCode).toBe(200);
    expect((await post('')).statusCode).toBe(400);
  });

  it('[SEC5] streams end at their own limit', async () => {
    const send = (bytes: number) => post('x'.repeat(bytes), { 'content-type': 'application/x-ndjson', 'content-length': String(bytes) }, '/v1/things/stream');
    expect((await send(3_000_000)).json()).toEqual({ bytes: 3_000_000 });
    expect((await send(3_000_001)).statusCode).toBe(413);
    const chunked = await raw(['POST /v1/things/stream HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Type: application/x-ndjson',
      'Transfer-Encoding: chunked', '', (3_000_001).toString(16), 'x'.repeat(3_000_001), '0', '', ''].join('\r\n'));
    expect(chunked).toMatch(/^HTTP\/1.1 413 /);
  });

  it('forms are read strictly', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post('a=b+c&d=%C3%BC', form)).json()).toEqual({ a: 'b c', d: 'ü' });
    expect((await post('a=1&a=2', form)).statusCode).toBe(400);
    expect((await post('a=%00', form)).statusCode).toBe(422);
  });
});

describe('addresses and headers', () => {
  it('[SEC2] forbidden characters are 422 with a pointer, broken encoding is 400', async () => {
    const pointerOf = async (url: string, headers = {}) => {
      const { status, errors } = (await get(url, headers)).json() as { status: number; errors: { pointer: string }[] };
      return `${status} ${errors[0]!.pointer}`;
    };
    expect(await pointerOf('/v1/things/echo?text=a%00')).toBe('422 #/query/text');
    expect(await pointerOf('/v1/things/echo?te%1bxt=a')).toBe('422 #/query');
    expect(await pointerOf('/v1/things/a%00b')).toBe('422 #/path/id');
    expect(await pointerOf('/v1/nothing/a%00b')).toBe('422 #/path');
    expect(await pointerOf('/v1/things/1', { 'if-match': '"a\u0001"' })).toBe('422 #/header/If-Match');
    expect(await pointerOf('/v1/things/echo?text=%ff')).toBe('400 #/query/text');
    expect(await pointerOf('/v1/things/echo?text=%ED%A0%80')).toBe('400 #/query/text');
    for (const url of ['/v1/things/%ff', '/v1/things/%', '/v1/things/%ED%A0%80']) {
      const answer = await get(url);
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    }
  });

  it('[SEC2] text is brought to NFC', async () => {
    expect((await get('/v1/things/echo?text=u%CC%88')).json()).toEqual({ text: 'ü' });
    expect((await get('/v1/things/u%CC%88')).json()).toEqual({ id: 'ü' });
  });

  it('[SEC9] a query has at most 100 parameters, an address 8 kB, a path parameter 255 characters', async () => {
    const query = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=1`).join('&');
    expect((await get(`/v1/things/echo?${query(100)}`)).statusCode).toBe(200);
    expect((await get(`/v1/things/echo?${query(101)}`)).json()).toMatchObject({ status: 400, code: 'query.too-many-parameters' });
    expect((await get(`/v1/things/echo?text=${'x'.repeat(8_200)}`)).json()).toMatchObject({ status: 400, code: 'url.too-long' });
    const long = await get(`/v1/things/${'x'.repeat(256)}`);
    expect(long.statusCode).toBe(414);
    expect(long.headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8', 'x-content-type-options': 'nosniff' });
  });

  it('[SEC10] limits are answered as problems', async () => {
    for (const limit of ['0', '-1', '1000000000']) {
      expect((await get(`/v1/things?limit=${limit}`)).json()).toMatchObject({ status: 400, errors: [{ pointer: '#/query/limit' }] });
    }
    expect((await get('/v1/things?limit=500')).json()).toMatchObject({ limit: 500 });
  });
});

describe('broken HTTP', () => {
  it.each([
    ['CL and TE', 'POST /v1/things/any HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'POST /v1/things/any HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    ['a bare CR in a header', 'GET /v1/things/1 HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n'],
    ['no HTTP', 'hello\r\n\r\n'],
  ])('%s is a problem and the connection ends', async (_name, bytes) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"requestId"');
    expect(logged.at(-1)).toMatchObject({ status: 400 });
  });

  it('a header that never ends is cut after 5 s', async () => {
    const started = performance.now();
    expect(await raw('GET /v1/things/1 HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeGreaterThan(4_500);
  });
});
