import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AppError, conflict, Database, invalid, malformed, readIdempotencyKey, uuidv7, type RequestContext } from '@datum/platform';
import { BulkImportPort, type AcceptedUpload } from '../bulk-import.port.js';
import { OperationReader } from '../operation/operation.reader.js';
import { OperationService } from '../operation/operation.service.js';
import type { Operation } from '../operation/operation.js';
import type { AnyRecord } from '../record-definition.js';
import { batchRowsMax } from '../record.writer.js';
import { bulkImportKind } from './bulk-import.js';
import { deleteChunks, endImport, findByKey, insertChunk, insertImport, isBulkImport, type KnownUpload } from './bulk.repository.js';
import { chunksOfLines } from './ndjson-lines.js';

/**
 * Takes uploads in. Chunks are spooled as they arrive, each committed for itself, so that a slow upload holds no transaction open; the operation and the
 * right to the idempotency key are given in one last transaction. What breaks off before that was never accepted, and is swept.
 */
@Injectable()
export class BulkImportService extends BulkImportPort {
  constructor(private readonly database: Database, private readonly operations: OperationService, private readonly reader: OperationReader) {
    super();
  }

  override async accept(context: RequestContext, definition: AnyRecord, rows: Readable, keyHeader: string | undefined): Promise<AcceptedUpload> {
    const hash = createHash('sha256').update(`${definition.collection}\n`);
    const body = hashed(rows, hash);
    try {
      const scope = { clientId: context.actor.clientId, recordType: definition.type, requestKey: readIdempotencyKey(keyHeader) };
      const known = await findByKey(this.database, scope);
      if (known) return await this.repeated(known, body, hash);
      const id = uuidv7();
      const rowCount = await this.spool(id, body);
      const bodyHash = hash.digest('base64url');
      if (await this.register(context, { id, ...scope, bodyHash, rowCount })) return { operationId: id, rows: rowCount, replayed: false };
      // The same upload came twice at the same time, and the other one was first.
      await deleteChunks(this.database, id);
      return same((await findByKey(this.database, scope))!, bodyHash);
    } finally {
      // Nobody reads what is left of a refused body: the HTTP server drops it behind the answer.
      rows.on('error', () => undefined).destroy();
    }
  }

  /** Stops an import behind the chunk in work. Rows that were applied stay. @throws AppError conflict when it has ended, or is no import */
  async cancel(context: RequestContext, operationId: string): Promise<Operation> {
    const operation = await this.reader.one(context, operationId);
    return this.database.transaction(context, async (tx) => {
      const ended = await endImport(tx.tx, operation.id, 'cancelled');
      if (!ended && !(await isBulkImport(tx.tx, operation.id))) {
        throw conflict('operation.not-cancellable', `An operation of kind ${operation.kind} is not cancelled here.`);
      }
      if (!ended) throw conflict('operation.ended', 'The operation has ended already.');
      await this.operations.advance(tx, operation.id, { status: 'cancelled', progress: { ...ended } });
      return this.reader.one(tx, operation.id);
    });
  }

  private async spool(id: string, body: AsyncIterable<Buffer>): Promise<number> {
    let seq = 0;
    let rows = 0;
    try {
      for await (const chunk of chunksOfLines(body, batchRowsMax)) {
        await insertChunk(this.database, id, seq, chunk);
        seq += 1;
        rows += chunk.rowCount;
      }
      if (rows === 0) throw invalid('The body has no rows.', [{ pointer: '#', code: 'bulk.empty', detail: 'One row per line is expected.' }], 'bulk.empty');
      return rows;
    } catch (error) {
      await deleteChunks(this.database, id).catch(() => undefined);
      throw error;
    }
  }

  /** False when another upload has taken the key meanwhile. */
  private async register(
    context: RequestContext, upload: { id: string; recordType: string; requestKey: string; bodyHash: string; rowCount: number },
  ): Promise<boolean> {
    const { participantId, clientId, systemCode, scopes, sites } = context.actor;
    const actor = { participantId, clientId, systemCode, scopes: [...scopes], sites: sites === null ? null : [...sites] };
    const { requestId, correlationId } = context;
    try {
      await this.database.transaction(context, async (tx) => {
        await this.operations.open(tx, { id: upload.id, kind: bulkImportKind });
        if (!(await insertImport(tx.tx, { ...upload, ...actor, requestId, correlationId }))) throw new KeyTaken();
        await this.operations.advance(tx, upload.id, { progress: { rowsDone: 0, rowsTotal: upload.rowCount } });
      });
      return true;
    } catch (error) {
      if (error instanceof KeyTaken) return false;
      throw error;
    }
  }

  private async repeated(known: KnownUpload, body: AsyncIterable<Buffer>, hash: Hash): Promise<AcceptedUpload> {
    for await (const chunk of body) void chunk;
    return same(known, hash.digest('base64url'));
  }
}

class KeyTaken extends Error {}

function same(known: KnownUpload, bodyHash: string): AcceptedUpload {
  if (known.bodyHash === bodyHash) return { operationId: known.id, rows: known.rowCount, replayed: true };
  const problem = { pointer: '#/header/Idempotency-Key', code: 'idempotency.key-reused', detail: 'Use a new key for a new upload.' };
  throw invalid('This key has been used with another upload.', [problem], 'idempotency.key-reused');
}

/** The same bytes, each put into the hash as it passes. A connection that breaks is the sender's affair, whatever Node calls it. */
async function* hashed(rows: Readable, hash: Hash): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of rows) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw malformed('body.incomplete', 'The body did not arrive completely.');
  }
}
