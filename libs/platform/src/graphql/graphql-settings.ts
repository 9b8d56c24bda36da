import type { AuthenticatedRequest } from '../auth/permission.js';
import type { RequestContext } from '../context/request-context.js';
import type { ExplorerExample } from '../explorer/graphiql-page.js';
import type { GraphqlLimits } from './limits.js';
import type { JitOptions } from './executor.js';
import type { ErrorLog } from './wire-errors.js';

export interface SocketLimits {
  /** Open websockets of this process. */
  socketsMax: number;
  /** Open websockets of one client in this process. */
  socketsPerClientMax: number;
  /** Operations that run at once on one socket. */
  operationsPerSocketMax: number;
  /** Bytes of one message from the client. */
  messageBytesMax: number;
}

export const defaultSocketLimits: SocketLimits = { socketsMax: 1_000, socketsPerClientMax: 50, operationsPerSocketMax: 20, messageBytesMax: 256 * 1024 };

/** What the GraphQL endpoint is told by the gateway. */
export interface GraphqlSettings {
  /**
   * Who calls: asked once for each HTTP request before anything of it is looked at; for a websocket at its start, for each operation and for
   * each event. Throws an unauthenticated `AppError`: nobody gets past it, introspection included.
   */
  authenticate: (request: AuthenticatedRequest) => Promise<RequestContext> | RequestContext;
  /** Asked for each operation on a websocket, which passes no other rate limit. Throws a `limit` AppError. */
  admitOperation?: (context: RequestContext) => Promise<void>;
  limits: GraphqlLimits;
  /** The cost that this caller may ask for with one operation; `limits.costMax` for everybody when absent. */
  budgetOf?: (context: RequestContext) => number;
  jit: JitOptions | false;
  /** Null: no websockets. */
  sockets: SocketLimits | null;
  /** Null: no page for browsers. */
  explorer: { examples: readonly ExplorerExample[]; tokenPath: string } | null;
  log: ErrorLog;
}
