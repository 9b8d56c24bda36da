import { Injectable } from '@nestjs/common';
import {
  AppError, bodyTextOf, canonicalJson, created, Database, hasScope, inOrder, isUuid, loaderOf, machineNowMs, NodeSource, notFound, ok, parseListQuery, readIdempotencyKey, requireScope, runIdempotent,
  type GraphqlContext, type ListQuery, type PageArgs, type Reply, type RequestContext,
} from '@datum/platform';
import { createHash } from 'node:crypto';
import { recordTypeOf } from './history.repository.js';
import { listSpecOf } from './query-spec.js';
import { RecordCatalogue } from './record-catalogue.js';
import type { AnyRecord } from './record-definition.js';
import { RecordReader } from './record.reader.js';
import type { WireRecord } from './record-rows.js';
import { RecordWriter } from './record.writer.js';

export interface RecordConnectionArgs {
  page: PageArgs;
  /** Attribute → value that must be equal. */
  where: Record<string, unknown>;
}

/** What the GraphQL fields of every governed record do: the same reader and writer as REST. */
@Injectable()
export class GraphqlRecords extends NodeSource {
  constructor(
    private readonly database: Database,
    private readonly catalogue: RecordCatalogue,
    private readonly reader: RecordReader,
    private readonly writer: RecordWriter,
  ) {
    super();
  }

  /** One record by id, null when there is none. Loads of one level become one statement. */
  async load(graphql: GraphqlContext, definition: AnyRecord, id: string): Promise<WireRecord | null> {
    if (!isUuid(id)) return null;
    const loader = loaderOf<string, WireRecord | null>(graphql, definition.type, async (ids) =>
      inOrder(ids, await this.reader.readMany(graphql.requestContext, definition, ids), (record) => record.id));
    return loader.load(id);
  }

  /** A referenced record; its own scope is asked, because the field that leads to it may lie in another domain. */
  async loadReference(graphql: GraphqlContext, type: string, id: string | null): Promise<WireRecord | null> {
    if (id === null) return null;
    const definition = this.catalogue.get(type);
    requireScope(graphql.requestContext.actor, `${definition.domain}.read`);
    return this.load(graphql, definition, id);
  }

  /** Any record by id: the ledger knows its type. The record's own scope is asked before it is read. */
  override async node(graphql: GraphqlContext, id: string): Promise<{ typeName: string; record: object } | undefined> {
    const type = await recordTypeOf(this.database, id);
    const definition = type === undefined ? undefined : this.catalogue.find(type);
    if (!definition || !hasScope(graphql.requestContext.actor, `${definition.domain}.read`)) return undefined;
    const record = await this.load(graphql, definition, id);
    return record ? { typeName: definition.typeName, record } : undefined;
  }

  async byLocalKey(context: RequestContext, definition: AnyRecord, key: { system: string; code: string; site?: string }): Promise<Record<string, unknown>[]> {
    const extra: Record<string, string> = { system: key.system, code: key.code, ...(key.site ? { site: key.site } : {}) };
    const page = await this.reader.list(context, definition, { ...emptyQuery, limit: 100, extra });
    return page.data;
  }

  async connection(context: RequestContext, definition: AnyRecord, { page, where }: RecordConnectionArgs) {
    // The one filter grammar: what REST refuses as a value is refused here too.
    const wanted = Object.entries(where).filter(([, value]) => value !== undefined && value !== null);
    const { filters } = parseListQuery(wanted.map(([field, value]) => `filter[${field}][eq]=${encodeURIComponent(String(value))}`).join('&'), listSpecOf(definition));
    const query: ListQuery = { ...emptyQuery, filters, limit: Math.max(1, page.first), ...(page.after ? { cursor: page.after } : {}) };
    const found = await this.reader.list(context, definition, query);
    const nodes = page.first === 0 ? [] : found.data;
    // Cursors of single nodes are rarely asked for: each is signed only when it is read.
    const edges = nodes.map((node, i) => ({ node, get cursor() { return found.cursorAt(i); } }));
    const pageInfo = {
      hasNextPage: found.nextCursor !== null, hasPreviousPage: page.after !== undefined,
      get startCursor() { return edges[0]?.cursor ?? null; }, get endCursor() { return edges.at(-1)?.cursor ?? null; },
    };
    return { edges, nodes, pageInfo };
  }

  async create(context: RequestContext, definition: AnyRecord, input: MutationInput): Promise<object> {
    return this.once(context, `create${definition.typeName}`, input, async (tx) => {
      const change = { op: 'create' as const, attributes: plainAttributes(input.attributes), ...(input.localKeys ? { localKeys: input.localKeys } : {}) };
      const result = await this.writer.applyOne(tx, definition, change);
      return created(`/v1/${definition.collection}/${result.record.id}`, { record: result.record, observedGroups: result.observed });
    });
  }

  async update(context: RequestContext, definition: AnyRecord, input: MutationInput & { id: string; ifMatch: number }): Promise<object> {
    if (!isUuid(input.id)) throw notFound(`${definition.type}.not-found`, `There is no such ${definition.type}.`);
    return this.once(context, `update${definition.typeName}`, input, async (tx) => {
      const result = await this.writer.applyOne(tx, definition, {
        op: 'update', id: input.id, attributes: plainAttributes(input.attributes), ifMatch: { versions: [input.ifMatch] },
      });
      return ok({ record: result.record, observedGroups: result.observed });
    });
  }

  /** A mutation runs once per idempotency key, like a POST: the effect and the stored answer commit together. */
  private async once(
    context: RequestContext, name: string, input: MutationInput, effect: (tx: RequestContext) => Promise<Reply>,
  ): Promise<object> {
    const fingerprint = createHash('sha256').update(canonicalJson([name, input])).digest('base64url');
    const reply = await runIdempotent(this.database, context, { client: context.actor.clientId, route: `graphql ${name}`, key: readIdempotencyKey(input.idempotencyKey), fingerprint, now: machineNowMs() }, effect);
    const text = bodyTextOf(reply);
    if (text === undefined) throw new AppError('bug', 'internal', 'A stored mutation has no body.');
    return JSON.parse(text) as object;
  }
}

export interface MutationInput {
  idempotencyKey: string;
  attributes: Record<string, unknown>;
  localKeys?: { system: string; code: string; site?: string | null }[];
}

const emptyQuery: ListQuery = { filters: [], sort: [], limit: 50, expand: [], include: [], extra: {} };

/** GraphQL input objects → wire attributes: references by id become the id; class instances become plain objects; absent stays absent. */
function plainAttributes(attributes: Record<string, unknown>): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify(attributes)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(plain)) {
    const reference = value as { id?: string } | null;
    if (reference !== null && typeof reference === 'object' && typeof reference.id === 'string') plain[name] = reference.id;
  }
  return plain;
}

