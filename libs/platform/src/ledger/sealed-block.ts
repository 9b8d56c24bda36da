import { createHash, createPublicKey, verify } from 'node:crypto';
import { canonicalJson } from '../values/canonical-json.js';
import { merkleLeaf } from './merkle.js';
import type { LedgerFact } from './ledger-row.js';

/** A run of ledger rows in reading order, sealed by the hash of each, their root, the root before, and a signature over all of it. */
export interface SealedBlock {
  block: number;
  epoch: number;
  firstTick: number;
  lastTick: number;
  lastRowId: number;
  rowCount: number;
  /** A line per row: `id recordType recordId version leaf`, so that a row that is gone can still be named. */
  leaves: string;
  /** Hexadecimal, as every hash here. */
  root: string;
  previousRoot: string;
  keyId: string;
  /** SPKI, DER, base64. The key id is derived from it. */
  publicKey: string;
  /** Ed25519, base64. */
  signature: string;
  sealedAt: string;
}

/** The root before the first block. */
export const firstPreviousRoot = '0'.repeat(64);

const leafFields = [
  'id', 'epoch', 'xid', 'recordedAt', 'recordType', 'recordId', 'version', 'site', 'eventType', 'op', 'validFrom', 'afterImage', 'changes',
  'provenance', 'decision', 'actor', 'channel', 'correlationId', 'requestId',
] as const satisfies readonly (keyof LedgerFact)[];

/** The hash of a row: every column, as the JSON text of an array in fixed order, instants with the precision that the database holds. */
export function leafHash(row: LedgerFact): Buffer {
  return merkleLeaf(JSON.stringify(['datum-ledger-row-1', ...leafFields.map((field) => row[field])]));
}

export const leafLine = (row: LedgerFact, hash: Buffer): string =>
  `${row.id} ${row.recordType} ${row.recordId} ${row.version} ${hash.toString('hex')}`;

export interface LeafLine { id: number; recordType: string; recordId: string; version: number; hash: string }

export function parseLeafLine(line: string): LeafLine {
  const [id = '', recordType = '', recordId = '', version = '', hash = ''] = line.split(' ');
  return { id: Number(id), recordType, recordId, version: Number(version), hash };
}

export const keyIdOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 16);

/** What is signed: the block without its signature, the leaves by their digest. */
export function signedBytes(block: Omit<SealedBlock, 'signature'>): Buffer {
  const { block: number, epoch, firstTick, lastTick, lastRowId, rowCount, root, previousRoot, keyId, publicKey, sealedAt } = block;
  const leavesDigest = createHash('sha256').update(block.leaves).digest('hex');
  return Buffer.from(canonicalJson({
    format: 'datum-ledger-block-1', block: number, epoch, firstTick, lastTick, lastRowId, rowCount, leavesDigest, root, previousRoot,
    keyId, publicKey, sealedAt,
  }));
}

/** Whether the block is as it was signed, by the key it names. Whether that key is to be trusted is another question. */
export function isSignatureGood(block: SealedBlock): boolean {
  if (keyIdOf(block.publicKey) !== block.keyId) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(block.publicKey, 'base64'), format: 'der', type: 'spki' });
    return verify(null, signedBytes(block), key, Buffer.from(block.signature, 'base64'));
  } catch {
    return false;
  }
}
