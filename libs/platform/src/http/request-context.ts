import type { FastifyRequest } from 'fastify';
import type { RequestContext } from '../context/request-context.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the auth guard; replaced by one inside the transaction while an idempotent effect runs. */
    datumContext?: RequestContext;
  }
}

/**
 * The context of an authenticated request.
 * @throws Error when no guard has set it: a route without authentication must not ask for it
 */
export function contextOf(request: FastifyRequest): RequestContext {
  if (!request.datumContext) throw new Error(`No request context on ${request.method} ${request.routeOptions?.url ?? ''}.`);
  return request.datumContext;
}
