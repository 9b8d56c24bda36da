import { ErpFailure } from '@datum/write-back';
import type { ErpCall, ErpDelta, ErpManifest, ErpPort, ErpRecord, ErpWrite, UnreadableRow } from '@datum/write-back';
import { notUnderstood, openWatermark, startDeadline, sweepPage, unreadable as unreadableFailure } from '@datum/erp-http';
import type { Deadline, SecretSource } from '@datum/erp-http';
import { z } from 'zod';
import { trytonConfiguration } from './tryton-configuration.js';
import type { TrytonConfiguration } from './tryton-configuration.js';
import { failureFromRefusal, TrytonRefusal } from './tryton-failures.js';
import { items } from './tryton-items.js';
import { changedDomain } from './tryton-record-type.js';
import type { TrytonRecordType, TrytonRow } from './tryton-record-type.js';
import { TrytonSession } from './tryton-session.js';
import type { TrytonRequest } from './tryton-session.js';
import { suppliers } from './tryton-suppliers.js';

const recordTypes = new Map<string, TrytonRecordType>([['item', items], ['supplier', suppliers]]);
const withArchived = { active_test: false };
const codeRows = z.array(z.object({ id: z.int(), code: z.string().nullable() }));
const unitRows = z.array(z.object({ id: z.int(), symbol: z.string() }));
const identity = z.object({ id: z.int(), code: z.string().min(1) });
const createdIds = z.array(z.int()).length(1);
const keysPageRows = 1_000;

/** Makes the adapter for Tryton 6.0. @throws ZodError when the configuration is not one */
export function createTrytonErp(configuration: unknown, secrets: SecretSource): ErpPort {
  return new TrytonErp(trytonConfiguration.parse(configuration), secrets);
}

class TrytonErp implements ErpPort {
  readonly manifest: ErpManifest;
  private readonly session: TrytonSession;
  private units: Map<string, number> | undefined;

  constructor(private readonly configuration: TrytonConfiguration, secrets: SecretSource) {
    this.session = new TrytonSession(configuration, secrets);
    this.manifest = {
      product: 'Tryton',
      release: '6.0',
      provenBy: 'real-server',
      entities: [...recordTypes.values()].map(({ capability }) => capability),
      limits: { ...configuration.limits },
    };
  }

  async ping(call: ErpCall): Promise<void> {
    const request = { method: 'model.party.party.search', params: [[], 0, 1, null], effect: false };
    const { result } = await this.call(suppliers, request, call, startDeadline(call));
    if (!Array.isArray(result)) throw notUnderstood(false, 'a search result that is none');
  }

  async read(recordType: string, key: string, call: ErpCall): Promise<ErpRecord | undefined> {
    return (await this.find(typeOf(recordType), key, call, startDeadline(call)))?.record;
  }

  async changedSince(recordType: string, watermark: string | undefined, limit: number, call: ErpCall): Promise<ErpDelta> {
    const type = typeOf(recordType);
    const sweep = openWatermark(watermark);
    const rowsMax = Math.max(1, Math.min(limit, this.configuration.limits.batchRowsMax));
    // Within a sweep pages go by id: what changes behind the page comes with the next sweep, which starts before this one did.
    const domain = [
      ['code', '!=', null], ['code', '!=', ''],
      ...(sweep.since === undefined ? [] : [changedDomain(type.datedPrefixes, sweep.since)]),
      ...(sweep.cursor === undefined ? [] : [['id', '>', Number(sweep.cursor)]]),
    ];
    const { rows, asOf, ids, unreadable } = await this.search(type, domain, [['id', 'ASC']], rowsMax, call, startDeadline(call));
    const swept = rows.map(({ id, record }) => ({ id: String(id), token: record.token!, changedAt: record.changedAt!, record }));
    const next = ids.length < rowsMax ? undefined : String(ids.at(-1)!);
    const page = sweepPage(sweep, { rows: swept, next, asOf }, this.configuration.overlapSeconds * 1_000);
    const records = page.delivered.map(({ record }) => record).sort((a, b) => (a.changedAt! < b.changedAt! ? -1 : 1));
    return { records, watermark: page.watermark, more: page.more, unreadable };
  }

  async keys(recordType: string, call: ErpCall): Promise<string[]> {
    const type = typeOf(recordType);
    const deadline = startDeadline(call);
    const keys: string[] = [];
    for (let lastId = 0; ; ) {
      const params = [[['id', '>', lastId]], 0, keysPageRows, [['id', 'ASC']], ['code']];
      const { result } = await this.call(type, { method: `model.${type.model}.search_read`, params, effect: false }, call, deadline);
      const rows = codeRows.safeParse(result);
      if (!rows.success || rows.data.some(({ id }) => id <= lastId)) throw notUnderstood(false, 'a list of codes that is none');
      for (const { code } of rows.data) if (code) keys.push(code);
      if (rows.data.length < keysPageRows) return keys;
      lastId = rows.data.at(-1)!.id;
    }
  }

  async create(write: ErpWrite, call: ErpCall): Promise<ErpRecord> {
    const type = typeOf(write.recordType);
    const deadline = startDeadline(call);
    // Tryton lets a code be used again once its holder is archived, and has no idempotency key: the look-up is ours to do.
    if (await this.find(type, write.key, call, deadline)) throw taken();
    const { model, values } = await type.creation(write, (symbol) => this.unitId(symbol, call, deadline));
    const request = { method: `model.${model}.create`, params: [[values]], effect: true };
    const { result } = await this.call(type, request, call, deadline).catch(async (error: unknown) => {
      // Somebody may have been faster: that is the one refusal that is no matter of the values.
      if (error instanceof ErpFailure && error.kind === 'validation' && await this.find(type, write.key, call, deadline)) throw taken();
      throw error;
    });
    if (!createdIds.safeParse(result).success) throw notUnderstood(true, 'an answer to a create without an id');
    return this.readBack(type, write, call, deadline);
  }

  async update(write: ErpWrite, call: ErpCall): Promise<ErpRecord> {
    const type = typeOf(write.recordType);
    if (!write.token) throw new ErpFailure('conflict', 'The record must be read before it is written.');
    const deadline = startDeadline(call);
    const row = await this.find(type, write.key, call, deadline);
    if (!row) throw new ErpFailure('not-found', 'The ERP has no such record.');
    if (row.record.token !== write.token) throw new ErpFailure('conflict', 'The record has changed in the ERP since it was read.');
    const { model, ids, values, timestamps } = await type.change(row, write, (symbol) => this.unitId(symbol, call, deadline));
    const context = { _timestamp: timestamps };
    const { result } = await this.call(type, { method: `model.${model}.write`, params: [ids, values], context, effect: true }, call, deadline);
    if (result !== null) throw notUnderstood(true, 'a strange answer to a write');
    return this.readBack(type, write, call, deadline);
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  /** What was written must be seen. When it cannot be, the write has happened all the same. */
  private async readBack(type: TrytonRecordType, write: ErpWrite, call: ErpCall, deadline: Deadline): Promise<ErpRecord> {
    const row = await this.find(type, write.key, call, deadline).catch((cause: unknown) => {
      throw new ErpFailure('unknown-outcome', 'The ERP took the write, but it could not be read back.', { cause });
    });
    if (row) return row.record;
    throw new ErpFailure('unknown-outcome', 'The ERP took the write, but does not show the record.');
  }

  /** The active holder of a code, else the newest archived one. */
  private async find(type: TrytonRecordType, key: string, call: ErpCall, deadline: Deadline): Promise<TrytonRow | undefined> {
    const { rows, unreadable } = await this.search(type, [['code', '=', key]], [['active', 'DESC'], ['id', 'DESC']], 1, call, deadline);
    if (unreadable.length > 0) throw unreadableFailure(false, `a ${type.capability.recordType} of another form`);
    const [row] = rows;
    if (row && row.record.key !== key) throw notUnderstood(false, 'another record than the one that was asked for');
    return row;
  }

  /** Rows of another form are set aside, as long as they say which record they are. */
  private async search(
    type: TrytonRecordType, domain: unknown[], order: string[][], rowsMax: number, call: ErpCall, deadline: Deadline,
  ): Promise<{ rows: TrytonRow[]; unreadable: UnreadableRow[]; ids: number[]; asOf: string }> {
    const params = [domain, 0, rowsMax, order, type.fields];
    const request = { method: `model.${type.model}.search_read`, params, context: withArchived, effect: false };
    const { result, asOf } = await this.call(type, request, call, deadline);
    const known = z.array(identity).max(rowsMax).safeParse(result);
    if (!known.success) throw notUnderstood(false, `${type.capability.recordType} rows of another form`);
    const rows = (result as unknown[]).map((row) => type.toRow(row));
    const aside = known.data.filter((_, i) => rows[i] === undefined);
    const unreadable = aside.map(({ code }) => ({ key: code, reason: `Tryton sent a ${type.capability.recordType} of another form; the record is not believed.` }));
    return { rows: rows.filter((row) => row !== undefined), unreadable, ids: known.data.map(({ id }) => id), asOf };
  }

  private async unitId(symbol: string, call: ErpCall, deadline: Deadline): Promise<number | undefined> {
    if (!this.units?.has(symbol)) {
      const request = { method: 'model.product.uom.search_read', params: [[], 0, 1_000, null, ['symbol']], effect: false };
      const rows = unitRows.safeParse((await this.call(items, request, call, deadline)).result);
      if (!rows.success) throw notUnderstood(false, 'a list of units that is none');
      this.units = new Map(rows.data.map(({ id, symbol: held }) => [held, id]));
    }
    return this.units.get(symbol);
  }

  private async call(
    type: TrytonRecordType, request: TrytonRequest, call: ErpCall, deadline: Deadline,
  ): Promise<{ result: unknown; asOf: string }> {
    try {
      return await this.session.call(request, call, deadline);
    } catch (error) {
      throw error instanceof TrytonRefusal ? failureFromRefusal(error, request.effect, type.labels) : error;
    }
  }
}

const taken = (): ErpFailure => new ErpFailure('conflict', 'The ERP already has a record with this code, active or archived.');

function typeOf(recordType: string): TrytonRecordType {
  const type = recordTypes.get(recordType);
  if (type) return type;
  throw new ErpFailure('validation', `This adapter knows no ${recordType} records.`);
}
