import { randomUUID } from 'node:crypto';
import type { ErpCall, ErpDelta, ErpPort, ErpRecord } from '@datum/write-back';
import { ErpFailure } from '@datum/write-back';
import type { Exchange } from './fault-proxy.js';

/** What the suite must know about one record type to prove the manifest's entry for it. */
export interface RecordSample {
  recordType: string;
  /** A valid value for every writable attribute, no more and no less. */
  create: Record<string, unknown>;
  /** Another valid value for every writable attribute. */
  change: Record<string, unknown>;
  /** Writable attributes that may be cleared. */
  clearable: readonly string[];
  /** Attributes that hold free text, by the way a text is put into them. */
  withText(text: string): Record<string, unknown>;
  /** An attribute of money or quantity, and values it must keep digit by digit as numbers; undefined when there is none. */
  decimals?: { attribute: string; values: readonly string[] };
  /** Values that the ERP itself refuses, although the adapter can express them; undefined when it takes everything. */
  refused?: Record<string, unknown>;
}

export type Credentials = 'right' | 'wrong' | 'powerless';

/** One running ERP and the way into it. */
export interface ErpFixture {
  /** Where the ERP listens. */
  readonly upstream: string;
  /** A new adapter that speaks to `baseUrl`: the proxy's address, or the ERP's own. */
  open(baseUrl: string, credentials?: Credentials): ErpPort;
  isWrite(exchange: Exchange): boolean;
  /** Whether the ERP's own answer to a write says that it was done. */
  wasDone(exchange: Exchange): boolean;
  /** What users of the ERP do past the adapter. `secondsAgo` dates the change back, as a long transaction does. */
  edit(recordType: string, key: string, text: string, secondsAgo?: number): Promise<void>;
  remove(recordType: string, key: string): Promise<void>;
  /** Words that would betray the ERP's insides in a message. */
  readonly internals: RegExp;
  stop(): Promise<void>;
}

export const call = (deadlineMs = 20_000): ErpCall => ({ deadlineMs, correlationId: randomUUID() });

/** A key that no other test uses. */
export const newKey = (prefix = 'K'): string => `${prefix}-${randomUUID().slice(0, 13)}`;

/** A create of the sample under `key`. */
export const creation = (sample: RecordSample, key: string, attributes: Record<string, unknown> = sample.create) =>
  ({ recordType: sample.recordType, key, attributes, deduplicationKey: randomUUID() });

export const update = (record: ErpRecord, attributes: Record<string, unknown>) =>
  ({ recordType: record.recordType, key: record.key, token: record.token!, attributes, deduplicationKey: randomUUID() });

/** The failure that `work` ends in. A success or any other error fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<ErpFailure> {
  const outcome = await work.then((value) => ({ value }), (error: unknown) => error);
  if (outcome instanceof ErpFailure) return outcome;
  throw outcome instanceof Error ? outcome : new Error(`No failure, but ${JSON.stringify(outcome)}`);
}

/** Pages to the end of a sweep. */
export async function drain(
  port: ErpPort, recordType: string, watermark: string | undefined, limit = 100,
): Promise<ErpDelta & { pages: number }> {
  const records: ErpRecord[] = [];
  let at = watermark;
  for (let pages = 1; pages <= 10_000; pages += 1) {
    const delta = await port.changedSince(recordType, at, limit, call());
    records.push(...delta.records);
    at = delta.watermark;
    if (!delta.more) return { records, watermark: at, more: false, pages };
  }
  throw new Error('The sweep does not end.');
}
