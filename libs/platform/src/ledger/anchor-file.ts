import { open, readFile } from 'node:fs/promises';
import { logger } from '../telemetry/log.js';
import type { Queryable } from '../database/database.js';
import { blocksAfter, firstBlockBehind } from './block-store.js';
import type { SealedBlock } from './sealed-block.js';

/** A block without its leaves: what is kept outside the database, and may be printed, mailed or published. */
export type Anchor = Omit<SealedBlock, 'leaves'>;

export const toAnchor = ({ leaves: _leaves, ...anchor }: SealedBlock): Anchor => anchor;

/**
 * The anchors in `DATUM_HOME/anchors.ndjson`, one line per block, only ever appended to. Who rewrites the database to its end, blocks and all, is
 * found out by them.
 */
export class AnchorFile {
  private last: { epoch: number; block: number } | undefined;

  constructor(private readonly file: string) {}

  /** Writes what was sealed and is not in the file yet: also what a crash after the seal left out. */
  async catchUp(queryable: Queryable): Promise<number> {
    this.last ??= await this.readLast();
    let written = 0;
    for (;;) {
      const first = await firstBlockBehind(queryable, this.last.epoch, this.last.block);
      if (first === undefined) return written;
      const anchors = (await blocksAfter(queryable, first - 1, 20)).map(toAnchor);
      await this.append(anchors);
      written += anchors.length;
    }
  }

  private async append(anchors: Anchor[]): Promise<void> {
    const handle = await open(this.file, 'a', 0o600);
    try {
      await handle.write(anchors.map((anchor) => `${JSON.stringify(anchor)}\n`).join(''));
      await handle.sync();
    } finally {
      await handle.close();
    }
    for (const { block, epoch, root, keyId } of anchors) logger().info({ block, epoch, root, keyId }, 'ledger block sealed');
    const { epoch, block } = anchors.at(-1)!;
    this.last = { epoch, block };
  }

  private async readLast(): Promise<{ epoch: number; block: number }> {
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // A line that a crash cut short is not counted; the block is written again, on a line of its own.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await this.endLine();
    const line = whole.trimEnd().split('\n').at(-1);
    return line ? (JSON.parse(line) as Anchor) : { epoch: 0, block: 0 };
  }

  private async endLine(): Promise<void> {
    const handle = await open(this.file, 'a', 0o600);
    await handle.write('\n');
    await handle.close();
  }
}
