import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Readable } from 'node:stream';
import {
  accepted, AppError, created, etagOf, invalid, listReply, malformed, ok, parseIfMatch, parseListQuery, parseRecordQuery, prefersAsync, RawJson, rawListReply,
  type RecordQuery, type Reply, type RequestContext,
} from '@datum/platform';
import { isPlainObject } from './attribute.js';
import { toChange, toRowResult, type RowResult } from './batch.js';
import { BulkImportPort } from './bulk-import.port.js';
import type { ChangeResult, LocalKeyInput, RecordChange } from './change.js';
import { ChangeFeed } from './change-feed.js';
import { HistoryReader } from './history.reader.js';
import { readSpecOf } from './query-spec.js';
import type { AnyRecord } from './record-definition.js';
import { RecordReader } from './record.reader.js';
import { batchRowsMax, RecordWriter } from './record.writer.js';
import { WriteRequestPort } from './write-request.port.js';

/** The parts of a request that the routes of a governed record read. */
export interface WireRequest { url: string; headers: Record<string, string | string[] | undefined> }

/** What the REST routes of every governed record do, given its declaration. */
@Injectable()
export class RecordApi {
  constructor(
    private readonly reader: RecordReader,
    private readonly writer: RecordWriter,
    private readonly history: HistoryReader,
    private readonly feed: ChangeFeed,
    @Optional() @Inject(WriteRequestPort) private readonly writeRequests?: WriteRequestPort,
    @Optional() @Inject(BulkImportPort) private readonly bulk?: BulkImportPort,
  ) {}

  async list(context: RequestContext, definition: AnyRecord, request: WireRequest, fixed: Record<string, string> = {}): Promise<Reply> {
    const query = parseListQuery(queryOf(request), this.reader.listSpec(definition));
    const whole = await this.reader.listJson(context, definition, query, fixed);
    if (whole) return rawListReply(request.url, whole.json, whole.nextCursor);
    const page = await this.reader.list(context, definition, query, fixed);
    return listReply(request.url, page.data, page.nextCursor);
  }

  async read(context: RequestContext, definition: AnyRecord, id: string, request: WireRequest): Promise<Reply> {
    const query = hasQuery(request) ? readQueryOf(request, definition) : undefined;
    const { json, etag, freshness } = await this.reader.read(context, definition, id, query);
    return ok(new RawJson(json), { ETag: etag, 'Datum-Freshness': freshness });
  }

  async versions(context: RequestContext, definition: AnyRecord, id: string, request: WireRequest): Promise<Reply> {
    const query = parseListQuery(queryOf(request), { fields: {}, select: [], without: ['asOf', 'maxAgeSeconds'] });
    await this.reader.read(context, definition, id);
    const { data, nextCursor } = await this.history.page(context, id, query);
    return listReply(request.url, data, nextCursor);
  }

  async changes(context: RequestContext, definition: AnyRecord, request: WireRequest): Promise<Reply> {
    return this.feed.page(context, [definition.type], request.url);
  }

  async create(context: RequestContext, definition: AnyRecord, body: unknown): Promise<Reply> {
    const { localKeys, ...attributes } = objectOf(body);
    const change: RecordChange = { op: 'create', attributes, ...(localKeys === undefined ? {} : { localKeys: localKeysOf(localKeys) }) };
    const result = await this.writer.applyOne(context, definition, change);
    return created(`/v1/${definition.collection}/${result.record.id}`, result.record, headersOf(result));
  }

  /** With `Prefer: respond-async`, a write that belongs to another system, or that somebody has to agree to, becomes a write request (202). */
  async patch(context: RequestContext, definition: AnyRecord, id: string, body: unknown, request: WireRequest): Promise<Reply> {
    const ifMatch = parseIfMatch(headerOf(request, 'if-match'));
    if (!ifMatch) return this.missingPrecondition(context, definition, id);
    const attributes = objectOf(body);
    try {
      const result = await this.writer.applyOne(context, definition, { op: 'update', id, attributes, ifMatch });
      return ok(result.record, headersOf(result));
    } catch (error) {
      if (!needsAnother(error) || !prefersAsync(request) || !this.writeRequests) throw error;
      const { operationId } = await this.writeRequests.submit(context, { recordType: definition.type, recordId: id, ifMatch, patch: attributes });
      const location = `/v1/operations/${operationId}`;
      return accepted(location, { id: operationId, status: 'queued', links: { self: { href: location } } }, { 'Preference-Applied': 'respond-async' });
    }
  }

  /** Only for a record that is there: what a caller cannot reach has no version that it could have read. */
  private async missingPrecondition(context: RequestContext, definition: AnyRecord, id: string): Promise<never> {
    await this.reader.read(context, definition, id);
    throw new AppError('preconditionMissing', 'precondition.missing', 'Send If-Match with the ETag that you read.');
  }

  async batch(context: RequestContext, definition: AnyRecord, body: unknown): Promise<Reply<{ data: RowResult[] }>> {
    const rows = Array.isArray(body) ? body : objectOf(body).data;
    if (!Array.isArray(rows) || rows.length === 0 || rows.length > batchRowsMax) {
      throw invalid(`A batch is {"data": [1 to ${batchRowsMax} rows]}.`, [{ pointer: '#/data', code: 'batch.size', detail: `1 to ${batchRowsMax} rows.` }]);
    }
    return ok({ data: await this.applyRows(context, definition, rows) });
  }

  /**
   * Applies raw rows; a row of a wrong form is refused for itself, like any other, and so is one that could not even be read (its error stands in its
   * place). Shared by `:batch` and by bulk streams, whose chunks begin at `firstIndex`.
   */
  async applyRows(context: RequestContext, definition: AnyRecord, rows: readonly unknown[], firstIndex = 0): Promise<RowResult[]> {
    const results: RowResult[] = [];
    const changes: { index: number; change: RecordChange }[] = [];
    rows.forEach((row, index) => {
      try {
        if (row instanceof AppError) throw row;
        changes.push({ index, change: toChange(row) });
      } catch (error) {
        results[index] = toRowResult(firstIndex + index, { status: 'refused', error: error as AppError }, context.requestId);
      }
    });
    const applied = await this.writer.applyBatch(context, definition, changes.map(({ change }) => change));
    changes.forEach(({ index }, i) => { results[index] = toRowResult(firstIndex + index, applied[i]!, context.requestId); });
    return results;
  }

  async bulkImport(context: RequestContext, definition: AnyRecord, body: unknown, request: WireRequest): Promise<Reply> {
    if (!this.bulk) throw new AppError('unavailable', 'bulk.unavailable', 'No worker is set up for bulk writes.');
    if (!isReadable(body)) throw new AppError('unsupportedMedia', 'media.unsupported', 'Send application/x-ndjson.');
    const { operationId, rows, replayed } = await this.bulk.accept(context, definition, body, headerOf(request, 'idempotency-key'));
    const location = `/v1/operations/${operationId}`;
    const links = { self: { href: location }, results: { href: `${location}/results` } };
    return accepted(location, { id: operationId, status: 'queued', rows, links }, replayed ? { 'Idempotency-Replayed': 'true' } : {});
  }
}

const queryOf = ({ url }: WireRequest): string => url.slice((url.indexOf('?') + 1) || url.length);
const hasQuery = ({ url }: WireRequest): boolean => url.includes('?');
const headerOf = ({ headers }: WireRequest, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};
const isReadable = (body: unknown): body is Readable => typeof (body as Readable | null)?.pipe === 'function';

/** Another system decides, or another person has to agree: a write request is the way. */
const needsAnother = (error: unknown): boolean => error instanceof AppError && (error.kind === 'ownership' || error.code === 'policy.approval-required');

/** The past is told whole: it has no other shape, and no source that could be stale. */
function readQueryOf(request: WireRequest, definition: AnyRecord): RecordQuery {
  const query = parseRecordQuery(queryOf(request), readSpecOf(definition));
  if ((query.asOf ?? query.knownAt) === undefined) return query;
  const { fields, include, expand, maxAgeSeconds } = query;
  const asked = Object.entries({ fields, include, expand, maxAgeSeconds }).filter(([, value]) => value !== undefined && (value as string[]).length !== 0);
  if (asked.length === 0) return query;
  const errors = asked.map(([name]) => ({ pointer: `#/query/${name}`, code: `${name}.past`, detail: 'Not together with asOf or knownAt.' }));
  throw malformed('query.invalid', 'A past state is given whole, without its sources and what it refers to.', errors);
}

function objectOf(body: unknown): Record<string, unknown> {
  if (!isPlainObject(body)) throw malformed('body.object-expected', 'A JSON object is expected.', [{ pointer: '#', code: 'type.object', detail: 'An object is expected.' }]);
  return body;
}

function localKeysOf(value: unknown): LocalKeyInput[] {
  const wrapped = toChange({ op: 'create', attributes: {}, localKeys: value });
  return wrapped.localKeys ?? [];
}

function headersOf(result: Exclude<ChangeResult, { status: 'refused' }>): Record<string, string> {
  const etag = etagOf(result.record.version);
  return result.observed.length > 0 ? { ETag: etag, 'Datum-Ownership': `observed; groups="${result.observed.join(' ')}"` } : { ETag: etag };
}
