import { ErpFailure } from '@datum/write-back';
import type { EntityCapability, ErpCall, ErpDelta, ErpManifest, ErpPort, ErpRecord, ErpWrite } from '@datum/write-back';
import { ErpHttp, jsonOf, notUnderstood, openWatermark, startDeadline, sweepPage } from '@datum/erp-http';
import type { Deadline, ErpHttpRequest, ErpHttpResponse, SecretSource } from '@datum/erp-http';
import { toMembers } from './field-conversion.js';
import { memberAt } from './json-path.js';
import { authentication } from './rest-authentication.js';
import type { RestAuthentication } from './rest-authentication.js';
import { restConfiguration } from './rest-configuration.js';
import type { RestConfiguration, RestRecordType } from './rest-configuration.js';
import { failureFrom } from './rest-failures.js';
import { keyInRow, pageOf, sweptRows, toRecord } from './rest-rows.js';

/** More active records than this in one type are taken for a paging fault of the ERP. */
const keysMax = 5_000_000;

export interface RestErpDependencies {
  secrets: SecretSource;
  /** Instead of the configured address: another port in a test or a demo. */
  baseUrl?: string;
}

/** Makes the adapter. @throws ZodError when the configuration is not one */
export function createRestErp(configuration: unknown, dependencies: RestErpDependencies): ErpPort {
  const checked = restConfiguration.parse(configuration);
  return new RestErp({ ...checked, baseUrl: dependencies.baseUrl ?? checked.baseUrl }, dependencies.secrets);
}

/** An ERP with a REST interface, described by configuration alone. */
class RestErp implements ErpPort {
  readonly manifest: ErpManifest;
  private readonly http: ErpHttp;
  private readonly authentication: RestAuthentication;

  constructor(private readonly configuration: RestConfiguration, secrets: SecretSource) {
    this.manifest = manifestOf(configuration);
    this.http = new ErpHttp({
      baseUrl: configuration.baseUrl, parallel: configuration.limits.parallel, responseBytesMax: configuration.responseBytesMax,
    });
    this.authentication = authentication(configuration, this.http, secrets);
  }

  async ping(call: ErpCall): Promise<void> {
    const answer = await this.send({ method: 'GET', path: this.configuration.ping.path, effect: false }, call, startDeadline(call));
    if (answer.status !== 200) throw failureFrom(this.configuration, answer, false);
    jsonOf(answer, false);
  }

  async read(recordType: string, key: string, call: ErpCall): Promise<ErpRecord | undefined> {
    return this.readWithin(recordType, key, call, startDeadline(call));
  }

  async changedSince(recordType: string, watermark: string | undefined, limit: number, call: ErpCall): Promise<ErpDelta> {
    const type = this.typeOf(recordType);
    if (!type.changes) throw new ErpFailure('validation', `This ERP cannot tell which ${recordType} records have changed.`);
    const sweep = openWatermark(watermark);
    const query = new URLSearchParams({ ...type.changes.query, [type.changes.limitParameter]: String(this.rows(limit)) });
    if (sweep.since !== undefined) query.set(type.changes.sinceParameter, sweep.since);
    if (sweep.cursor !== undefined) query.set(type.changes.cursorParameter, sweep.cursor);
    const answer = await this.get(`${type.changes.path}?${query.toString()}`, call, startDeadline(call));
    const body = jsonOf(answer, false);
    const { rows, next } = pageOf(body, type.changes, recordType);
    if (next !== undefined && next === sweep.cursor) throw notUnderstood(false, 'a cursor that does not move');
    const { swept, unreadable } = sweptRows(recordType, type, rows);
    const asOf = type.changes.asOf === undefined ? dateHeader(answer) : memberAt(body, type.changes.asOf);
    if (typeof asOf !== 'string' || Number.isNaN(Date.parse(asOf))) throw notUnderstood(false, 'a feed without its time');
    const page = sweepPage(sweep, { rows: swept, next, asOf }, type.changes.overlapSeconds * 1_000);
    return { records: page.delivered.map(({ record }) => record), watermark: page.watermark, more: page.more, unreadable };
  }

  async keys(recordType: string, call: ErpCall): Promise<string[]> {
    const type = this.typeOf(recordType);
    const deadline = startDeadline(call);
    const keys = new Set<string>();
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ ...type.list.query, [type.list.limitParameter]: String(type.list.rowsMax) });
      if (cursor !== undefined) query.set(type.list.cursorParameter, cursor);
      const answer = await this.get(`${type.list.path}?${query.toString()}`, call, deadline);
      const { rows, next } = pageOf(jsonOf(answer, false), type.list, recordType);
      const known = keys.size;
      for (const row of rows) {
        const key = keyInRow(type, row);
        if (key === undefined) throw notUnderstood(false, `a ${recordType} without its key`);
        keys.add(key);
      }
      if (next !== undefined && (next === cursor || keys.size === known || keys.size > keysMax)) {
        throw notUnderstood(false, 'pages that do not end');
      }
      cursor = next;
    } while (cursor !== undefined);
    return [...keys];
  }

  async create(write: ErpWrite, call: ErpCall): Promise<ErpRecord> {
    const type = this.typeOf(write.recordType);
    if (!type.create) throw new ErpFailure('validation', `${write.recordType} records cannot be created in this ERP.`);
    const body = { ...type.constants, ...toMembers(type, write.attributes, 'create'), [type.key]: write.key };
    return this.write({ method: 'POST', path: type.create.path }, body, write, call);
  }

  async update(write: ErpWrite, call: ErpCall): Promise<ErpRecord> {
    const type = this.typeOf(write.recordType);
    if (type.token && !write.token) throw new ErpFailure('conflict', 'The record must be read before it is written.');
    const method = type.one.updateMethod;
    return this.write({ method, path: onePath(type, write.key) }, toMembers(type, write.attributes, 'update'), write, call);
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private async write(
    { method, path }: Pick<ErpHttpRequest, 'method' | 'path'>, body: object, write: ErpWrite, call: ErpCall,
  ): Promise<ErpRecord> {
    const type = this.typeOf(write.recordType);
    const deadline = startDeadline(call);
    const { deduplication } = this.configuration.headers;
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (deduplication) headers[deduplication] = write.deduplicationKey;
    if (type.token && write.token) headers[type.token.requestHeader] = write.token;
    const answer = await this.send({ method, path, headers, body: JSON.stringify(body), effect: true }, call, deadline);
    if (![200, 201, 204].includes(answer.status)) throw failureFrom(this.configuration, answer, true, type);
    if (type.writeAnswers === 'nothing') return this.readBack(write, call, deadline);
    const record = toRecord(write.recordType, type, jsonOf(answer, true), this.tokenOf(type, answer), true);
    if (record.key !== write.key) throw notUnderstood(true, 'another record than the one that was written');
    return record;
  }

  /** The ERP answered without the record: it was written, and what it holds now must be read. */
  private async readBack(write: ErpWrite, call: ErpCall, deadline: Deadline): Promise<ErpRecord> {
    const record = await this.readWithin(write.recordType, write.key, call, deadline).catch((cause: unknown) => {
      throw new ErpFailure('unknown-outcome', 'The ERP took the write, but it could not be read back.', { cause });
    });
    if (record) return record;
    throw new ErpFailure('unknown-outcome', 'The ERP took the write, but does not show the record.');
  }

  private async readWithin(recordType: string, key: string, call: ErpCall, deadline: Deadline): Promise<ErpRecord | undefined> {
    const type = this.typeOf(recordType);
    const answer = await this.send({ method: 'GET', path: onePath(type, key), effect: false }, call, deadline);
    if (answer.status !== 200) {
      const failure = failureFrom(this.configuration, answer, false, type);
      if (failure.kind === 'not-found') return undefined;
      throw failure;
    }
    const record = toRecord(recordType, type, jsonOf(answer, false), this.tokenOf(type, answer), false);
    if (record.key !== key) throw notUnderstood(false, 'another record than the one that was asked for');
    return record;
  }

  private async get(path: string, call: ErpCall, deadline: Deadline): Promise<ErpHttpResponse> {
    const answer = await this.send({ method: 'GET', path, effect: false }, call, deadline);
    if (answer.status !== 200) throw failureFrom(this.configuration, answer, false);
    return answer;
  }

  /** Sends with credentials. A 401 says that nothing was done, so a new access token may be tried, once. */
  private async send(request: ErpHttpRequest, call: ErpCall, deadline: Deadline): Promise<ErpHttpResponse> {
    const { correlation, fixed } = this.configuration.headers;
    for (let attempt = 1; ; attempt += 1) {
      const authorization = await this.authentication.header(deadline);
      const answer = await this.http.send({
        ...request,
        headers: {
          accept: 'application/json', ...fixed, authorization, ...(call.traceparent ? { traceparent: call.traceparent } : {}),
          ...(correlation ? { [correlation]: call.correlationId } : {}), ...request.headers,
        },
      }, deadline);
      if (answer.status !== 401 || !this.authentication.refused(authorization) || attempt > 1) return answer;
    }
  }

  private tokenOf(type: RestRecordType, answer: ErpHttpResponse): string | undefined {
    return type.token && answer.headers[type.token.answerHeader];
  }

  private typeOf(recordType: string): RestRecordType {
    const type = Object.hasOwn(this.configuration.records, recordType) ? this.configuration.records[recordType] : undefined;
    if (type) return type;
    throw new ErpFailure('validation', `This ERP is not configured for ${recordType} records.`);
  }

  private rows(limit: number): number {
    return Math.max(1, Math.min(limit, this.configuration.limits.batchRowsMax));
  }
}

const onePath = (type: RestRecordType, key: string): string => type.one.path.replace('{key}', () => encodeURIComponent(key));

/** The ERP's clock as HTTP tells it: whole seconds, so up to a second early, which the overlap only makes safer. */
function dateHeader(answer: ErpHttpResponse): string | undefined {
  const instant = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString();
}

function manifestOf(configuration: RestConfiguration): ErpManifest {
  const entities = Object.entries(configuration.records).map(([recordType, type]): EntityCapability => ({
    recordType,
    read: true,
    create: type.create !== undefined,
    update: true,
    readable: type.fields.map(({ attribute }) => attribute),
    writable: type.fields.filter(({ write }) => write !== 'never').map(({ attribute }) => attribute),
    concurrency: type.token ? 'etag' : 'none',
    delta: type.changes ? 'timestamp' : 'none',
    deletes: 'reconcile',
    idempotency: configuration.headers.deduplication ? 'key' : 'natural-key',
    bulk: false,
  }));
  const { product, release, provenBy, limits } = configuration;
  return { product, release, provenBy, entities, limits: { ...limits } };
}
