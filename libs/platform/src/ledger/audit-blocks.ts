import type { Anchor } from './audit-lines.js';
import type { AuditProblem, Complain } from './audit-problem.js';
import type { LedgerFact } from './ledger-row.js';
import { merkleRoot } from './merkle.js';
import { firstPreviousRoot, isSignatureGood, leafHash, parseLeafLine, type LeafLine, type SealedBlock } from './sealed-block.js';

interface SeenRow { id: number; recordType: string; recordId: string; version: number; hash: string }

export interface BlockTrust {
  /** Key ids that are known to be the firm's. Without them a block may name any key, and only the anchors tell a block sealed anew. */
  keyIds?: readonly string[];
  /** Anchors in the order they were written. */
  anchors?: AsyncIterable<string>;
}

const named = ({ recordType, recordId, version, id }: LeafLine | SeenRow): Partial<AuditProblem> =>
  ({ recordType, recordId, version, ledgerId: id });

/** Checks the sealed blocks as they stream by: chain, signature, anchor, and each row against its leaf. Holds one block at a time. */
export class BlockChecker {
  blocks = 0;
  anchored = 0;
  private open: SealedBlock | undefined;
  private rows: SeenRow[] = [];
  private previous: SealedBlock | undefined;
  private readonly anchors: AsyncIterator<string> | undefined;
  private anchor: Anchor | undefined;

  constructor(private readonly trust: BlockTrust, private readonly complain: Complain, private readonly complete: boolean) {
    this.anchors = trust.anchors?.[Symbol.asyncIterator]();
  }

  async begin(block: SealedBlock): Promise<void> {
    this.end();
    this.blocks += 1;
    this.checkChain(block);
    await this.checkAnchor(block);
    this.open = block;
    this.previous = { ...block, leaves: '' };
  }

  row(fact: LedgerFact): void {
    const { id, recordType, recordId, version } = fact;
    this.rows.push({ id, recordType, recordId, version, hash: leafHash(fact).toString('hex') });
  }

  /** All rows of the open block have gone by. */
  end(): void {
    const block = this.open;
    if (block) this.compare(block, this.rows);
    this.open = undefined;
    this.rows = [];
  }

  /** After the last block: anchors that are left belong to blocks that are gone. */
  async finish(): Promise<void> {
    this.end();
    for (let anchor = await this.nextAnchor(); anchor; anchor = await this.nextAnchor()) this.reportLost(anchor);
  }

  private checkChain(block: SealedBlock): void {
    const expected = this.previous?.root ?? firstPreviousRoot;
    const number = (this.previous?.block ?? 0) + 1;
    if (!this.previous && !this.complete) return;
    if (block.block !== number) {
      this.complain({ what: 'block-missing', block: number, detail: `Block ${number} is missing: block ${block.block} follows.` });
    } else if (block.previousRoot !== expected) {
      this.complain({ what: 'block-altered', block: block.block, detail: `Block ${block.block} does not continue the block before it.` });
    }
    const { keyIds } = this.trust;
    if (keyIds && !keyIds.includes(block.keyId)) {
      this.complain({ what: 'block-untrusted', block: block.block, detail: `Block ${block.block} is sealed with key ${block.keyId}, which is not trusted.` });
    }
  }

  private async checkAnchor(block: SealedBlock): Promise<void> {
    const isBefore = (anchor: Anchor): boolean => anchor.epoch < block.epoch || (anchor.epoch === block.epoch && anchor.block < block.block);
    this.anchor ??= await this.nextAnchor();
    while (this.anchor && isBefore(this.anchor)) {
      if (!this.isPrevious(this.anchor)) this.reportLost(this.anchor);
      this.anchor = await this.nextAnchor();
    }
    const anchor = this.anchor;
    if (anchor?.block !== block.block || anchor.epoch !== block.epoch) return;
    this.anchored += 1;
    this.anchor = undefined;
    if (anchor.root === block.root && anchor.signature === block.signature && anchor.keyId === block.keyId) return;
    this.complain({ what: 'block-altered', block: block.block, detail: `Block ${block.block} is not the one that was anchored at ${anchor.sealedAt}.` });
  }

  /** Two processes may have anchored the same block. */
  private isPrevious(anchor: Anchor): boolean {
    return anchor.block === this.previous?.block && anchor.epoch === this.previous.epoch && anchor.root === this.previous.root;
  }

  private reportLost(anchor: Anchor): void {
    this.complain({
      what: 'block-missing',
      block: anchor.block,
      detail: `Block ${anchor.block} of epoch ${anchor.epoch}, anchored at ${anchor.sealedAt}, is not in the ledger: `
        + 'it was cut off, or the database was restored from an older backup.',
    });
  }

  private async nextAnchor(): Promise<Anchor | undefined> {
    for (;;) {
      const next = await this.anchors?.next();
      if (!next || next.done) return undefined;
      if (next.value.trim() === '') continue;
      try {
        return JSON.parse(next.value) as Anchor;
      } catch {
        this.complain({ what: 'anchor-unreadable', detail: 'A line of the anchors is not readable.' });
      }
    }
  }

  private compare(block: SealedBlock, rows: readonly SeenRow[]): void {
    const leaves = block.leaves.split('\n').map(parseLeafLine);
    const rootOfRows = merkleRoot(rows.map((row) => Buffer.from(row.hash, 'hex'))).toString('hex');
    if (!isSignatureGood(block)) {
      const alteredLeaves = rootOfRows === block.root ? leaves.filter((leaf, n) => leaf.hash !== rows[n]?.hash || leaf.id !== rows[n].id) : [];
      this.reportAltered(block, alteredLeaves.length > 0 ? rows[leaves.indexOf(alteredLeaves[0]!)] : undefined);
      // The rows are as the root says: only the block's own text was changed.
      if (rootOfRows === block.root) return;
    }
    const found = this.compareRows(block, leaves, rows);
    if (!found && isSignatureGood(block) && rootOfRows !== block.root) {
      this.complain({ what: 'row-order', block: block.block, detail: `The rows of block ${block.block} are not in the order in which they were sealed.` });
    }
  }

  private reportAltered(block: SealedBlock, row: SeenRow | undefined): void {
    const where = row ? `, at the leaf of ${row.recordType} ${row.recordId} version ${row.version}` : '';
    this.complain({
      what: 'block-altered', block: block.block, ...(row ? named(row) : {}), detail: `Block ${block.block} is not as it was signed${where}.`,
    });
  }

  /** Each row against its leaf. The names are those of the leaf, which was signed. */
  private compareRows(block: SealedBlock, leaves: readonly LeafLine[], rows: readonly SeenRow[]): boolean {
    const expected = new Map(leaves.map((leaf) => [leaf.id, leaf]));
    let found = false;
    const complain = (what: 'row-altered' | 'row-missing' | 'row-added', about: LeafLine | SeenRow, verb: string): void => {
      found = true;
      const detail = `Ledger row ${about.id} (${about.recordType} ${about.recordId} version ${about.version}) ${verb}.`;
      this.complain({ what, block: block.block, ...named(about), detail });
    };
    for (const row of rows) {
      const leaf = expected.get(row.id);
      if (!leaf) complain('row-added', row, 'was not there when its block was sealed');
      else if (leaf.hash !== row.hash) complain('row-altered', leaf, 'is not as it was sealed');
      expected.delete(row.id);
    }
    for (const leaf of expected.values()) complain('row-missing', leaf, 'is gone');
    return found;
  }
}
