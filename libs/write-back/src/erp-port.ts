/**
 * The port every ERP adapter fills. An adapter translates between canonical attributes and one ERP product in one release; it decides nothing: ownership,
 * guards, budgets and retries live on this side of the port.
 */

/** How an adapter protects a write against a concurrent edit. With `none`, governed writes are refused unless a gateway-side lock is configured. */
export type TokenKind = 'etag' | 'timestamp' | 'none';

export interface EntityCapability {
  /** Governed record type, as in the ledger: `item`, `item-site`, `supplier`. */
  recordType: string;
  read: boolean;
  create: boolean;
  update: boolean;
  /** Wire names of the attributes the adapter can read, and those it can write. */
  readable: readonly string[];
  writable: readonly string[];
  concurrency: TokenKind;
  /** How changes are found: by a change time with overlap, by a change feed, or not at all. */
  delta: 'timestamp' | 'feed' | 'none';
  /** Whether deletes show up in the delta, or only by comparing id sets. */
  deletes: 'delta' | 'reconcile';
  /** Whether the ERP itself drops a repeated write with the same key. Without it, unknown outcomes are looked up by natural key. */
  idempotency: 'key' | 'natural-key';
  bulk: boolean;
}

export interface ErpManifest {
  product: string;
  release: string;
  /** `real-server`: the contract suite runs against the real product. `contract-only`: against a simulation of its protocol. */
  provenBy: 'real-server' | 'contract-only';
  entities: readonly EntityCapability[];
  limits: { callsPerSecond: number; parallel: number; batchRowsMax: number };
}

/** One ERP record in canonical terms. */
export interface ErpRecord {
  recordType: string;
  /** The ERP's business key (the local code): what a cross-reference holds. */
  key: string;
  /** The ERP's internal id, when it has one besides the key. */
  internalId?: string;
  /** The optimistic token to send back with an update. */
  token?: string;
  /** Canonical attributes by wire name; decimals as strings, instants as RFC 3339 UTC. */
  attributes: Record<string, unknown>;
  /** When the ERP says it was last changed, full precision. */
  changedAt?: string;
  /** False when the ERP has archived or blocked it. */
  active: boolean;
}

export interface ErpWrite {
  recordType: string;
  /** The local key; for a create the key the new record shall get. */
  key: string;
  /** Canonical attributes to set; absent means leave, null means clear. */
  attributes: Record<string, unknown>;
  /** The token that was read; the ERP must refuse the write when the record has moved on. Never sent without one where the ERP has tokens. */
  token?: string;
  /** Stable over every retry of one intent. */
  deduplicationKey: string;
}

export interface UnreadableRow { key: string; reason: string }

export interface ErpDelta {
  records: ErpRecord[];
  /** Opaque to the caller; pass it back to go on from here. It already contains the overlap. */
  watermark: string;
  /** True when there is more to fetch right now. */
  more: boolean;
  /** Rows of the page that cannot be put in canonical terms, and why, in our words: one such row must not hold up all others. */
  unreadable?: readonly UnreadableRow[];
}

/**
 * What a failed call means. `unknown-outcome`: the request may have had its effect; it must be looked up by natural key before any retry.
 * `retryable`: certainly no effect. `throttled` carries the ERP's own waiting time. `unavailable`: not reached, or an answer to a read
 * that is late, cut off or not the ERP's own; a write ends so only when it was certainly not sent. `auth`: the credentials were refused;
 * the adapter does not try the same ones again.
 * `unreadable`: the ERP answered with the record, which holds something that has no canonical form; everything else of it works.
 */
export type ErpFailureKind =
  | 'conflict' | 'validation' | 'forbidden' | 'not-found' | 'auth' | 'throttled' | 'retryable' | 'unavailable' | 'unreadable' | 'unknown-outcome';

export class ErpFailure extends Error {
  constructor(
    readonly kind: ErpFailureKind,
    /** In our words; never the ERP's traceback. */
    message: string,
    readonly options: { retryAfterMs?: number; field?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ErpFailure';
  }
}

/** What every call carries: its deadline and the trace it belongs to. */
export interface ErpCall {
  /** How long the whole call may take from now on, in milliseconds, whatever number of requests the adapter needs for it. */
  deadlineMs: number;
  correlationId: string;
  traceparent?: string;
  signal?: AbortSignal;
}

export interface ErpPort {
  readonly manifest: ErpManifest;
  /** Cheap reachability and credential check. @throws ErpFailure */
  ping(call: ErpCall): Promise<void>;
  /** Reads one record by its key, archived ones too; undefined when the ERP has none. @throws ErpFailure */
  read(recordType: string, key: string, call: ErpCall): Promise<ErpRecord | undefined>;
  /**
   * One page of the records changed since the watermark (undefined: from the beginning), each as it is now and oldest first within
   * the page; archived ones are among them. A record changed meanwhile comes again. `limit` bounds what the ERP is asked for; a
   * page may be empty although there is `more`. The same watermark gives the same records again. @throws ErpFailure
   */
  changedSince(recordType: string, watermark: string | undefined, limit: number, call: ErpCall): Promise<ErpDelta>;
  /** All keys the ERP holds, archived ones left out: the other half of finding deletes. @throws ErpFailure */
  keys(recordType: string, call: ErpCall): Promise<string[]>;
  /** @throws ErpFailure: `conflict` when the key is taken. Returns the record as the ERP now holds it. */
  create(write: ErpWrite, call: ErpCall): Promise<ErpRecord>;
  /** @throws ErpFailure: `conflict` when the token is stale. Returns the record as the ERP now holds it. */
  update(write: ErpWrite, call: ErpCall): Promise<ErpRecord>;
  close(): Promise<void>;
}
