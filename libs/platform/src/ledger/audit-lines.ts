import type { Anchor } from './anchor-file.js';
import type { LedgerFact } from './ledger-row.js';
import type { SealedBlock } from './sealed-block.js';

/** The audit export: NDJSON, one of these per line, in this order; each block stands before its rows. */
export type AuditLine = AuditHeader | BlockLine | RowLine | UnsealedLine | CurrentLine | AuditTrailer;

export interface AuditHeader {
  kind: 'header';
  format: 'datum-audit-1';
  createdAt: string;
  epoch: number;
  publicKeys: { keyId: string; publicKey: string }[];
  /** The types whose current records follow, all of them. */
  currentTypes: string[];
  /** False when rows older than the first one have been retired: versions may then begin above 1. */
  complete: boolean;
}

export type BlockLine = { kind: 'block' } & SealedBlock;

/** `tick` is null for a row that no tick had closed over. */
export type RowLine = { kind: 'row'; tick: number | null } & LedgerFact;

/** The rows from here on are not sealed yet. */
export interface UnsealedLine { kind: 'unsealed' }

export interface CurrentLine {
  kind: 'current';
  recordType: string;
  id: string;
  version: number;
  after: Record<string, unknown>;
}

export interface AuditTrailer { kind: 'trailer'; rows: number; blocks: number; current: number }

export type { Anchor };
