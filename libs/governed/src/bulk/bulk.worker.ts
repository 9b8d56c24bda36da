import { Injectable } from '@nestjs/common';
import {
  AppError, CredentialDirectory, Database, decodeUtf8, forbidden, logError, newContext, parseJsonText, runLoop, toProblem,
  type Actor, type Loop, type RequestContext, type TxContext,
} from '@datum/platform';
import type { RowResult } from '../batch.js';
import type { OperationError } from '../operation/operation.js';
import { OperationService } from '../operation/operation.service.js';
import { RecordApi } from '../record.api.js';
import { RecordCatalogue } from '../record-catalogue.js';
import type { AnyRecord } from '../record-definition.js';
import { resultsHref, type BulkChunk, type BulkCounts, type BulkImport } from './bulk-import.js';
import { chunkAt, claimImport, countFailure, endImport, holdImport, releaseImport, saveChunk, sweepChunks } from './bulk.repository.js';
import { splitLines } from './ndjson-lines.js';

/** How long another worker waits for one that says nothing. A chunk takes far less. */
const leaseMs = 60_000;
/** After so many chunks another client's import may have its turn. */
const chunksPerTurn = 20;
/** A chunk that fails this often for no reason of its rows ends its import. */
const failuresMax = 5;
const sweepEveryMs = 600_000;

/**
 * Works off accepted uploads: chunk by chunk in their order, each chunk's rows, its results and the progress in one transaction under a fencing number.
 * Wherever a worker is killed, another goes on with the first chunk that was not committed, so every row is applied exactly once.
 */
@Injectable()
export class BulkWorker {
  private sweptAtMs = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly operations: OperationService,
    private readonly catalogue: RecordCatalogue,
    private readonly records: RecordApi,
    private readonly credentials: CredentialDirectory,
  ) {}

  /** The loop of this worker, for the process that runs it. */
  start(intervalMs = 250): Loop {
    return runLoop('bulk-import', (signal) => this.turn(signal), { intervalMs });
  }

  /** Works on one import for a while. Says whether there may be more to do. */
  async turn(signal?: AbortSignal): Promise<boolean> {
    await this.sweepNowAndThen();
    const work = await claimImport(this.database, leaseMs);
    if (!work) return false;
    try {
      for (let n = 0; n < chunksPerTurn && !signal?.aborted; n += 1) {
        if (!(await this.step(work))) break;
      }
    } catch (error) {
      await this.noteFailure(work, error);
      throw error;
    } finally {
      // The lease ends by itself when the database cannot be told.
      await releaseImport(this.database, work).catch(() => undefined);
    }
    return true;
  }

  /** One chunk, start to end. False when there is nothing more to do here. */
  async step(work: BulkImport): Promise<boolean> {
    const actor = await this.actorOf(work);
    if (actor instanceof AppError) return this.fail(work, actor);
    const definition = this.catalogue.get(work.recordType);
    return this.database.transaction(contextOf(work, actor), async (tx) => {
      const held = await holdImport(tx.tx, work, leaseMs);
      if (!held) return false;
      const chunk = await chunkAt(tx.tx, work.id, held.nextChunk);
      if (!chunk) return this.finish(tx, work);
      const results = await this.applyChunk(tx, definition, chunk);
      const counts: BulkCounts = { created: 0, updated: 0, unchanged: 0, refused: 0 };
      for (const { status } of results) counts[status as keyof BulkCounts] += 1;
      const lines = results.map((result) => JSON.stringify(withInstance(result, work.id))).join('\n');
      const progress = await saveChunk(tx.tx, work.id, chunk, { results: `${lines}\n`, counts });
      await this.operations.advance(tx, work.id, { status: 'running', progress: { ...progress } });
      return true;
    });
  }

  private applyChunk(tx: TxContext, definition: AnyRecord, chunk: BulkChunk): Promise<RowResult[]> {
    const rows = splitLines(chunk.rows).map(readLine);
    return this.records.applyRows(tx, definition, rows, chunk.firstRow);
  }

  private async finish(tx: TxContext, work: BulkImport): Promise<false> {
    const progress = await endImport(tx.tx, work.id, 'succeeded');
    if (!progress) return false;
    const { created, updated, unchanged, refused } = progress;
    const result = { rows: work.rowCount, created, updated, unchanged, refused, links: { results: { href: resultsHref(work.id) } } };
    await this.operations.advance(tx, work.id, { status: 'succeeded', progress: { ...progress }, result, error: null });
    return false;
  }

  private async fail(work: BulkImport, error: AppError): Promise<false> {
    await this.database.transaction(contextOf(work, actorAsSent(work)), async (tx) => {
      if (!(await holdImport(tx.tx, work, leaseMs))) return;
      const progress = await endImport(tx.tx, work.id, 'failed');
      const problem = toProblem(error, `/v1/operations/${work.id}`, work.requestId) as OperationError;
      await this.operations.advance(tx, work.id, { status: 'failed', progress: { ...progress }, error: problem });
    });
    return false;
  }

  /** The sender with what its credential may still do; the reason when it may do nothing any more. */
  private async actorOf(work: BulkImport): Promise<Actor | AppError> {
    const sent = actorAsSent(work);
    const facts = await this.credentials.credentialFacts(work.clientId);
    const scope = `${this.catalogue.get(work.recordType).domain}.write`;
    if (!facts || facts.systemCode !== work.systemCode) {
      return forbidden('bulk.credential-revoked', 'The credential that sent these rows is no longer valid; what was not worked off is dropped.');
    }
    if (!facts.scopes.has(scope) && !facts.scopes.has('*')) {
      return forbidden('bulk.scope-withdrawn', `The credential that sent these rows no longer has the scope ${scope}; what was not worked off is dropped.`);
    }
    const sites = facts.sites === null ? sent.sites : (sent.sites ?? facts.sites).filter((site) => facts.sites!.includes(site));
    return { ...sent, scopes: new Set([...sent.scopes].filter((each) => facts.scopes.has(each) || facts.scopes.has('*'))), sites };
  }

  /** The database being away counts for nothing: it is tried again until it is back. */
  private async noteFailure(work: BulkImport, error: unknown): Promise<void> {
    if (error instanceof AppError && (error.kind === 'unavailable' || error.code === 'database.conflict')) return;
    if ((await countFailure(this.database, work)) < failuresMax) return;
    logError(error, { bulkImport: work.id });
    await this.fail(work, new AppError('bug', 'bulk.failed', 'The import could not be worked off because of an internal error; the rows up to it are applied.'));
  }

  private async sweepNowAndThen(): Promise<void> {
    if (performance.now() - this.sweptAtMs < sweepEveryMs) return;
    this.sweptAtMs = performance.now();
    while ((await sweepChunks(this.database)) >= 1_000);
  }
}

function readLine(line: Buffer): unknown {
  try {
    return parseJsonText(decodeUtf8(line));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

const actorAsSent = ({ participantId, clientId, systemCode, scopes, sites }: BulkImport): Actor =>
  ({ participantId, clientId, systemCode, scopes: new Set(scopes), sites });

const contextOf = ({ requestId, correlationId }: BulkImport, actor: Actor): RequestContext =>
  newContext(actor, 'import', { requestId, correlationId });

/** A refusal names the operation and the row it belongs to. */
function withInstance(result: RowResult, operationId: string): RowResult {
  if (!result.problem) return result;
  return { ...result, problem: { ...result.problem, instance: `${resultsHref(operationId)}#${result.index}` } };
}
