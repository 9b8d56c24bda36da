import type { Effects } from '../../control/effects.js';
import type { CorporateRecord, CorporateType } from './corporate-data.js';
import { corporateFields } from './corporate-fields.js';

export interface CorporateRequest {
  caller: string;
  deduplicationKey?: string;
  correlationId?: string;
}

/** What the ERP answers: the record, or its own error. */
export type CorporateAnswer =
  | { record: CorporateRecord; status: 200 | 201 }
  | { error: { code: string; text: string; field?: string }; status: 404 | 409 | 412 | 422 | 428 };

export interface Page {
  /** Rows carry their entity tag as a member, because a list has only one header. */
  data: (CorporateRecord & { etag: string })[];
  next: string | null;
}

/** The corporate ERP's tables. Every change is an effect first; the tables are what the effects add up to. */
export class CorporateStore {
  private readonly tables: Record<CorporateType, Map<string, CorporateRecord>> = { item: new Map(), vendor: new Map() };
  /** The record each idempotency key produced. */
  private readonly answered = new Map<string, CorporateRecord>();
  private lastOid = 0;
  private lastInstant = 0n;

  constructor(opening: Record<CorporateType, CorporateRecord[]>, private readonly effects: Effects) {
    for (const type of ['item', 'vendor'] as const) opening[type].forEach((record) => this.hold(type, record));
    for (const { recordType, kind, key, after, ...request } of effects.all) {
      const type = recordType as CorporateType;
      if (kind !== 'delete') this.remember(type, kind, request, after as CorporateRecord);
      if (after === null) this.tables[type].delete(key);
      else this.hold(type, after as CorporateRecord);
    }
  }

  get(type: CorporateType, key: string): CorporateRecord | undefined {
    return this.tables[type].get(key);
  }

  create(type: CorporateType, fields: unknown, request: CorporateRequest): CorporateAnswer {
    const earlier = this.earlier(type, 'create', request);
    if (earlier) return { record: earlier, status: 201 };
    const checked = corporateFields[type].whole.safeParse(fields);
    if (!checked.success) return refusal(checked.error.issues[0]!);
    const key = String(checked.data[corporateFields[type].key]);
    if (this.get(type, key)) return { status: 409, error: { code: 'CE-DUP', text: `Record ${key} exists.` } };
    const record = { oid: (this.lastOid += 1), rev: 1, ...checked.data, changedAt: this.now() } as unknown as CorporateRecord;
    return { record: this.apply(type, 'create', key, record, request), status: 201 };
  }

  update(type: CorporateType, key: string, fields: object, ifMatch: string | undefined, request: CorporateRequest): CorporateAnswer {
    const earlier = this.earlier(type, 'update', request);
    if (earlier) return { record: earlier, status: 200 };
    const held = this.get(type, key);
    if (!held) return { status: 404, error: { code: 'CE-NONE', text: `No record ${key}.` } };
    if (ifMatch === undefined) return { status: 428, error: { code: 'CE-MATCH', text: 'If-Match is required.' } };
    if (ifMatch !== etag(held)) return { status: 412, error: { code: 'CE-STALE', text: 'The record was changed.' } };
    return this.overwrite(type, held, fields, request, this.now());
  }

  /** What a user inside the ERP does: no token is asked for, and a slow transaction may carry a time in the past. */
  editInside(type: CorporateType, key: string, fields: object, secondsAgo: number): CorporateAnswer {
    const held = this.get(type, key);
    if (!held) return { status: 404, error: { code: 'CE-NONE', text: `No record ${key}.` } };
    const at = secondsAgo > 0 ? micros(BigInt(Date.now() - secondsAgo * 1_000) * 1_000n) : this.now();
    return this.overwrite(type, held, fields, { caller: 'erp-user' }, at);
  }

  deleteInside(type: CorporateType, key: string): boolean {
    if (!this.tables[type].delete(key)) return false;
    this.effects.add({ kind: 'delete', recordType: type, key, caller: 'erp-user', after: null });
    return true;
  }

  /** Records in the order of their number. */
  list(type: CorporateType, cursor: string | undefined, limit: number, withBlocked: boolean): Page {
    const keys = [...this.tables[type].keys()].sort();
    const rest = keys.filter((key) => cursor === undefined || key > cursor).map((key) => this.get(type, key)!);
    const wanted = rest.filter(({ blocked }) => withBlocked || !blocked);
    const data = wanted.slice(0, limit);
    return { data: data.map(withTag), next: wanted.length > limit ? String(data.at(-1)![corporateFields[type].key]) : null };
  }

  /** Records changed at or after `since`, oldest first; the cursor is the place in that order. */
  changes(type: CorporateType, since: string | undefined, cursor: string | undefined, limit: number): Page {
    const place = ({ changedAt, oid }: CorporateRecord): string => `${changedAt}|${String(oid).padStart(12, '0')}`;
    const changed = [...this.tables[type].values()]
      .filter((record) => (since === undefined || Date.parse(record.changedAt) >= Date.parse(since)) && (cursor === undefined || place(record) > cursor))
      .sort((a, b) => (place(a) < place(b) ? -1 : 1));
    const data = changed.slice(0, limit);
    return { data: data.map(withTag), next: changed.length > limit ? place(data.at(-1)!) : null };
  }

  private overwrite(
    type: CorporateType, held: CorporateRecord, fields: object, request: CorporateRequest, changedAt: string,
  ): CorporateAnswer {
    const { oid, rev, changedAt: _before, ...current } = held;
    const keyField = corporateFields[type].key;
    const checked = corporateFields[type].whole.safeParse({ ...current, ...fields });
    if (!checked.success) return refusal(checked.error.issues[0]!);
    const key = String(current[keyField as keyof typeof current]);
    if (checked.data[keyField] !== key) {
      return { status: 422, error: { code: 'CE-KEY', text: 'The number cannot be changed.', field: keyField } };
    }
    const record = { oid, rev: rev + 1, ...checked.data, changedAt } as unknown as CorporateRecord;
    return { record: this.apply(type, 'update', key, record, request), status: 200 };
  }

  private apply(
    type: CorporateType, kind: 'create' | 'update', key: string, record: CorporateRecord, request: CorporateRequest,
  ): CorporateRecord {
    this.effects.add({ kind, recordType: type, key, ...request, after: record });
    this.remember(type, kind, request, record);
    this.hold(type, record);
    return record;
  }

  /** The answer to an earlier call with the same idempotency key by the same caller. */
  private earlier(type: CorporateType, kind: 'create' | 'update', request: CorporateRequest): CorporateRecord | undefined {
    return this.answered.get(answerKey(type, kind, request));
  }

  private remember(type: CorporateType, kind: 'create' | 'update', request: CorporateRequest, record: CorporateRecord): void {
    if (request.deduplicationKey !== undefined) this.answered.set(answerKey(type, kind, request), record);
  }

  private hold(type: CorporateType, record: CorporateRecord): void {
    this.lastOid = Math.max(this.lastOid, record.oid);
    this.tables[type].set(String(record[corporateFields[type].key]), record);
  }

  /** The present in microseconds; never the same twice, so that a change time orders the changes of one process. */
  private now(): string {
    const present = BigInt(Date.now()) * 1_000n;
    this.lastInstant = present > this.lastInstant ? present : this.lastInstant + 1n;
    return micros(this.lastInstant);
  }
}

/** The strong entity tag of a record's present state. */
export const etag = ({ rev }: CorporateRecord): string => `"r${rev}"`;

const answerKey = (type: CorporateType, kind: string, { caller, deduplicationKey }: CorporateRequest): string =>
  JSON.stringify([type, kind, caller, deduplicationKey ?? null]);

const withTag = (record: CorporateRecord): Page['data'][number] => ({ ...record, etag: etag(record) });

const micros = (instant: bigint): string =>
  new Date(Number(instant / 1_000n)).toISOString().replace('Z', `${String(instant % 1_000n).padStart(3, '0')}Z`);

function refusal(issue: { path: PropertyKey[]; message: string; code?: string; keys?: string[] }): CorporateAnswer {
  const field = String(issue.path[0] ?? issue.keys?.[0] ?? '');
  return { status: 422, error: { code: 'CE-1042', field, text: `Class CL_MD_CHECK raised: ${issue.message}` } };
}
