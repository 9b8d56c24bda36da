import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { uuidv7 } from '../values/uuid.js';

const requestIdPattern = /^[\w.-]{1,128}$/;
const traceparentPattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The caller's `X-Request-Id` when it is harmless in a log, else a new UUIDv7. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && requestIdPattern.test(given) ? given : uuidv7();
}

/** The caller's `traceparent` [W3C Trace Context] when it is valid. */
export function traceparentOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const given = request.headers.traceparent;
  return typeof given === 'string' && traceparentPattern.test(given) ? given : undefined;
}

/** `request.id` becomes the request id, and every answer carries it. */
export function registerRequestIds(fastify: FastifyInstance): void {
  fastify.setGenReqId(requestIdOf);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    done();
  });
}
