import { Injectable } from '@nestjs/common';
import {
  CursorSigner, currentPosition, Database, earliestPosition, malformed, parseListQuery, readLedger, Reply, RawJson,
  type LedgerRow, type Position, type RequestContext,
} from '@datum/platform';

const ttlSeconds = 90 * 86_400;

/** One change on the wire: when it was recorded, from when it holds in business time, and the record as it was left by it. */
interface FeedEntry { op: 'upsert'; id: string; recordType: string; version: number; changedAt: string; validFrom: string; eventType: string; resource: unknown }

/**
 * The change feed: the ledger by tick, which misses nothing and keeps the order within a record. The last page still gives a cursor, to go on from later.
 * Without a cursor the feed starts at the beginning; with `from=now` behind the last change.
 */
@Injectable()
export class ChangeFeed {
  constructor(private readonly database: Database, private readonly cursors: CursorSigner) {}

  async page(context: RequestContext, recordTypes: readonly string[], url: string): Promise<Reply> {
    const query = parseListQuery(url.slice((url.indexOf('?') + 1) || url.length), { fields: {}, extra: ['from'], without: ['asOf', 'knownAt', 'maxAgeSeconds'] });
    const kind = `changes:${recordTypes.join(',')}`;
    const scope = context.actor.participantId;
    const after = query.cursor === undefined
      ? await this.start(query.extra.from)
      : (this.cursors.verify(kind, scope, query.cursor) as Position);
    const { rows, position, atEnd } = await readLedger(this.database, {
      after, recordTypes, limit: query.limit, ...(context.actor.sites ? { sites: context.actor.sites } : {}),
    });
    const seen = rows.filter((row) => row.op !== 'decision');
    const nextCursor = this.cursors.sign(kind, scope, position, ttlSeconds);
    return new Reply(200, new RawJson(`{"data":[${seen.map(entryText).join(',')}],"page":{"nextCursor":${JSON.stringify(nextCursor)},"hasMore":${!atEnd}}}`));
  }

  private async start(from: string | undefined): Promise<Position> {
    if (from !== undefined && from !== 'now') {
      throw malformed('query.invalid', 'A feed starts at the beginning, or with from=now.', [{ pointer: '#/query/from', code: 'from.invalid', detail: 'Only "now" is known.' }]);
    }
    return from === 'now' ? currentPosition(this.database) : earliestPosition(this.database);
  }
}

/** The after-image is JSON text already; it is passed through, not parsed. */
function entryText(row: LedgerRow): string {
  const head: Omit<FeedEntry, 'resource'> = {
    op: 'upsert', id: row.recordId, recordType: row.recordType, version: row.version, changedAt: row.recordedAt, validFrom: row.validFrom, eventType: row.eventType,
  };
  return `${JSON.stringify(head).slice(0, -1)},"resource":${row.afterImage}}`;
}
