import { Injectable } from '@nestjs/common';
import { CursorSigner, Database, filterValuesOf, listScope, parseListQuery, type ListQuerySpec, type RequestContext } from '@datum/platform';
import { listRefusals, type InboundRefusal } from './inbound.repository.js';

const cursorTtlSeconds = 86_400;
const listSpec: ListQuerySpec = {
  fields: { system: { type: 'text', ops: ['eq', 'in'] }, recordType: { type: 'text', ops: ['eq', 'in'] }, key: { type: 'text', ops: ['eq', 'in'] } },
  select: [],
  without: ['asOf', 'knownAt', 'maxAgeSeconds'],
};

/** What the ERPs told us and we did not take over. */
@Injectable()
export class InboundRefusalReader {
  constructor(private readonly database: Database, private readonly cursors: CursorSigner) {}

  /** Open ones, newest first. @param rawQuery the text behind `?` @throws AppError malformed */
  async list(context: RequestContext, rawQuery: string): Promise<{ data: InboundRefusal[]; nextCursor: string | null }> {
    const query = parseListQuery(rawQuery, listSpec);
    const scope = listScope(context.actor.participantId, query);
    const beforeId = query.cursor === undefined ? undefined : String(this.cursors.verify('inbound-refusals', scope, query.cursor));
    const rows = await listRefusals(this.database, {
      systems: filterValuesOf(query.filters, 'system'), recordTypes: filterValuesOf(query.filters, 'recordType'), keys: filterValuesOf(query.filters, 'key'),
      beforeId, limit: query.limit + 1,
    });
    const data = rows.slice(0, query.limit);
    const nextCursor = rows.length > query.limit ? this.cursors.sign('inbound-refusals', scope, data.at(-1)!.id, cursorTtlSeconds) : null;
    return { data, nextCursor };
  }
}
