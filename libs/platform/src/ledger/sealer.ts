import path from 'node:path';
import type { TxContext } from '../context/request-context.js';
import type { Database } from '../database/database.js';
import { runLoop, type Loop } from '../lifecycle/scheduler.js';
import { AnchorFile } from './anchor-file.js';
import { openAuditKey, type AuditKey } from './audit-key.js';
import { insertBlock, lastBlock } from './block-store.js';
import { DurableReader } from './durable-reader.js';
import type { LedgerRow } from './ledger-row.js';
import { merkleRoot } from './merkle.js';
import { firstPreviousRoot, leafHash, leafLine, signedBytes, type SealedBlock } from './sealed-block.js';

export interface SealerSettings {
  /** DATUM_HOME: holds `keys/audit-<key id>.pem` and `anchors.ndjson`. */
  home: string;
  rowsPerBlockMax?: number;
  /** Pause between blocks that are not full. */
  intervalMs?: number;
}

/**
 * Seals the ledger block by block, in reading order, behind the writers' backs: tamper evidence costs them nothing. A durable reader, so that of
 * several processes one seals, and a block and the cursor behind it commit together.
 */
export class Sealer {
  private readonly reader: DurableReader;
  private readonly anchors: AnchorFile;
  private readonly key: AuditKey;

  constructor(private readonly database: Database, settings: SealerSettings) {
    this.key = openAuditKey(path.join(settings.home, 'keys'));
    this.anchors = new AnchorFile(path.join(settings.home, 'anchors.ndjson'));
    this.reader = new DurableReader(database, { name: 'sealer', batchRowsMax: settings.rowsPerBlockMax ?? 10_000, leaseMs: 30_000 });
  }

  /** Seals one block if there are rows, and anchors whatever is not anchored. Says whether more rows are waiting. */
  async turn(): Promise<boolean> {
    const more = await this.reader.turn((rows, context) => this.seal(rows, context));
    await this.anchors.catchUp(this.database);
    return more;
  }

  async release(): Promise<void> {
    await this.reader.release();
  }

  private async seal(rows: readonly LedgerRow[], { tx }: TxContext): Promise<void> {
    const before = await lastBlock(tx);
    const [current] = await tx.query<{ epoch: number }>('SELECT coalesce(max(epoch), 1) AS epoch FROM ledger_epoch');
    await insertBlock(tx, sealBlock(rows, before, current!.epoch, this.key));
  }
}

function sealBlock(rows: readonly LedgerRow[], before: SealedBlock | undefined, epoch: number, key: AuditKey): SealedBlock {
  const hashes = rows.map(leafHash);
  const last = rows.at(-1)!;
  const block = {
    block: (before?.block ?? 0) + 1,
    epoch,
    firstTick: rows[0]!.tick,
    lastTick: last.tick,
    lastRowId: last.id,
    rowCount: rows.length,
    leaves: rows.map((row, n) => leafLine(row, hashes[n]!)).join('\n'),
    root: merkleRoot(hashes).toString('hex'),
    previousRoot: before?.root ?? firstPreviousRoot,
    keyId: key.keyId,
    publicKey: key.publicKey,
    sealedAt: new Date().toISOString(),
  };
  return { ...block, signature: key.sign(signedBytes(block)) };
}

/** Runs the sealer until it is stopped. */
export function runSealer(database: Database, settings: SealerSettings): Loop {
  const sealer = new Sealer(database, settings);
  const loop = runLoop('ledger-sealer', () => sealer.turn(), { intervalMs: settings.intervalMs ?? 2_000 });
  return {
    name: loop.name,
    wake: () => loop.wake(),
    stop: async () => {
      await loop.stop();
      // The lease ends by itself when the database cannot be told.
      await sealer.release().catch(() => undefined);
    },
  };
}
