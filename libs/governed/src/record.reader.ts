import { Injectable } from '@nestjs/common';
import {
  AppError, Clock, countCacheRead, CursorSigner, Database, etagOf, listScope, maySeeSite, notFound,
  type Actor, type ListQuery, type Queryable, type RecordQuery, type RequestContext,
} from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { expandRecords } from './expand.js';
import { freshnessByGroup, freshnessHeader, freshnessOfSources, sourcesOf, type Freshness } from './freshness.js';
import { HistoryReader } from './history.reader.js';
import { listSpecOf } from './query-spec.js';
import { positionOf, selectJsonPage, selectPage, type ListPlan } from './list.repository.js';
import { idsByLocalKeys, localKeysOf } from './local-key.repository.js';
import { RecordCache, type CachedRecord } from './record-cache.js';
import { RecordCatalogue } from './record-catalogue.js';
import type { AnyRecord } from './record-definition.js';
import { toWire, type RecordRow, type WireRecord } from './record-rows.js';
import { idsByKeys, selectById, selectJsonById, selectWireRows } from './record.repository.js';

const cursorTtlSeconds = 86_400;

/** One record as a reader gets it: the body, its validator, and how fresh it is. */
export interface ReadRecord { json: string; etag: string; freshness: string }

export interface RecordPage {
  data: Record<string, unknown>[];
  nextCursor: string | null;
  /** The cursor behind the i-th record of the page. */
  cursorAt(i: number): string;
}

/** Reads of governed records, for REST and GraphQL alike. What a reader may not see does not exist for it. */
@Injectable()
export class RecordReader {
  constructor(
    private readonly database: Database,
    private readonly catalogue: RecordCatalogue,
    private readonly cache: RecordCache,
    private readonly directory: RegistryDirectory,
    private readonly cursors: CursorSigner,
    private readonly clock: Clock,
    private readonly history: HistoryReader,
  ) {}

  /** @throws AppError notFound, or unavailable `stale-data` when the caller demands a fresher value than there is. */
  async read(context: RequestContext, definition: AnyRecord, id: string, query?: RecordQuery): Promise<ReadRecord> {
    if (query && (query.asOf !== undefined || query.knownAt !== undefined)) return this.readPast(context, definition, id, query);
    // Inside a transaction the record is read as that transaction sees it: not from memory, nor into it.
    if (!context.tx && (!query || isPlain(query))) return this.hot(context.actor, definition, id) ?? this.readPlain(context, definition, id);
    const row = await selectById(this.from(context), definition, id);
    if (!row || !this.maySee(context, definition, row)) throw this.missing(definition);
    const freshness = this.freshness(row);
    this.demand(query?.maxAgeSeconds, freshness);
    return this.shaped(context, definition, row, query ?? plainQuery, freshness);
  }

  /** The whole record from memory, at once; undefined when it is not there, may not be trusted just now, or is nothing this reader may see. */
  hot(actor: Actor, definition: AnyRecord, id: string): ReadRecord | undefined {
    const cached = this.cache.get(definition.type, id);
    if (!cached || (cached.site !== null && !maySeeSite(actor, cached.site))) return undefined;
    countCacheRead('hit');
    return this.answer(actor, cached);
  }

  private async readPlain(context: RequestContext, definition: AnyRecord, id: string): Promise<ReadRecord> {
    countCacheRead(this.cache.isCertain() ? 'miss' : 'bypass');
    const mark = this.cache.mark();
    const row = await selectJsonById(this.database, definition, id);
    if (!row || (row.site !== null && !maySeeSite(context.actor, row.site))) throw this.missing(definition);
    const { json, version, site } = row;
    const read: CachedRecord = { version, json, site, etag: etagOf(version), sources: sourcesOf(row.provenance) };
    this.cache.fill(definition.type, id, read, mark);
    return this.answer(context.actor, read);
  }

  /** The wire records behind ids, in no order; those the reader may not see are left out. For loaders and expansion. */
  async readMany(context: RequestContext, definition: AnyRecord, ids: readonly string[]): Promise<WireRecord[]> {
    const rows = await selectWireRows(this.from(context), definition, ids);
    return rows.filter((row) => this.maySee(context, definition, row)).map((row) => toWire(definition, row));
  }

  /** The id behind a natural key; undefined when there is none. */
  async idByKey(context: RequestContext, definition: AnyRecord, key: Record<string, unknown>): Promise<string | undefined> {
    const [found] = await idsByKeys(this.from(context), definition, [key]);
    return found?.id;
  }

  /** The records whose attribute has one of the values, in id order; those the reader may not see are left out. At most 5,000. */
  async readWhere(context: RequestContext, definition: AnyRecord, attribute: string, values: readonly string[]): Promise<WireRecord[]> {
    const filter = { field: attribute, type: 'text' as const, op: 'in' as const, values: [...values] };
    const rows = await selectPage(this.from(context), definition, { filters: [filter], sort: [], limit: 5_000, sites: context.actor.sites });
    return rows.map((row) => toWire(definition, row));
  }

  async list(context: RequestContext, definition: AnyRecord, query: ListQuery, fixed: Record<string, string> = {}): Promise<RecordPage> {
    const { scope, plan } = await this.planList(context, definition, query, fixed);
    const rows = await selectPage(this.from(context), definition, plan);
    const page = rows.slice(0, query.limit);
    const cursorAt = (i: number): string =>
      this.cursors.sign(definition.collection, scope, positionOf(definition, query.sort, page[i]!), cursorTtlSeconds);
    const nextCursor = rows.length > query.limit ? cursorAt(page.length - 1) : null;
    for (const row of page) if (query.maxAgeSeconds !== undefined) this.demand(query.maxAgeSeconds, this.freshness(row));
    return { data: await this.shapeAll(context, definition, page, query), nextCursor, cursorAt };
  }

  /** `list` of whole records as JSON texts; undefined when the query asks for another shape, or for how fresh they are. */
  async listJson(context: RequestContext, definition: AnyRecord, query: ListQuery, fixed: Record<string, string> = {}): Promise<{ json: string[]; nextCursor: string | null } | undefined> {
    if (context.tx || !isPlain(query)) return undefined;
    const { scope, plan } = await this.planList(context, definition, query, fixed);
    const rows = await selectJsonPage(this.database, definition, plan);
    const page = rows.slice(0, query.limit);
    const position = (): unknown[] => positionOf(definition, query.sort, page.at(-1)!);
    const nextCursor = rows.length > query.limit ? this.cursors.sign(definition.collection, scope, position(), cursorTtlSeconds) : null;
    return { json: page.map((row) => row.json), nextCursor };
  }

  private async planList(context: RequestContext, definition: AnyRecord, query: ListQuery, fixed: Record<string, string>): Promise<{ scope: string; plan: ListPlan }> {
    const scope = listScope(context.actor.participantId, { ...query, extra: { ...query.extra, ...fixed } });
    const after = query.cursor === undefined ? undefined : (this.cursors.verify(definition.collection, scope, query.cursor) as unknown[]);
    const ids = await this.idsOfLocalKey(context, definition, query);
    const fixedFilters = Object.entries(fixed).map(([field, value]) => ({ field, type: 'text' as const, op: 'eq' as const, values: [value] }));
    const plan = { filters: [...query.filters, ...fixedFilters], sort: query.sort, limit: query.limit, sites: context.actor.sites, ...(after ? { after } : {}), ...(ids ? { ids } : {}) };
    return { scope, plan };
  }

  listSpec(definition: AnyRecord) {
    return listSpecOf(definition);
  }

  /** Whoever is in a transaction reads on its connection: waiting for a second one while holding the first brings the pool to a standstill. */
  private from({ tx }: RequestContext): Queryable {
    return tx ?? this.database;
  }

  private answer(actor: Actor, { version, json, etag, sources }: CachedRecord): ReadRecord {
    const freshness = freshnessOfSources(this.directory, sources, this.clock.nowMs());
    return { json, etag: actor.sites === null ? etag : this.etag(actor, version, [], freshness), freshness: headerOf(freshness) };
  }

  private async shaped(context: RequestContext, definition: AnyRecord, row: RecordRow, query: RecordQuery, freshness: Freshness | undefined): Promise<ReadRecord> {
    const [record] = await this.shapeAll(context, definition, [row], query);
    const variant = [...query.include, ...query.expand, ...(query.fields ?? []).map((path) => path.join('.'))];
    return { json: JSON.stringify(record), etag: this.etag(context.actor, row.version, variant, freshness), freshness: headerOf(freshness) };
  }

  private async readPast(context: RequestContext, definition: AnyRecord, id: string, query: RecordQuery): Promise<ReadRecord> {
    const current = await selectById(this.from(context), definition, id);
    if (!current || !this.maySee(context, definition, current)) throw this.missing(definition);
    const record = await this.history.stateAt(definition, id, query);
    if (!record) throw notFound(`${definition.type}.not-found`, `There was no such ${definition.type} then.`);
    return { json: JSON.stringify(record), etag: etagOf(record.version, `${query.asOf}/${query.knownAt}`), freshness: headerOf(undefined) };
  }

  private async shapeAll(context: RequestContext, definition: AnyRecord, rows: RecordRow[], query: RecordQuery): Promise<Record<string, unknown>[]> {
    const records: Record<string, unknown>[] = rows.map((row) => toWire(definition, row));
    if (query.include.includes('provenance')) {
      rows.forEach((row, i) => { records[i]!.provenance = this.provenanceView(row); });
    }
    if (query.include.includes('local')) {
      const keys = await localKeysOf(this.from(context), rows.map((row) => row.id));
      rows.forEach((row, i) => { records[i]!.local = keys.filter((key) => key.recordId === row.id).map(({ system, site, code }) => ({ system, site, code })); });
    }
    if (query.expand.length > 0) await expandRecords(context, this, this.catalogue, { definition, records, names: query.expand });
    return query.fields ? records.map((record) => pick(record, [...query.fields!, ...query.include.map((name) => [name])])) : records;
  }

  private provenanceView(row: RecordRow): Record<string, unknown> {
    const freshness = freshnessByGroup(this.directory, row.provenance, this.clock.nowMs());
    return Object.fromEntries(Object.entries(row.provenance).map(([group, origin]) => [group, { ...origin, freshness: freshness[group] }]));
  }

  private async idsOfLocalKey(context: RequestContext, definition: AnyRecord, { extra }: ListQuery): Promise<string[] | undefined> {
    const { system, code, site } = extra;
    if (code === undefined && system === undefined) return undefined;
    if (code === undefined || system === undefined) {
      throw new AppError('malformed', 'query.invalid', 'A look-up by local key needs both "system" and "code".');
    }
    const [ids] = await idsByLocalKeys(this.from(context), definition.type, [{ system, code, site: site ?? null }]);
    return ids;
  }

  private freshness(row: RecordRow): Freshness | undefined {
    return freshnessOfSources(this.directory, sourcesOf(row.provenance), this.clock.nowMs());
  }

  private demand(maxAgeSeconds: number | undefined, freshness: Freshness | undefined): void {
    if (maxAgeSeconds === undefined || !freshness) return;
    const ageSeconds = freshness.asOf === null ? Infinity : (this.clock.nowMs() - Date.parse(freshness.asOf)) / 1_000;
    if (ageSeconds <= maxAgeSeconds) return;
    throw new AppError('unavailable', 'stale-data', `${freshness.system} was last heard at ${freshness.asOf ?? 'no time yet'}; the value is older than ${maxAgeSeconds} s.`, {
      retryAfterSeconds: 60, details: { system: freshness.system, asOf: freshness.asOf },
    });
  }

  /** A site-limited token and a stale source change what the same version looks like, and so its validator (docs/adr). */
  private etag({ sites }: Actor, version: number, variant: string[], freshness: Freshness | undefined): string {
    if (variant.length === 0 && sites === null) return etagOf(version);
    return etagOf(version, JSON.stringify([variant, sites, freshness?.state ?? 'fresh']));
  }

  private siteOf(definition: AnyRecord, row: Record<string, unknown>): string | null {
    return definition.site ? ((row[definition.attributes[definition.site]!.column!] as string | null) ?? null) : null;
  }

  private maySee(context: RequestContext, definition: AnyRecord, row: Record<string, unknown>): boolean {
    const site = this.siteOf(definition, row);
    return site === null || maySeeSite(context.actor, site);
  }

  private missing(definition: AnyRecord): AppError {
    return notFound(`${definition.type}.not-found`, `There is no such ${definition.type}.`);
  }
}

const plainQuery: RecordQuery = { include: [], expand: [], extra: {} };

const isPlain = (query: RecordQuery): boolean =>
  query.include.length === 0 && query.expand.length === 0 && query.fields === undefined && query.maxAgeSeconds === undefined;

const headerOf = (freshness: Freshness | undefined): string => (freshness ? freshnessHeader(freshness) : 'fresh');

function pick(record: Record<string, unknown>, paths: string[][]): Record<string, unknown> {
  const picked: Record<string, unknown> = { id: record.id, version: record.version };
  for (const [head, ...rest] of paths) {
    const value = record[head!];
    if (rest.length === 0 || typeof value !== 'object' || value === null) picked[head!] = value;
    else picked[head!] = { ...(picked[head!] as object), ...pickInner(value as Record<string, unknown>, rest) };
  }
  return picked;
}

function pickInner(value: Record<string, unknown>, [head, ...rest]: string[]): Record<string, unknown> {
  const inner = value[head!];
  return { [head!]: rest.length === 0 || typeof inner !== 'object' || inner === null ? inner : pickInner(inner as Record<string, unknown>, rest) };
}
