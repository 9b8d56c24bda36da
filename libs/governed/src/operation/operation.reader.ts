import { Injectable } from '@nestjs/common';
import {
  CursorSigner, Database, filterValuesOf, isUuid, listScope, notFound, parseListQuery, type ListQuery, type ListQuerySpec, type RequestContext,
} from '@datum/platform';
import { operationStatuses, type Operation } from './operation.js';
import { findOperation, listOperations } from './operation.repository.js';

const cursorTtlSeconds = 86_400;
const listSpec: ListQuerySpec = {
  fields: {
    status: { type: 'enum', ops: ['eq', 'in'], values: operationStatuses },
    kind: { type: 'text', ops: ['eq', 'in'] },
  },
  select: [],
  without: ['asOf', 'knownAt', 'maxAgeSeconds'],
};

export interface OperationPage { data: Operation[]; nextCursor: string | null; cursorOf(operation: Operation): string }

/** What became of accepted work. A participant sees its own; `operation.admin` sees all. What it may not see does not exist for it. */
@Injectable()
export class OperationReader {
  constructor(private readonly database: Database, private readonly cursors: CursorSigner) {}

  /** @throws AppError notFound `operation.not-found` */
  async one(context: RequestContext, id: string): Promise<Operation> {
    const operation = isUuid(id) ? await findOperation(context.tx ?? this.database, id) : undefined;
    if (!operation || !this.maySee(context, operation)) throw notFound('operation.not-found', 'There is no such operation.');
    return operation;
  }

  /** Newest first. @param rawQuery the text behind `?` @throws AppError malformed */
  list(context: RequestContext, rawQuery: string): Promise<OperationPage> {
    return this.page(context, parseListQuery(rawQuery, listSpec));
  }

  async page(context: RequestContext, query: ListQuery): Promise<OperationPage> {
    const scope = listScope(context.actor.participantId, query);
    const beforeId = query.cursor === undefined ? undefined : String(this.cursors.verify('operations', scope, query.cursor));
    const rows = await listOperations(this.database, {
      ...(seesAll(context) ? {} : { participantId: context.actor.participantId }),
      statuses: filterValuesOf(query.filters, 'status'), kinds: filterValuesOf(query.filters, 'kind'), beforeId, limit: query.limit + 1,
    });
    const data = rows.slice(0, query.limit);
    const cursorOf = ({ id }: Operation): string => this.cursors.sign('operations', scope, id, cursorTtlSeconds);
    return { data, cursorOf, nextCursor: rows.length > query.limit ? cursorOf(data.at(-1)!) : null };
  }

  private maySee(context: RequestContext, operation: Operation): boolean {
    return operation.participantId === context.actor.participantId || seesAll(context);
  }
}

const seesAll = ({ actor }: RequestContext): boolean => actor.scopes.has('operation.admin') || actor.scopes.has('*');
