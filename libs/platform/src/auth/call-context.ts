import { randomUUID } from 'node:crypto';
import type { Actor } from '../context/actor.js';
import { newContext, type Channel, type RequestContext } from '../context/request-context.js';
import type { AuthenticatedRequest } from './permission.js';

const idPattern = /^[A-Za-z0-9._-]{1,128}$/;
/** W3C Trace Context, version 00: ids of zeros only are invalid. */
const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The context of a call, with the ids it is traced under. A caller's `X-Request-Id` and `X-Correlation-Id` are taken over only in the
 * alphabet that cannot break a log line or a header; anything else is replaced, not refused.
 */
export function callContext(request: AuthenticatedRequest, actor: Actor, channel: Channel): RequestContext {
  const requestId = wellFormed(request.headers['x-request-id'], idPattern) ?? wellFormed(request.id, idPattern) ?? randomUUID();
  return newContext(actor, channel, {
    requestId,
    correlationId: wellFormed(request.headers['x-correlation-id'], idPattern),
    traceparent: wellFormed(request.headers.traceparent, traceparentPattern),
  });
}

const wellFormed = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;
