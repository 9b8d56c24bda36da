import { BlockChecker, type BlockTrust } from './audit-blocks.js';
import type { AuditHeader, AuditLine, AuditTrailer } from './audit-lines.js';
import type { AuditProblem, Complain } from './audit-problem.js';
import { RecordChecker } from './audit-records.js';

export interface AuditReport {
  ok: boolean;
  rows: number;
  /** Rows behind the last sealed block: no fault, they are simply not sealed yet. */
  rowsNotSealed: number;
  blocks: number;
  /** Blocks that an anchor outside the database confirms. */
  blocksAnchored: number;
  records: number;
  currentRecords: number;
  problemCount: number;
  /** The first thousand. */
  problems: AuditProblem[];
}

const problemsMax = 1_000;

/**
 * Verifies an audit export offline: every row against its leaf, leaves against roots, the chain of blocks, signatures, anchors; that each record's
 * versions are without a gap; and that each current record is as its last ledger row left it. Streams: holds one block, and a hash per record.
 * @param lines the export, a line each, without a newline at the end or with one
 */
export async function verifyAudit(lines: AsyncIterable<string>, trust: BlockTrust = {}): Promise<AuditReport> {
  const problems: AuditProblem[] = [];
  let problemCount = 0;
  const run = new AuditRun(trust, (problem) => {
    problemCount += 1;
    if (problems.length < problemsMax) problems.push(problem);
  });
  for await (const line of lines) await run.line(line);
  const counts = await run.finish();
  return { ok: problemCount === 0, ...counts, problemCount, problems };
}

type Counts = Omit<AuditReport, 'ok' | 'problems' | 'problemCount'>;

class AuditRun {
  private number = 0;
  private header: AuditHeader | undefined;
  private trailer: AuditTrailer | undefined;
  private blocks: BlockChecker;
  private records: RecordChecker;
  private sealed = true;
  private readonly counts = { rows: 0, rowsNotSealed: 0, currentRecords: 0 };

  constructor(private readonly trust: BlockTrust, private readonly complain: Complain) {
    this.blocks = new BlockChecker(trust, complain, true);
    this.records = new RecordChecker(true, complain);
  }

  async line(text: string): Promise<void> {
    this.number += 1;
    if (text.trim() === '') return;
    const line = this.parse(text);
    if (!line) return;
    if (this.trailer) this.complain({ what: 'export-incomplete', detail: `Line ${this.number} comes after the trailer.` });
    if (line.kind !== 'header' && !this.header) this.openWithout();
    await this.take(line);
  }

  async finish(): Promise<Counts> {
    await this.blocks.finish();
    if (this.header) this.records.finish(this.header.currentTypes);
    this.checkTrailer();
    return { ...this.counts, blocks: this.blocks.blocks, blocksAnchored: this.blocks.anchored, records: this.records.count };
  }

  private parse(text: string): AuditLine | undefined {
    try {
      const line = JSON.parse(text) as AuditLine;
      if (typeof line === 'object' && line !== null) return line;
    } catch {
      // Reported below, like a line that is JSON but no object.
    }
    this.complain({ what: 'line-unreadable', detail: `Line ${this.number} of the export is not readable.` });
    return undefined;
  }

  private async take(line: AuditLine): Promise<void> {
    switch (line.kind) {
      case 'header': return this.begin(line);
      case 'block': return this.blocks.begin(line);
      case 'row': return this.row(line);
      case 'unsealed': {
        this.blocks.end();
        this.sealed = false;
        return;
      }
      case 'current': {
        this.counts.currentRecords += 1;
        return this.records.current(line);
      }
      case 'trailer': {
        this.trailer = line;
        return;
      }
      default: this.complain({ what: 'line-unreadable', detail: `Line ${this.number} of the export is of no known kind.` });
    }
  }

  private begin(header: AuditHeader): void {
    if (this.header || header.format !== 'datum-audit-1') {
      this.complain({ what: 'line-unreadable', detail: `Line ${this.number} is no header of a known format.` });
      return;
    }
    this.header = header;
    this.blocks = new BlockChecker(this.trust, this.complain, header.complete);
    this.records = new RecordChecker(header.complete, this.complain);
  }

  /** The rest is checked all the same. */
  private openWithout(): void {
    this.complain({ what: 'export-incomplete', detail: 'The export has no header.' });
    this.header = { kind: 'header', format: 'datum-audit-1', createdAt: '', epoch: 0, publicKeys: [], currentTypes: [], complete: true };
  }

  private row({ kind: _kind, tick: _tick, ...fact }: Extract<AuditLine, { kind: 'row' }>): void {
    this.counts.rows += 1;
    if (this.sealed) this.blocks.row(fact);
    else this.counts.rowsNotSealed += 1;
    this.records.row(fact);
  }

  private checkTrailer(): void {
    const { trailer, counts } = this;
    if (!trailer) this.complain({ what: 'export-incomplete', detail: 'The export has no trailer: it was cut short.' });
    else if (trailer.rows !== counts.rows || trailer.blocks !== this.blocks.blocks || trailer.current !== counts.currentRecords) {
      this.complain({ what: 'export-incomplete', detail: 'The export does not hold as many lines as its trailer says.' });
    }
  }
}
