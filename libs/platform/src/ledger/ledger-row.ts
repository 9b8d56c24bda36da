/**
 * A place in the ledger: everything in earlier ticks, and in this tick the rows up to this id, has been read. The epoch says in which life of
 * the database the tick was closed; a position survives a restore because of it.
 */
export interface Position {
  epoch: number;
  tick: number;
  id: number;
}

/** One row as it is stored. The texts are kept as the bytes they were written as, so that they can be hashed. Instants are RFC 3339 UTC. */
export interface LedgerFact {
  id: number;
  epoch: number;
  /** The transaction that wrote the row, as 64-bit decimal text. */
  xid: string;
  recordedAt: string;
  recordType: string;
  recordId: string;
  version: number;
  site: string | null;
  eventType: string;
  op: 'create' | 'update' | 'decision';
  validFrom: string;
  /** Canonical JSON text of the whole record after the change. */
  afterImage: string;
  /** Canonical JSON text: attribute → new value. */
  changes: string;
  provenance: string;
  decision: string;
  actor: string;
  channel: string;
  correlationId: string;
  requestId: string;
}

/** A row together with the tick that holds it. */
export interface LedgerRow extends LedgerFact {
  tick: number;
}

/** The select list that gives `RawLedgerRow`s. The table is called `l` where it is used. */
export const ledgerColumns = `
  l.id, l.epoch, l.xid::text AS xid, l.recorded_at AS "recordedAt", l.record_type AS "recordType", l.record_id AS "recordId", l.version,
  l.site, l.event_type AS "eventType", l.op, l.valid_from AS "validFrom", l.after_image AS "afterImage", l.changes, l.provenance,
  l.decision, l.actor, l.channel, l.correlation_id AS "correlationId", l.request_id AS "requestId"`;

/** As the driver gives it: bigint as text. */
export type RawLedgerRow = Omit<LedgerFact, 'id'> & { id: string };

export const toLedgerFact = (raw: RawLedgerRow): LedgerFact => ({ ...raw, id: Number(raw.id) });

/** Whether `a` lies before `b` in reading order. Ticks number on through epochs, so the epoch does not count. */
export const isBefore = (a: Position, b: Position): boolean => a.tick < b.tick || (a.tick === b.tick && a.id < b.id);
