import { Injectable } from '@nestjs/common';
import { checkText, Database, newContext, problemOf, type TxContext } from '@datum/platform';
import { localKeyRecord, RecordReader, RecordWriter, type AnyRecord, type ChangeResult, type RecordChange, type WireRecord } from '@datum/governed';
import { OwnershipService } from '@datum/ownership';
import type { ErpRecord, UnreadableRow } from '../erp-port.js';
import { ErpTargets } from '../erp-target.js';
import { ownerActor } from '../owner.js';
import { inboundChange, type InboundChange } from './inbound-change.js';
import { clearRefusals, codesBeingMade, keepRefusal, knownKeys, lockSeen, noteApplied, type KnownKey } from './inbound.repository.js';

export interface InboundPage {
  system: string;
  definition: AnyRecord;
  records: readonly ErpRecord[];
  /** Machine time before the page was fetched. */
  fetchedAt: string;
  correlationId: string;
  /** Rows that could not be read as records at all. */
  unreadable?: readonly UnreadableRow[];
  /** The records are looked at once more: the version that was seen last counts again. */
  isLook?: boolean;
}

/** Takes the ERP's own changes over as the owner's writes. What is refused is kept with its raw values; the rest of the page goes on. */
@Injectable()
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly records: RecordWriter,
    private readonly reader: RecordReader,
    private readonly ownership: OwnershipService,
    private readonly targets: ErpTargets,
  ) {}

  /** Returns the keys of records that were written back after the page was fetched: what it says of them may be out of date, and was left alone. */
  async take(page: InboundPage): Promise<string[]> {
    const records = page.records.filter((record) => !textProblem(record));
    const latest = [...new Map(records.map((record) => [record.key, record])).values()];
    const aside = [...(page.unreadable ?? []), ...page.records.filter(textProblem).map((record) => ({ key: record.key, reason: textProblem(record)!, raw: record }))];
    if (latest.length === 0 && aside.length === 0) return [];
    const context = newContext(ownerActor(page.system), 'erp', { correlationId: page.correlationId });
    return this.database.transaction(context, async (tx) => {
      const seen = await lockSeen(tx.tx, page.system, page.definition.type, latest.map(({ key }) => key), page.fetchedAt);
      const [overtaken, current] = split(latest, ({ key }) => seen.get(key)?.isNewer === true);
      const fresh = current.filter(({ key, token }) => page.isLook || token === undefined || seen.get(key)?.token !== token);
      if (fresh.length > 0) await this.apply(tx, page, fresh);
      for (const row of aside) await keepUnreadable(tx, page, row);
      return overtaken.map(({ key }) => key);
    });
  }

  private async apply(tx: TxContext, page: InboundPage, records: readonly ErpRecord[]): Promise<void> {
    const { system, definition } = page;
    const keys = await this.keysOf(tx, page, records);
    const golden = await this.goldenOf(tx, definition, [...keys.values()].map(({ recordId }) => recordId));
    const source = { form: this.targets.formOf(definition, system), actor: ownerActor(system), ownership: this.ownership };
    const wanted = await this.wanted(tx, page, records, keys);
    const inbound = wanted.map((record) => inboundChange(source, record, golden.get(keys.get(record.key)?.recordId ?? '')));
    const results = await this.records.applyEach(tx, definition, inbound.map(({ change }) => change));
    const cleared: string[] = [];
    for (const [i, record] of wanted.entries()) {
      const problem = problemOfResult(results[i]!, inbound[i]!, page);
      const key = { system, recordType: definition.type, key: record.key, token: record.token ?? null };
      if (problem) await keepRefusal(tx.tx, { ...key, raw: record, problem });
      else cleared.push(record.key);
      if (results[i]!.status !== 'refused') await noteApplied(tx.tx, key);
    }
    const gone = records.filter(({ key, active }) => !active && !keys.has(key)).map(({ key }) => key);
    await clearRefusals(tx.tx, system, definition.type, [...cleared, ...gone]);
    await this.moveKeys(tx, wanted, keys);
  }

  /** What is archived there and was never known here is nobody's business; what is being made here comes in by its write request, or by a later look. */
  private async wanted(tx: TxContext, page: InboundPage, records: readonly ErpRecord[], keys: ReadonlyMap<string, KnownKey>): Promise<ErpRecord[]> {
    const { system, definition } = page;
    const unknown = records.filter(({ key }) => !keys.has(key));
    const codes = unknown.filter(({ active }) => active).map(({ key }) => key);
    const underWay = codes.length === 0 ? new Set() : await codesBeingMade(tx.tx, system, definition.type, codes);
    for (const record of unknown.filter(({ key }) => underWay.has(key))) {
      await keepRefusal(tx.tx, { system, recordType: definition.type, key: record.key, token: record.token ?? null, raw: record, problem: beingMade(page, record) });
    }
    return records.filter(({ key, active }) => keys.has(key) || (active && !underWay.has(key)));
  }

  private async keysOf(tx: TxContext, { system, definition }: InboundPage, records: readonly ErpRecord[]): Promise<Map<string, KnownKey>> {
    if (!definition.localKeys) return new Map();
    const known = await knownKeys(tx.tx, system, definition.type, records.map(({ key }) => key));
    // Active ones come first and stay.
    return new Map(known.reverse().map((key) => [key.code, key]));
  }

  private async goldenOf(context: TxContext, definition: AnyRecord, ids: string[]): Promise<Map<string, WireRecord>> {
    const found = ids.length === 0 ? [] : await this.reader.readMany(context, definition, ids);
    return new Map(found.map((record) => [record.id, record]));
  }

  /** A code that was archived there is retired here; one that came back is in use again. The record itself lives on: others may use it. */
  private async moveKeys(tx: TxContext, records: readonly ErpRecord[], keys: ReadonlyMap<string, KnownKey>): Promise<void> {
    const changes = records.flatMap((record): RecordChange[] => {
      const key = keys.get(record.key);
      const status = record.active ? 'active' : 'retired';
      return key && key.status !== status ? [{ op: 'update', id: key.keyId, attributes: { status } }] : [];
    });
    if (changes.length > 0) await this.records.apply(tx, localKeyRecord, changes);
  }
}

function split<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))];
}

/** Why an ERP's text is none, wherever it stands in the record: what our own API refuses does not come in by the back door either. */
function textProblem(record: ErpRecord): string | undefined {
  let problem: string | undefined;
  JSON.stringify(record, (_name, value: unknown) => {
    if (typeof value === 'string') problem ??= checkText(value, '')?.detail;
    return value;
  });
  return problem;
}

/** Keeps a row aside that is no record. Its key may itself be what is wrong with it. */
async function keepUnreadable({ tx }: TxContext, { system, definition, correlationId }: InboundPage, row: UnreadableRow & { raw?: object }): Promise<void> {
  const { key, reason, raw } = row;
  const problem = { type: '/problems/inbound-unreadable', code: 'inbound.unreadable', status: 422, title: 'Unreadable', requestId: correlationId, detail: reason };
  await keepRefusal(tx, { system, recordType: definition.type, key: key.replaceAll('\0', '\uFFFD'), token: null, raw: raw ?? { key }, problem });
}

const beingMade = ({ system, definition, correlationId }: InboundPage, { key }: ErpRecord): object => ({
  type: '/problems/inbound-being-made', code: 'inbound.being-made', status: 409, title: 'A write request is making it', requestId: correlationId,
  detail: `A write request is making the ${definition.type} ${key} in ${system}; it comes in when that is confirmed.`,
});

function problemOfResult(result: ChangeResult, { drift }: InboundChange, { system, correlationId }: InboundPage): object | undefined {
  if (result.status === 'refused') return problemOf(result.error, correlationId);
  if (drift.length === 0) return undefined;
  const names = drift.map(({ attribute }) => attribute).join(', ');
  return {
    type: '/problems/ownership-violation', code: 'ownership.violation', status: 403, title: 'Another system decides this', requestId: correlationId,
    detail: `${system} holds other values of ${names} than the system that decides them. They were not taken over.`, drift,
  };
}
