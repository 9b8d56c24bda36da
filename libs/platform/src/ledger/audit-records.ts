import { createHash } from 'node:crypto';
import { canonicalJson } from '../values/canonical-json.js';
import type { CurrentLine } from './audit-lines.js';
import type { Complain } from './audit-problem.js';
import type { LedgerFact } from './ledger-row.js';

interface LastKnown { version: number; imageHash: string; isCurrent: boolean }

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');
const keyOf = (recordType: string, recordId: string): string => `${recordType} ${recordId}`;

/** Checks each record's line of versions, and what stands now against where the line ends. Holds a hash per record. */
export class RecordChecker {
  private readonly records = new Map<string, LastKnown>();

  /** @param complete whether the ledger goes back to the beginning, so that every record's first version is 1. */
  constructor(private readonly complete: boolean, private readonly complain: Complain) {}

  get count(): number {
    return this.records.size;
  }

  row({ id: ledgerId, recordType, recordId, version, op, afterImage }: LedgerFact): void {
    const key = keyOf(recordType, recordId);
    const last = this.records.get(key);
    // A decision may belong to a version that exists already; it then leaves the record as it is.
    if (op === 'decision' && last?.version === version) return;
    const about = { recordType, recordId, version, ledgerId };
    const expected = last ? last.version + 1 : this.complete ? 1 : version;
    if (version > expected) {
      this.complain({ what: 'version-gap', ...about, version: expected, detail: `Version ${expected} of ${key} is missing: version ${version} follows.` });
    } else if (version < expected) {
      this.complain({ what: 'version-order', ...about, detail: `Version ${version} of ${key} comes again, after version ${expected - 1}.` });
      return;
    }
    this.records.set(key, { version, imageHash: hashOf(afterImage), isCurrent: false });
  }

  current({ recordType, id, version, after }: CurrentLine): void {
    const key = keyOf(recordType, id);
    const last = this.records.get(key);
    const about = { recordType, recordId: id, version };
    if (!last) {
      this.complain({ what: 'current-unknown', ...about, detail: `${key} exists, but the ledger has never seen it.` });
      return;
    }
    last.isCurrent = true;
    if (last.version !== version) {
      this.complain({ what: 'current-altered', ...about, detail: `${key} stands at version ${version}; the ledger ends at version ${last.version}.` });
    } else if (last.imageHash !== hashOf(canonicalJson(after))) {
      this.complain({ what: 'current-altered', ...about, detail: `${key} is not as its last change, version ${version}, left it.` });
    }
  }

  /** After the last current record: what the ledger knows of these types must all have been there. */
  finish(currentTypes: readonly string[]): void {
    const types = new Set(currentTypes);
    for (const [key, { version, isCurrent }] of this.records) {
      const [recordType = '', recordId = ''] = key.split(' ');
      if (isCurrent || !types.has(recordType)) continue;
      this.complain({ what: 'current-missing', recordType, recordId, version, detail: `${key} is gone; the ledger ends at version ${version}.` });
    }
  }
}
