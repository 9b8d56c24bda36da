import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { uuidv7 } from '../values/uuid.js';
import { registerBodyParsers, type BodyOptions } from './body-parsers.js';
import { problemLogEntry, type ProblemLogger } from './problem-log.js';
import { problemMediaType, toProblem } from './problem.js';
import { replyProblem } from './problem-reply.js';
import { registerProblemPages } from './problem-pages.js';
import { registerRequestIds, requestIdOf } from './request-id.js';
import { registerRouteTable } from './route-table.js';
import { registerTextPolicy } from './text-hook.js';

export const serverLimits = {
  headersTimeoutMs: 5_000,
  /** Silence on a connection, while anything is on its way. */
  connectionTimeoutMs: 15_000,
  keepAliveTimeoutMs: 10_000,
  /** A whole request, streamed imports included; JSON bodies have 20 s (body-reader). */
  requestTimeoutMs: 300_000,
  paramCharactersMax: 255,
} as const;

/**
 * What Fastify must be given when it is made: `new FastifyAdapter(serverOptions(log))`. Timeouts cut slow clients; bad HTTP is answered as a
 * problem and the connection closed.
 */
export function serverOptions(log: ProblemLogger): FastifyHttpOptions<Server> {
  return {
    logger: false,
    genReqId: requestIdOf,
    connectionTimeout: serverLimits.connectionTimeoutMs,
    keepAliveTimeout: serverLimits.keepAliveTimeoutMs,
    requestTimeout: serverLimits.requestTimeoutMs,
    // Node looks for slow clients every 30 s unless told: a header timeout of 5 s would mean up to 35.
    http: { connectionsCheckingInterval: 500, headersTimeout: serverLimits.headersTimeoutMs, requireHostHeader: true },
    routerOptions: { maxParamLength: serverLimits.paramCharactersMax },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // The router refuses these addresses before any hook has run.
    frameworkErrors(error, request, reply) {
      reply.headers(securityHeaders);
      replyProblem(error, request, reply, log);
    },
    clientErrorHandler(error, socket) {
      refuseBadHttp(error, socket, log);
    },
  };
}

/**
 * Everything a gateway's server has besides its routes: request ids, security headers, the text policy, body parsers, the table for 405 and
 * the pages of problems. Call it right after the application is created and before its routes are.
 */
export function hardenServer(fastify: FastifyInstance, options: BodyOptions = {}): void {
  registerRequestIds(fastify);
  registerSecurityHeaders(fastify);
  registerRouteTable(fastify);
  registerTextPolicy(fastify);
  registerBodyParsers(fastify, options);
  registerProblemPages(fastify);
}

/** Defaults for an interface that serves no pages; a page sets its own policy. */
const securityHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};

export function registerSecurityHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
}

const badHttp: Readonly<Record<string, [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The headers are too large.'],
};

/** The parser gave up: there is no request to route, so the answer is written by hand and the connection ends. */
function refuseBadHttp(cause: Error & { code?: string }, socket: Socket, log: ProblemLogger): void {
  if (cause.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, detail] = badHttp[cause.code ?? ''] ?? [400, 'Bad Request', 'This is not HTTP as RFC 9112 defines it.'];
  const error = new AppError('malformed', 'request.malformed', detail, { status, cause });
  const requestId = uuidv7();
  log(problemLogEntry(error, { id: requestId, method: '', route: '' }));
  const body = JSON.stringify(toProblem(error, '/', requestId));
  const head = [
    `HTTP/1.1 ${status} ${reason}`, 'Connection: close', `Content-Type: ${problemMediaType}`, `X-Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff', `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
