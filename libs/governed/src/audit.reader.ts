import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AppError, auditExport, Database, describeProblems, type CurrentRecordProvider } from '@datum/platform';
import { registryAuditProviders } from '@datum/registry';
import { RecordCatalogue } from './record-catalogue.js';
import type { AnyRecord } from './record-definition.js';
import { toWire } from './record-rows.js';
import { selectAfterId } from './record.repository.js';

const exportsMax = 2;
const exportDeadlineMs = 30 * 60_000;
describeProblems({ 'audit.busy': { title: 'Too many audit exports', text: 'Two audit exports are running already. Try again when one of them has ended.' } });

/** The audit export: every governed table, the registry and what rooms above add, beside the ledger that explains them, in one snapshot. */
@Injectable()
export class AuditReader {
  private running = 0;
  private readonly added: CurrentRecordProvider[] = [];

  constructor(private readonly database: Database, private readonly catalogue: RecordCatalogue) {}

  /** For records that are in the ledger and no governed ones. */
  add(provider: CurrentRecordProvider): void {
    this.added.push(provider);
  }

  /**
   * NDJSON. Each export holds a connection and a snapshot of the database for as long as its reader takes, so there are few at once and none goes on for ever.
   * @throws AppError limit `audit.busy`
   */
  stream(deadlineMs = exportDeadlineMs): Readable {
    if (this.running >= exportsMax) throw new AppError('limit', 'audit.busy', 'Two audit exports are running already.', { retryAfterSeconds: 60 });
    this.running += 1;
    const stream = Readable.from(this.lines(), { objectMode: false });
    const cut = setTimeout(() => stream.destroy(new Error('The audit export was not read to its end in time.')), deadlineMs).unref();
    let ended = false;
    const end = (): void => {
      if (!ended) this.running -= 1;
      ended = true;
      clearTimeout(cut);
    };
    // `close` alone may come a while after the reader has everything; `end` alone does not come when the reader leaves.
    return stream.once('end', end).once('close', end);
  }

  private lines(): AsyncGenerator<string> {
    return auditExport(this.database, [...this.catalogue.all().map(providerOf), ...registryAuditProviders, ...this.added]);
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
