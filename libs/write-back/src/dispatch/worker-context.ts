import { gatewayActor, newContext, type RequestContext } from '@datum/platform';
import type { WriteRequest } from '../write-request.js';

/** The worker's own bookkeeping, in the trace of the request. */
export const workerContext = (request?: WriteRequest): RequestContext =>
  newContext(gatewayActor, 'gateway', request ? { correlationId: request.correlationId } : {});
