import type { RequestContext } from '@datum/platform';

export interface WriteRequestIntent {
  recordType: string;
  recordId: string;
  /** Version the requester saw; a stale one is refused at once and asked again before dispatch. */
  ifMatch: { versions: number[] } | '*' | undefined;
  patch: Record<string, unknown>;
  reason?: string;
}

/** Where a write by a non-owner goes instead: a request to the owner. Filled by the write-back room. */
export abstract class WriteRequestPort {
  /** Registers the intent in the context's transaction. Returns the operation's id. @throws AppError */
  abstract submit(context: RequestContext, intent: WriteRequestIntent): Promise<{ operationId: string }>;
}
