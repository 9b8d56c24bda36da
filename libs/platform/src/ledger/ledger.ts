import type { TxContext } from '../context/request-context.js';
import { canonicalJson } from '../values/canonical-json.js';

/** Why a change was accepted: the ownership verdict and the rule, in the version, that gave it. */
export interface LedgerDecision {
  verdict: string;
  ruleId?: string;
  ruleVersion?: number;
  [detail: string]: unknown;
}

/** One fact to be kept for ever: a record's new version, or a decision that belongs to one. */
export interface LedgerEntry {
  /** `item`, `item-site`, `write-request`, `ownership-rule` … */
  recordType: string;
  recordId: string;
  version: number;
  /** The site the record belongs to, when it belongs to one. */
  site?: string | null;
  /** `datum.<domain>.<entity>.<past-verb>.v1` */
  eventType: string;
  op: 'create' | 'update' | 'decision';
  /** Business time from which the change holds. */
  validFrom: string;
  /** The whole record after the change, in wire names. Kept and hashed as canonical JSON text. */
  after: Record<string, unknown>;
  /** What this change set, in wire names: attribute → new value. */
  changes: Record<string, unknown>;
  /** Owner system, source event, rule and mapping version per attribute group that changed. */
  provenance?: Record<string, unknown>;
  decision?: LedgerDecision;
}

const insertSql = `
  INSERT INTO ledger (record_type, record_id, version, site, event_type, op, valid_from, after_image, changes, provenance,
                      decision, actor, channel, correlation_id, request_id)
  SELECT e.record_type, e.record_id, e.version, e.site, e.event_type, e.op, e.valid_from, e.after_image, e.changes, e.provenance,
         e.decision, $2, $3, $4, $5
  FROM json_to_recordset($1::json) AS e(ord int, record_type text, record_id uuid, version int, site text, event_type text, op text,
         valid_from timestamptz, after_image text, changes text, provenance text, decision text)
  ORDER BY e.ord`;

/**
 * Appends entries in the transaction of the change they record, while the lock of each record is held: the ledger id is drawn here, and within one
 * record ids must rise with versions.
 */
export async function appendToLedger(context: TxContext, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const canonical = rememberingTheLast();
  const rows = entries.map((entry, ord) => ({
    ord,
    record_type: entry.recordType,
    record_id: entry.recordId,
    version: entry.version,
    site: entry.site ?? null,
    event_type: entry.eventType,
    op: entry.op,
    valid_from: entry.validFrom,
    after_image: canonicalJson(entry.after),
    changes: canonicalJson(entry.changes),
    provenance: canonical.provenance(entry.provenance ?? {}),
    decision: canonical.decision(entry.decision ?? {}),
  }));
  await context.tx.named('ledger-append', insertSql, [
    JSON.stringify(rows),
    context.actor.systemCode,
    context.channel,
    context.correlationId,
    context.requestId,
  ]);
}

/** Who wrote and why it was accepted is the same for most rows of a batch: what reads the same is put into canonical form once. */
function rememberingTheLast(): Record<'provenance' | 'decision', (value: object) => string> {
  const remember = () => {
    let plain: string | undefined;
    let canonical = '';
    return (value: object): string => {
      const text = JSON.stringify(value);
      if (text !== plain) [plain, canonical] = [text, canonicalJson(value)];
      return canonical;
    };
  };
  return { provenance: remember(), decision: remember() };
}
