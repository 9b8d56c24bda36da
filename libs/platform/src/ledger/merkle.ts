import { createHash } from 'node:crypto';

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** The hash of one leaf's bytes. Leaves and nodes hash apart, so that neither can pass for the other [RFC 6962, 2.1]. */
export const merkleLeaf = (bytes: Buffer | string): Buffer => sha256(leafPrefix, bytes);

/** The root over leaf hashes: the left part holds the largest power of two smaller than their number [RFC 6962, 2.1]. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256('');
  let level: readonly Buffer[] = leaves;
  // Pairing from the left and carrying an odd last one up gives the same tree as splitting at powers of two.
  while (level.length > 1) {
    const next: Buffer[] = [];
    for (let n = 0; n < level.length; n += 2) {
      const right = level[n + 1];
      next.push(right ? sha256(nodePrefix, level[n]!, right) : level[n]!);
    }
    level = next;
  }
  return level[0]!;
}
