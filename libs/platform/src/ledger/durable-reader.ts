import { gatewayContext, type TxContext } from '../context/request-context.js';
import type { Database } from '../database/database.js';
import { conflict } from '../errors/app-error.js';
import { runLoop, type Loop } from '../lifecycle/scheduler.js';
import { uuidv7 } from '../values/uuid.js';
import { currentPosition, earliestPosition } from './ledger-position.js';
import { readLedger, type LedgerPage } from './ledger-reader.js';
import type { LedgerRow, Position } from './ledger-row.js';

export interface DurableReaderSettings {
  /** Names the cursor. Of all processes that run a reader of this name, one works at a time. */
  name: string;
  /** Where a reader that has never run begins. */
  startAt?: 'earliest' | 'current';
  recordTypes?: readonly string[];
  batchRowsMax?: number;
  /** Pause when there is nothing to read, unless it is woken. */
  intervalMs?: number;
  /** How long another process waits for a holder that says nothing. Longer than a batch takes. */
  leaseMs?: number;
}

/**
 * Does what the rows call for, in the transaction that moves the cursor: both happen or neither. An effect outside the database may be repeated
 * after a crash, and must be idempotent.
 */
export type RowsHandler = (rows: readonly LedgerRow[], context: TxContext) => Promise<void>;

interface Lease { fence: string; position: Position; renewAtMs: number }
interface RawLease { fence: string; epoch: number; tick: string; rowId: string }

/** Rows read under a lease, not yet dealt with. */
export interface Batch { page: LedgerPage; fence: string }

/** A reader of the ledger whose cursor is a row of `ledger_reader`, leased and fenced. */
export class DurableReader {
  private readonly holder = uuidv7();
  private readonly settings: Required<Omit<DurableReaderSettings, 'recordTypes'>> & { recordTypes?: readonly string[] };
  private lease: Lease | undefined;

  constructor(private readonly database: Database, settings: DurableReaderSettings) {
    this.settings = { startAt: 'earliest', batchRowsMax: 500, intervalMs: 500, leaseMs: 15_000, ...settings };
  }

  /** One batch, start to end. Says whether more is waiting. */
  async turn(handler: RowsHandler): Promise<boolean> {
    const batch = await this.begin();
    if (!batch) return false;
    await this.finish(batch, handler);
    return !batch.page.atEnd;
  }

  /** Reads the next rows; undefined when another process holds the lease, or nothing is new. */
  async begin(): Promise<Batch | undefined> {
    if (!this.lease || performance.now() >= this.lease.renewAtMs) this.lease = await this.claim();
    if (!this.lease) return undefined;
    const { position, fence } = this.lease;
    const page = await readLedger(this.database, {
      after: position, limit: this.settings.batchRowsMax, recordTypes: this.settings.recordTypes,
    });
    return page.position.tick === position.tick && page.position.id === position.id ? undefined : { page, fence };
  }

  /**
   * Moves the cursor and calls the handler, in one transaction. The cursor goes first: its row lock makes a successor wait, and a holder that was
   * overtaken is refused before it has done anything.
   * @throws AppError `ledger-reader.overtaken` when another process has taken over.
   */
  async finish({ page, fence }: Batch, handler: RowsHandler): Promise<void> {
    const { position, rows } = page;
    try {
      await this.database.transaction(gatewayContext(), async (context) => {
        const moved = await context.tx.query(
          `UPDATE ledger_reader SET epoch = $4, tick = $5, row_id = $6, updated_at = clock_timestamp(),
                  leased_until = clock_timestamp() + $7 * interval '1 ms'
           WHERE name = $1 AND holder = $2 AND fence = $3 RETURNING 1`,
          [this.settings.name, this.holder, fence, position.epoch, position.tick, position.id, this.settings.leaseMs],
        );
        if (moved.length === 0) throw conflict('ledger-reader.overtaken', `Another process has taken over reader "${this.settings.name}".`);
        if (rows.length > 0) await handler(rows, context);
      });
    } catch (error) {
      this.lease = undefined;
      throw error;
    }
    this.lease = { fence, position, renewAtMs: this.renewAt() };
  }

  /** Gives the lease up, so that another process need not wait for its end. */
  async release(): Promise<void> {
    const fence = this.lease?.fence;
    this.lease = undefined;
    if (fence === undefined) return;
    await this.database.query(
      'UPDATE ledger_reader SET holder = NULL, leased_until = NULL WHERE name = $1 AND holder = $2 AND fence = $3',
      [this.settings.name, this.holder, fence],
    );
  }

  private renewAt(): number {
    return performance.now() + this.settings.leaseMs / 2;
  }

  private async claim(): Promise<Lease | undefined> {
    const renewAtMs = this.renewAt();
    const [raw] = await this.tryClaim();
    if (raw) return { fence: raw.fence, position: { epoch: raw.epoch, tick: Number(raw.tick), id: Number(raw.rowId) }, renewAtMs };
    const created = await this.createCursor();
    return created ? this.claim() : undefined;
  }

  private tryClaim(): Promise<RawLease[]> {
    return this.database.query<RawLease>(
      `UPDATE ledger_reader SET holder = $2, leased_until = clock_timestamp() + $3 * interval '1 ms',
              fence = fence + CASE WHEN holder = $2 THEN 0 ELSE 1 END
       WHERE name = $1 AND (holder IS NULL OR holder = $2 OR leased_until < clock_timestamp())
       RETURNING fence, epoch, tick, row_id AS "rowId"`,
      [this.settings.name, this.holder, this.settings.leaseMs],
    );
  }

  private async createCursor(): Promise<boolean> {
    const [known] = await this.database.query('SELECT 1 FROM ledger_reader WHERE name = $1', [this.settings.name]);
    if (known) return false;
    const start = this.settings.startAt === 'current' ? await currentPosition(this.database) : await earliestPosition(this.database);
    await this.database.query(
      'INSERT INTO ledger_reader (name, epoch, tick, row_id) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING',
      [this.settings.name, start.epoch, start.tick, start.id],
    );
    return true;
  }
}

/**
 * Runs a durable reader until it is stopped. `wake()` ends its pause; a ledger tail may call it. What fails is tried again, later and later, and
 * nothing behind it is read before it has succeeded.
 */
export function runDurableReader(database: Database, settings: DurableReaderSettings, handler: RowsHandler): Loop {
  const reader = new DurableReader(database, settings);
  const loop = runLoop(`ledger-reader:${settings.name}`, () => reader.turn(handler), { intervalMs: settings.intervalMs ?? 500 });
  return {
    name: loop.name,
    wake: () => loop.wake(),
    stop: async () => {
      await loop.stop();
      // The lease ends by itself when the database cannot be told.
      await reader.release().catch(() => undefined);
    },
  };
}
