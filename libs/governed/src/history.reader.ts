import { Injectable } from '@nestjs/common';
import { CursorSigner, Database, positionAt, recordChanges, recordHistory, type ListQuery, type Position, type RequestContext } from '@datum/platform';
import { isWhole, stateAfter } from './backdated.js';
import { afterImageOf } from './history.repository.js';
import type { AnyRecord } from './record-definition.js';
import type { WireRecord } from './record-rows.js';

export interface TimePoint { asOf?: string; knownAt?: string }

const cursorTtlSeconds = 86_400;

interface VersionRange { knownAt?: string | undefined; afterVersion: number; limit: number }

/** A version of a record, as the history tells it. */
export interface RecordVersion {
  version: number;
  op: string;
  eventType: string;
  validFrom: string;
  /** Machine time at which it was recorded, and at which it became known to readers (null: within the next tick). */
  recordedAt: string;
  knownAt: string | null;
  actor: string;
  channel: string;
  correlationId: string;
  changes: Record<string, unknown>;
  decision: Record<string, unknown>;
  provenance: Record<string, unknown>;
}

/** The past of a record on two time axes: `asOf` in business time, `knownAt` in what the gateway knew. */
@Injectable()
export class HistoryReader {
  constructor(private readonly database: Database, private readonly cursors: CursorSigner) {}

  async page({ actor }: RequestContext, id: string, { cursor, limit, knownAt }: ListQuery): Promise<{ data: RecordVersion[]; nextCursor: string | null }> {
    const scope = JSON.stringify([actor.participantId, id, knownAt ?? null]);
    const afterVersion = cursor === undefined ? 0 : (this.cursors.verify('history', scope, cursor) as number);
    const versions = await this.versions(id, { knownAt, afterVersion, limit: limit + 1 });
    const data = versions.slice(0, limit);
    return { data, nextCursor: versions.length > limit ? this.cursors.sign('history', scope, data.at(-1)!.version, cursorTtlSeconds) : null };
  }

  /** The first version: how and from when the record came to be. */
  async first(id: string): Promise<RecordVersion | undefined> {
    const [version] = await this.versions(id, { afterVersion: 0, limit: 1 });
    return version;
  }

  /** Versions in their order, from behind `afterVersion` on. */
  private async versions(id: string, { knownAt, afterVersion, limit }: VersionRange): Promise<RecordVersion[]> {
    const rows = await recordHistory(this.database, { recordId: id, afterVersion, limit, withDecisions: false, ...(await this.known(knownAt)) });
    return rows.map((row) => ({
      version: row.version, op: row.op, eventType: row.eventType, validFrom: row.validFrom, recordedAt: row.recordedAt, knownAt: row.knownAt, actor: row.actor,
      channel: row.channel, correlationId: row.correlationId, changes: JSON.parse(row.changes), decision: JSON.parse(row.decision),
      provenance: JSON.parse(row.provenance),
    }));
  }

  /**
   * The record as it was valid at `asOf` according to what was known at `knownAt`: the changes known then, in the order of their validity, those dated
   * later left out. Undefined when it did not exist.
   */
  async stateAt(definition: AnyRecord, id: string, { asOf, knownAt }: TimePoint): Promise<WireRecord | undefined> {
    const known = await recordChanges(this.database, { recordId: id, ...(await this.known(knownAt)) });
    const valid = asOf === undefined ? known : known.filter((row) => Date.parse(row.validFrom) <= Date.parse(asOf));
    const last = valid.at(-1);
    if (!last) return undefined;
    const image = JSON.parse(await afterImageOf(this.database, id, last.version)) as WireRecord;
    const state = stateAfter(definition, image, valid.map(({ validFrom, changes }) => ({ validFrom, changes: JSON.parse(changes) as Record<string, unknown> })));
    return isWhole(definition, state) ? state : undefined;
  }

  private async known(knownAt: string | undefined): Promise<{ knownAt?: Position }> {
    return knownAt === undefined ? {} : { knownAt: await positionAt(this.database, knownAt) };
  }
}
