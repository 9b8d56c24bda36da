import { Injectable } from '@nestjs/common';
import { auditExport, Database, type CurrentRecordProvider } from '@datum/platform';
import { RecordCatalogue } from './record-catalogue.js';
import type { AnyRecord } from './record-definition.js';
import { toWire } from './record-rows.js';
import { selectAfterId } from './record.repository.js';

/** The audit export: every governed table beside the ledger that explains it, in one snapshot. */
@Injectable()
export class AuditReader {
  constructor(private readonly database: Database, private readonly catalogue: RecordCatalogue) {}

  /** Lines of NDJSON, newline included. */
  lines(): AsyncGenerator<string> {
    return auditExport(this.database, this.catalogue.all().map(providerOf));
  }
}

/** A current record in the form that its last ledger row holds, so that the two can be compared byte by byte. */
const providerOf = (definition: AnyRecord): CurrentRecordProvider => ({
  recordType: definition.type,
  async fetchCurrent(queryable, afterId, limit) {
    const rows = await selectAfterId(queryable, definition, afterId, limit);
    return rows.map((row) => ({ id: row.id, version: row.version, after: toWire(definition, row) }));
  },
});
