import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger, useLogger, type Logger } from './log.js';
import { metricsText } from './metrics.js';
import { levelOfStatus, registerRequestTelemetry } from './request-telemetry.js';
import { span, startTracing, traceparentOf } from './tracing.js';

interface SentSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number };
}

let fastify: FastifyInstance;
let records: Record<string, unknown>[];
let before: Logger;
beforeEach(() => {
  records = [];
  const destination = { write: (line: string) => records.push(JSON.parse(line) as Record<string, unknown>) };
  before = useLogger(createLogger({ level: 'debug', destination }));
  fastify = Fastify();
  registerRequestTelemetry(fastify, { participantOf: (request) => request.headers['x-client'] as string | undefined });
  fastify.get('/v1/items/:id', () => ({ ok: true }));
  fastify.get('/health/live', () => ({ ok: true }));
  fastify.get('/v1/broken', () => Promise.reject(new Error('boom')));
  fastify.post('/v1/items', async () => ({ traceparent: await span('transaction', { rows: 1 }, async () => traceparentOf()) }));
});
afterEach(async () => {
  await fastify.close();
  useLogger(before);
});

describe('request log', () => {
  it('writes one line with the route pattern, never the path', async () => {
    const answer = await fastify.inject({ url: '/v1/items/4711?password=x', headers: { 'x-client': 'planning' } });
    expect(answer.statusCode).toBe(200);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      level: 'info', method: 'GET', route: '/v1/items/:id', status: 200, participant: 'planning', requestId: 'req-1', ms: expect.any(Number),
    });
    expect(JSON.stringify(records)).not.toContain('4711');
    expect(await metricsText()).toContain('http_request_duration_seconds_count{method="GET",route="/v1/items/:id",status="200"}');
  });

  it('takes its level from the status; health checks are debug, unknown paths share one label', async () => {
    await fastify.inject('/health/live');
    await fastify.inject('/v1/broken');
    await fastify.inject('/v1/made-up-8231');
    expect(records.map(({ level, route }) => [level, route]))
      .toEqual([['debug', '/health/live'], ['error', '/v1/broken'], ['debug', 'unmatched']]);
    expect([200, 304, 404, 412, 418, 429, 500, 502, 503].map(levelOfStatus))
      .toEqual(['info', 'info', 'debug', 'info', 'info', 'warn', 'error', 'error', 'warn']);
  });
});

describe('tracing', () => {
  let collector: Server;
  let sent: { resource: string; spans: SentSpan[] };
  let endpoint: string;
  beforeEach(async () => {
    sent = { resource: '', spans: [] };
    collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as {
          resourceSpans: { resource: object; scopeSpans: { spans: SentSpan[] }[] }[];
        };
        sent.resource = JSON.stringify(body.resourceSpans[0]?.resource);
        sent.spans.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => void collector.close(resolve)));

  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const incoming = `00-${traceId}-b7ad6b7169203331-01`;

  it('continues the trace of the caller through the request and the transaction, and sends it to the collector', async () => {
    const stop = await startTracing({ endpoint, serviceName: 'gateway' });
    const answer = await fastify.inject({ method: 'POST', url: '/v1/items', headers: { traceparent: incoming }, payload: { a: 1 } });
    await fastify.inject('/v1/broken');
    await stop();
    const byName = Object.fromEntries(sent.spans.map((each) => [each.name, each]));
    const request = byName['POST /v1/items'];
    const transaction = byName.transaction;
    expect(request).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
    expect(transaction).toMatchObject({ traceId, parentSpanId: request?.spanId });
    expect(answer.json<{ traceparent: string }>().traceparent).toBe(`00-${traceId}-${transaction?.spanId}-01`);
    expect(byName['GET /v1/broken']?.status.code).toBe(2);
    expect(sent.resource).toContain('gateway');
  });

  it('makes no span without a collector, and hands on the traceparent the request came with', async () => {
    await startTracing({ serviceName: 'gateway' });
    expect(trace.getActiveSpan()).toBeUndefined();
    expect(traceparentOf({ traceparent: incoming })).toBe(incoming);
    expect(traceparentOf({ traceparent: '00-00000000000000000000000000000000-b7ad6b7169203331-01' })).toBeUndefined();
    expect(traceparentOf({ traceparent: `${incoming}\r\nX-Evil: 1` })).toBeUndefined();
  });
});
