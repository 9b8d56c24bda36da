import { randomUUID } from 'node:crypto';
import type { Transaction } from '../database/database.js';
import { gatewayActor, type Actor } from './actor.js';

/** The channels a change can come through. They differ in their first and last step only. */
export type Channel = 'rest' | 'graphql' | 'import' | 'event' | 'erp' | 'gateway';

/** What every call carries first: who acts, through which channel, and under which ids it is traced. */
export interface RequestContext {
  readonly requestId: string;
  readonly correlationId: string;
  readonly actor: Actor;
  /** Whose wish the actor carries out, when that is another: the system that decides writes what somebody else asked for. */
  readonly requester?: Actor;
  readonly channel: Channel;
  readonly traceparent?: string;
  readonly tx?: Transaction;
}

/** A context inside a transaction: writes take this type, so that they cannot run outside one. */
export interface TxContext extends RequestContext {
  readonly tx: Transaction;
}

export function newContext(actor: Actor, channel: Channel, ids: Partial<RequestContext> = {}): RequestContext {
  const requestId = ids.requestId ?? randomUUID();
  return { requestId, correlationId: ids.correlationId ?? requestId, actor, channel, traceparent: ids.traceparent };
}

export const gatewayContext = (correlationId?: string): RequestContext =>
  newContext(gatewayActor, 'gateway', { correlationId });
