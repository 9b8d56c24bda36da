import { Injectable } from '@nestjs/common';
import { Database, positionAt, recordHistory, type HistoryRow } from '@datum/platform';
import type { AnyRecord } from './record-definition.js';
import type { WireRecord } from './record-rows.js';

export interface TimePoint { asOf?: string; knownAt?: string }

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
  constructor(private readonly database: Database) {}

  async versions(id: string, knownAt?: string): Promise<RecordVersion[]> {
    const rows = await this.rows(id, knownAt);
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
    const known = await this.rows(id, knownAt);
    const valid = asOf === undefined ? known : known.filter((row) => Date.parse(row.validFrom) <= Date.parse(asOf));
    const ordered = [...valid].sort((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom) || a.version - b.version);
    if (ordered.length === 0) return undefined;
    const state: Record<string, unknown> = { id };
    for (const name of Object.keys(definition.attributes)) state[name] = null;
    for (const row of ordered) Object.assign(state, JSON.parse(row.changes));
    const latest = valid.reduce((a, b) => (a.version > b.version ? a : b));
    const image = JSON.parse(latest.afterImage) as WireRecord;
    return { ...state, id, version: latest.version, createdAt: image.createdAt, updatedAt: image.updatedAt } as WireRecord;
  }

  private async rows(recordId: string, knownAt: string | undefined): Promise<HistoryRow[]> {
    const known = knownAt === undefined ? {} : { knownAt: await positionAt(this.database, knownAt) };
    const rows = await recordHistory(this.database, { recordId, ...known });
    return rows.filter((row) => row.op !== 'decision');
  }
}
