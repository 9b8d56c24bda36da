import { randomUUID } from 'node:crypto';
import type { Actor } from '../context/actor.js';
import { newContext, type Channel, type RequestContext } from '../context/request-context.js';
import { traceparentOf } from '../http/request-id.js';
import type { AuthenticatedRequest } from './permission.js';

const idPattern = /^[\w.-]{1,128}$/;

/**
 * The context of a call, with the ids it is traced under. A caller's `X-Request-Id` and `X-Correlation-Id` are taken over only in the
 * alphabet that cannot break a log line or a header; anything else is replaced, not refused.
 */
export function callContext(request: AuthenticatedRequest, actor: Actor, channel: Channel): RequestContext {
  const requestId = wellFormed(request.headers['x-request-id'], idPattern) ?? wellFormed(request.id, idPattern) ?? randomUUID();
  return newContext(actor, channel, {
    requestId,
    correlationId: wellFormed(request.headers['x-correlation-id'], idPattern),
    traceparent: traceparentOf(request),
  });
}

const wellFormed = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;
