import { randomUUID } from 'node:crypto';
import { ErpFailure, type EntityCapability, type ErpCall, type ErpDelta, type ErpManifest, type ErpPort, type ErpRecord, type ErpWrite } from '@datum/write-back';

interface Stored { attributes: Record<string, unknown>; revision: number; active: boolean; sequence: number }

/** What happened inside the ERP, in order: the ledger that tests count effects by. */
export interface FakeEffect { op: 'create' | 'update'; recordType: string; key: string; deduplicationKey: string; attributes: Record<string, unknown> }

export interface FakeErpSettings {
  types: Record<string, readonly string[]>;
  idempotency?: EntityCapability['idempotency'];
  callsPerSecond?: number;
  parallel?: number;
}

/** What a test does to the next calls: refuse before the effect, or lose the answer after it. */
export type FakeFault = (call: { operation: string; recordType: string; key: string; attributes?: Record<string, unknown> }) => { before?: ErpFailure; after?: ErpFailure; waitFor?: Promise<unknown> } | undefined;

/** An ERP in memory, at the port's own protocol: optimistic tokens, natural keys, a change feed; with faults, and a journal of its own effects. */
export class FakeErp implements ErpPort {
  readonly manifest: ErpManifest;
  readonly effects: FakeEffect[] = [];
  readonly calls: string[] = [];
  fault: FakeFault = () => undefined;
  /** Keys of rows that the adapter cannot read. */
  readonly unreadable = new Set<string>();
  private readonly rows = new Map<string, Stored>();
  private sequence = 0;

  constructor(private readonly settings: FakeErpSettings) {
    this.manifest = {
      product: 'Fake ERP', release: '1', provenBy: 'contract-only',
      limits: { callsPerSecond: settings.callsPerSecond ?? 10_000, parallel: settings.parallel ?? 4, batchRowsMax: 500 },
      entities: Object.entries(settings.types).map(([recordType, names]) => ({
        recordType, read: true, create: true, update: true, readable: names, writable: names, concurrency: 'etag', delta: 'feed', deletes: 'reconcile',
        idempotency: settings.idempotency ?? 'natural-key', bulk: false,
      })),
    };
  }

  /** What a user of the ERP does past the gateway. */
  edit(recordType: string, key: string, attributes: Record<string, unknown>, active = true): void {
    const before = this.rows.get(`${recordType}/${key}`);
    this.rows.set(`${recordType}/${key}`, {
      attributes: { ...before?.attributes, ...attributes }, revision: (before?.revision ?? 0) + 1, active, sequence: (this.sequence += 1),
    });
  }

  delete(recordType: string, key: string): void {
    this.rows.delete(`${recordType}/${key}`);
  }

  valueOf(recordType: string, key: string): Record<string, unknown> | undefined {
    return this.rows.get(`${recordType}/${key}`)?.attributes;
  }

  async ping(_call: ErpCall): Promise<void> {
    await this.meet('ping', '', '', async () => undefined);
  }

  read(recordType: string, key: string, _call: ErpCall): Promise<ErpRecord | undefined> {
    return this.meet('read', recordType, key, () => {
      if (this.unreadable.has(key)) throw new ErpFailure('unreadable', 'It holds what is no number.');
      return this.record(recordType, key);
    });
  }

  async changedSince(recordType: string, watermark: string | undefined, limit: number, _call: ErpCall): Promise<ErpDelta> {
    return this.meet('changedSince', recordType, '', () => {
      const since = Number(watermark ?? 0);
      const changed = [...this.rows].filter(([name, row]) => name.startsWith(`${recordType}/`) && row.sequence > since).sort(([, a], [, b]) => a.sequence - b.sequence);
      const page = changed.slice(0, limit);
      return {
        records: page.map(([name]) => this.record(recordType, name.slice(recordType.length + 1))!).filter(({ key }) => !this.unreadable.has(key)),
        unreadable: page.map(([name]) => name.slice(recordType.length + 1)).filter((key) => this.unreadable.has(key)).map((key) => ({ key, reason: 'It holds what is no number.' })),
        watermark: String(page.at(-1)?.[1].sequence ?? since), more: changed.length > page.length,
      };
    });
  }

  keys(recordType: string, _call: ErpCall): Promise<string[]> {
    return this.meet('keys', recordType, '', () =>
      [...this.rows].filter(([name, { active }]) => active && name.startsWith(`${recordType}/`)).map(([name]) => name.slice(recordType.length + 1)));
  }

  create(write: ErpWrite, _call: ErpCall): Promise<ErpRecord> {
    return this.meet('create', write.recordType, write.key, () => {
      if (this.rows.has(`${write.recordType}/${write.key}`)) throw new ErpFailure('conflict', 'The key is taken.');
      return this.write('create', write);
    }, write.attributes);
  }

  update(write: ErpWrite, _call: ErpCall): Promise<ErpRecord> {
    return this.meet('update', write.recordType, write.key, () => {
      const row = this.rows.get(`${write.recordType}/${write.key}`);
      if (!row) throw new ErpFailure('not-found', 'There is no such record.');
      if (this.settings.idempotency === 'key' && this.effects.some(({ deduplicationKey }) => deduplicationKey === write.deduplicationKey)) return this.record(write.recordType, write.key)!;
      if (write.token !== `t${row.revision}`) throw new ErpFailure('conflict', 'The token is stale.');
      return this.write('update', write);
    }, write.attributes);
  }

  async close(): Promise<void> {
    this.fault = () => undefined;
  }

  private write(op: FakeEffect['op'], { recordType, key, attributes, deduplicationKey }: ErpWrite): ErpRecord {
    this.edit(recordType, key, attributes);
    this.effects.push({ op, recordType, key, deduplicationKey, attributes });
    return this.record(recordType, key)!;
  }

  private record(recordType: string, key: string): ErpRecord | undefined {
    const row = this.rows.get(`${recordType}/${key}`);
    return row && { recordType, key, token: `t${row.revision}`, attributes: structuredClone(row.attributes), active: row.active, internalId: randomUUID() };
  }

  private async meet<T>(operation: string, recordType: string, key: string, work: () => T | Promise<T>, attributes?: Record<string, unknown>): Promise<T> {
    this.calls.push(operation);
    const fault = this.fault({ operation, recordType, key, ...(attributes ? { attributes } : {}) });
    await (fault?.waitFor ?? new Promise((resolve) => { setImmediate(resolve); }));
    if (fault?.before) throw fault.before;
    const result = await work();
    if (fault?.after) throw fault.after;
    return result;
  }
}
