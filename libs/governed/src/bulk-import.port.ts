import type { Readable } from 'node:stream';
import type { RequestContext } from '@datum/platform';
import type { AnyRecord } from './record-definition.js';

/** Where streamed bulk writes go: spooled first, worked off by the worker in batches, resumable after a crash. */
export abstract class BulkImportPort {
  /** Spools the NDJSON rows and returns the operation that works them off. @throws AppError */
  abstract accept(context: RequestContext, definition: AnyRecord, rows: Readable): Promise<{ operationId: string; rows: number }>;
}
