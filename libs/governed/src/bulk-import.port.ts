import type { Readable } from 'node:stream';
import type { RequestContext } from '@datum/platform';
import type { AnyRecord } from './record-definition.js';

/** `replayed`: the same upload had come before under this key, and its operation is this one. */
export interface AcceptedUpload { operationId: string; rows: number; replayed: boolean }

/** Where streamed bulk writes go: spooled first, worked off by the worker in batches, resumable after a crash. */
export abstract class BulkImportPort {
  /**
   * Spools the NDJSON rows and returns the operation that works them off. The idempotency key is bound to the operation.
   * @throws AppError malformed without a key; invalid `idempotency.key-reused`; tooLarge beyond 50,000 rows or a line of 64 kB
   */
  abstract accept(context: RequestContext, definition: AnyRecord, rows: Readable, idempotencyKey: string | undefined): Promise<AcceptedUpload>;
}
