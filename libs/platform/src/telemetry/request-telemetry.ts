import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorKinds } from '../errors/error-kinds.js';
import { logger } from './log.js';
import { observeRequest } from './metrics.js';
import { openRequestSpan, type OpenSpan } from './tracing.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Levels by status, from the table of error kinds, so that a request and its error are equally loud. */
const levelByStatus = new Map<number, Level>(Object.values(errorKinds).map(({ status, level }) => [status, level]));

export interface RequestTelemetrySettings {
  /** The client id a request was authenticated as; asked when the answer is sent. */
  participantOf?: (request: FastifyRequest) => string | undefined;
}

/**
 * One log line, one measurement and, when tracing is on, one span for every request. Register it before other hooks, so that what they
 * refuse is seen too.
 */
export function registerRequestTelemetry(fastify: FastifyInstance, settings: RequestTelemetrySettings = {}): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const opened = openRequestSpan(`${request.method} ${routeOf(request)}`, typeof traceparent === 'string' ? traceparent : undefined);
    if (!opened) return done();
    spans.set(request, opened);
    opened.run(done);
  });
  // Reading the body leaves the async context of the first hook; the span is made active again behind it.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const opened = spans.get(request);
    if (opened) opened.run(done);
    else done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const participant = settings.participantOf?.(request);
    recordRequest(request, reply, participant);
    spans.get(request)?.end(spanAttributes(request, reply, participant), reply.statusCode >= 500);
    done();
  });
}

function recordRequest(request: FastifyRequest, reply: FastifyReply, participant: string | undefined): void {
  const route = routeOf(request);
  observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
  const level = route.startsWith('/health/') ? 'debug' : levelOfStatus(reply.statusCode);
  const log = logger();
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      requestId: request.id,
      ...(participant ? { participant } : {}),
    },
    'request',
  );
}

/** @returns the level a status is logged at; an unknown 5xx is a bug of ours */
export function levelOfStatus(status: number): Level {
  return levelByStatus.get(status) ?? (status >= 500 ? 'error' : 'info');
}

/** The pattern, never the path: paths hold ids, and would make a label of each. */
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'unmatched';

function spanAttributes(request: FastifyRequest, reply: FastifyReply, participant: string | undefined) {
  return {
    'http.request.method': request.method,
    'http.route': routeOf(request),
    'http.response.status_code': reply.statusCode,
    'datum.request_id': request.id,
    ...(participant ? { 'datum.participant': participant } : {}),
  };
}
