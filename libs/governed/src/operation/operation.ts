import type { Problem } from '@datum/platform';

/** States of work that goes on after its request was answered [RFC 7240]. `needsReview` waits for a person. */
export const operationStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'needsReview'] as const;
export type OperationStatus = (typeof operationStatuses)[number];

/** Why an operation failed or waits, in the members of a problem document. */
export type OperationError = Pick<Problem, 'type' | 'title' | 'status' | 'detail' | 'code'> & Record<string, unknown>;

export interface Operation {
  id: string;
  /** What is worked on: `write-request`, `bulk-import`. */
  kind: string;
  status: OperationStatus;
  /** How far it is, in the words of its kind: `{ rowsDone: 500, rowsTotal: 2000 }`. */
  progress: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
  error: OperationError | null;
  participantId: string;
  clientId: string;
  site: string | null;
  correlationId: string;
  /** Machine time. */
  createdAt: string;
  updatedAt: string;
}
