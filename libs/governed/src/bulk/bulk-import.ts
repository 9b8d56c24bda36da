/** How much one upload may carry. The stream itself is cut at 64 MiB by the HTTP floor. */
export const bulkLimits = {
  rowsMax: 50_000,
  lineBytesMax: 64 * 1024,
  /** Bytes of one spooled chunk: 500 long rows must not become one row of 32 MB. */
  chunkBytesMax: 4 * 1024 * 1024,
} as const;

export const bulkImportKind = 'bulk-import';

export interface BulkCounts { created: number; updated: number; unchanged: number; refused: number }

/** An upload on its way through the worker. */
export interface BulkImport {
  id: string;
  recordType: string;
  participantId: string;
  clientId: string;
  systemCode: string;
  scopes: string[];
  sites: string[] | null;
  requestId: string;
  correlationId: string;
  rowCount: number;
  nextChunk: number;
  fence: string;
}

export interface BulkChunk { seq: number; firstRow: number; rowCount: number; rows: Buffer }

export const resultsHref = (operationId: string): string => `/v1/operations/${operationId}/results`;
