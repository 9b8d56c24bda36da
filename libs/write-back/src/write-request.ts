import type { OperationError, OperationStatus } from '@datum/governed';

/**
 * received → guarded → (awaiting-approval) → dispatched → confirmed, or one of the other ends. `unknown`: sent, and nobody knows whether it had its effect;
 * it is looked up before anything else. `needs-review`: a person has to look; nothing more happens by itself.
 */
export const writeRequestStates = [
  'received', 'guarded', 'awaiting-approval', 'dispatched', 'unknown', 'confirmed', 'rejected', 'cancelled', 'needs-review',
] as const;
export type WriteRequestState = (typeof writeRequestStates)[number];

/** What a state means to those who only follow the operation. */
export const operationStatusOf: Record<WriteRequestState, OperationStatus> = {
  received: 'queued', guarded: 'queued', 'awaiting-approval': 'queued', dispatched: 'running', unknown: 'running', confirmed: 'succeeded',
  rejected: 'failed', cancelled: 'cancelled', 'needs-review': 'needsReview',
};

/** What a run of the guards found. */
export interface GuardFinding { at: string; when: 'acceptance' | 'dispatch'; passed: boolean; code?: string; sentence?: string }

export type Values = Record<string, unknown>;

export interface WriteRequest {
  id: string;
  version: number;
  state: WriteRequestState;
  op: 'create' | 'update';
  recordType: string;
  /** Null until a created record is confirmed. */
  recordId: string | null;
  /** The code in the target system; for a create the one that the new record shall get. */
  localKey: string | null;
  site: string | null;
  /** The system that decides the value, as of the last decision. */
  targetSystem: string;
  /** Requests of one lane go out one after the other, in the order they came. */
  lane: string;
  /** Merge patch in wire names. */
  patch: Values;
  /** The touched attributes as the requester saw them. */
  seen: Values;
  seenVersion: number | null;
  reason: string | null;
  requestedBy: string;
  requestedClient: string;
  requestedSystem: string;
  /** Sentences that say why somebody else must agree; empty: nobody must. */
  needsApproval: string[];
  /** Scopes that the approver needs besides `write-back.approve`. */
  approverScopes: string[];
  decidedBy: string | null;
  decidedClient: string | null;
  decidedAt: string | null;
  decisionReason: string | null;
  guards: GuardFinding[];
  /** The touched attributes as the ERP had them before the write, and as it had them afterwards. */
  valuesRead: Values | null;
  valuesWritten: Values | null;
  /** The optimistic token that the last write was sent with. */
  tokenSent: string | null;
  /** What the ERP answered, in our words, or what has to be decided by a person. */
  answer: OperationError | null;
  /** Version of the golden record that holds the confirmed values. */
  recordVersion: number | null;
  attempts: number;
  lookUps: number;
  /** Rises with every claim; only the holder of the newest one may write. As text: it is 64 bits wide. */
  fence: string;
  correlationId: string;
  /** Machine time. */
  createdAt: string;
  updatedAt: string;
}

/** The request as the ledger and readers get it: without the worker's own bookkeeping. */
export function imageOf(request: WriteRequest): Record<string, unknown> {
  const { lane: _lane, fence: _fence, tokenSent: _token, attempts: _attempts, lookUps: _lookUps, createdAt: _c, updatedAt: _u, correlationId: _x, ...image } = request;
  return image;
}
