import { Injectable } from '@nestjs/common';
import { CursorSigner, Database, filterValuesOf, isUuid, listScope, parseListQuery, type ListQuery, type ListQuerySpec, type RequestContext } from '@datum/platform';
import { writeRequestNotFound } from './write-request.errors.js';
import { findWriteRequest, listWriteRequests } from './write-request.repository.js';
import { maySee } from './write-request.service.js';
import { writeRequestStates, type WriteRequest } from './write-request.js';

const cursorTtlSeconds = 86_400;
const listSpec: ListQuerySpec = {
  fields: {
    state: { type: 'enum', ops: ['eq', 'in'], values: writeRequestStates },
    recordType: { type: 'text', ops: ['eq', 'in'] },
    recordId: { type: 'text', ops: ['eq', 'in'] },
    targetSystem: { type: 'text', ops: ['eq', 'in'] },
  },
  select: [],
  without: ['asOf', 'knownAt', 'maxAgeSeconds'],
};

export interface WriteRequestPage { data: WriteRequest[]; nextCursor: string | null; cursorOf(id: string): string }

@Injectable()
export class WriteRequestReader {
  constructor(private readonly database: Database, private readonly cursors: CursorSigner) {}

  /** @throws AppError notFound, also for those who may not see it */
  async one(context: RequestContext, id: string): Promise<WriteRequest> {
    const request = isUuid(id) ? await findWriteRequest(context.tx ?? this.database, id) : undefined;
    if (!request || !maySee(context, request)) throw writeRequestNotFound();
    return request;
  }

  /** Newest first: one's own, or with `write-back.read` those of everybody. @param rawQuery the text behind `?` @throws AppError malformed */
  list(context: RequestContext, rawQuery: string): Promise<WriteRequestPage> {
    return this.page(context, parseListQuery(rawQuery, listSpec));
  }

  async page(context: RequestContext, query: ListQuery): Promise<WriteRequestPage> {
    const { actor } = context;
    const scope = listScope(actor.participantId, query);
    const beforeId = query.cursor === undefined ? undefined : String(this.cursors.verify('write-requests', scope, query.cursor));
    const seesAll = ['write-back.read', 'write-back.approve', 'write-back.write', '*'].some((each) => actor.scopes.has(each));
    const rows = await listWriteRequests(this.database, {
      ...(seesAll ? {} : { requestedBy: actor.participantId }), ...(actor.sites ? { sites: actor.sites } : {}),
      states: filterValuesOf(query.filters, 'state'), recordTypes: filterValuesOf(query.filters, 'recordType'), recordIds: filterValuesOf(query.filters, 'recordId'),
      targetSystems: filterValuesOf(query.filters, 'targetSystem'), beforeId, limit: query.limit + 1,
    });
    const data = rows.slice(0, query.limit);
    const cursorOf = (id: string): string => this.cursors.sign('write-requests', scope, id, cursorTtlSeconds);
    return { data, cursorOf, nextCursor: rows.length > query.limit ? cursorOf(data.at(-1)!.id) : null };
  }
}
