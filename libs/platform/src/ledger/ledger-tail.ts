import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Database } from '../database/database.js';
import { AppError } from '../errors/app-error.js';
import { logger } from '../telemetry/log.js';
import { heartbeat, tickChannel } from './ledger-locks.js';
import { currentPosition } from './ledger-position.js';
import { readLedger } from './ledger-reader.js';
import type { LedgerRow, Position } from './ledger-row.js';

/** Rows of one page, in order, and the position after them. */
export type RowsListener = (rows: readonly LedgerRow[], position: Position) => void | Promise<void>;

export interface LedgerTailSettings {
  /** A tick or heartbeat must be no older than this for the tail to be certain. */
  certainMs: number;
  /** Silence after which the connection is tested. */
  silenceMs: number;
  pageRows: number;
}

const defaults: LedgerTailSettings = { certainMs: 1_000, silenceMs: 3_000, pageRows: 1_000 };

/**
 * Follows the ledger inside this process: caches are dropped, compiled tables refreshed and subscriptions fed by it. What it misses while
 * disconnected it reads afterwards. While it is not `certain`, nothing may be answered from a cache that it keeps.
 */
export class LedgerTail {
  private readonly settings: LedgerTailSettings;
  private readonly listeners = new Set<RowsListener>();
  private readonly gapListeners = new Set<() => void>();
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private reached: Position = { epoch: 1, tick: 0, id: 0 };
  private listening = false;
  private lastHeardMs = -Infinity;
  private hasNews = false;
  private client: PoolClient | undefined;
  private behindSinceMs: number | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly database: Database, settings: Partial<LedgerTailSettings> = {}) {
    this.settings = { ...defaults, ...settings };
  }

  /** Everything up to here has been given to the listeners. */
  get position(): Position {
    return this.reached;
  }

  /**
   * True while LISTEN is connected, a tick or heartbeat is at most 1 s old, and no announced tick has been waiting longer than that to be
   * read. Monotonic machine time.
   */
  certain(): boolean {
    const nowMs = performance.now();
    if (!this.listening || nowMs - this.lastHeardMs > this.settings.certainMs) return false;
    return this.behindSinceMs === undefined || nowMs - this.behindSinceMs <= this.settings.certainMs;
  }

  /** Calls `listener` for all rows from now on, page by page, each page after the one before has been dealt with. Gives the way to stop. */
  onRows(listener: RowsListener): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  /** Calls `listener` when rows were lost to this tail (the database was taken back, or it slept past retention): forget what was cached. */
  onGap(listener: () => void): () => void {
    this.gapListeners.add(listener);
    return () => { this.gapListeners.delete(listener); };
  }

  /** Resolves when the tail listens for the first time: whatever is committed later reaches the listeners. */
  async start(): Promise<void> {
    if (this.running) return;
    this.stopping = new AbortController();
    await this.listen();
    this.reached = await currentPosition(this.database);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
    this.running = undefined;
  }

  private async run(): Promise<void> {
    let pauseMs = 100;
    while (!this.stopping.signal.aborted) {
      try {
        await this.follow(this.client ?? (await this.listen()), () => { pauseMs = 100; });
      } catch (error) {
        logger().warn({ pauseMs, err: error }, 'The ledger tail was interrupted and will connect again');
      }
      this.disconnect();
      await this.pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, 5_000);
    }
  }

  private async listen(): Promise<PoolClient> {
    const client = await this.database.connect();
    const onLost = (): void => { if (this.client === client) { this.listening = false; this.wake(); } };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ payload }) => { if (this.client === client) this.heard(payload ?? heartbeat); });
    this.client = client;
    try {
      await client.query(`LISTEN ${tickChannel}`);
    } catch (error) {
      this.disconnect();
      throw error;
    }
    this.listening = true;
    // Whatever was committed before LISTEN took hold is found by reading once.
    this.hasNews = true;
    return client;
  }

  private disconnect(): void {
    this.listening = false;
    const client = this.client;
    this.client = undefined;
    client?.release(true);
  }

  private heard(payload: string): void {
    this.lastHeardMs = performance.now();
    if (payload === heartbeat) return;
    this.hasNews = true;
    this.behindSinceMs ??= this.lastHeardMs;
    this.wake();
  }

  /** Reads whenever a tick is announced, until the connection is lost or the tail is stopped. */
  private async follow(client: PoolClient, onProgress: () => void): Promise<void> {
    while (this.listening && !this.stopping.signal.aborted) {
      if (this.hasNews) {
        await this.readToEnd();
        onProgress();
      } else if (!(await this.waitForNews())) {
        await this.testConnection(client);
      }
    }
  }

  private async readToEnd(): Promise<void> {
    // What is announced from here on may be missed by the pages below, and is read in the next round.
    this.hasNews = false;
    try {
      for (let atEnd = false; !atEnd;) {
        const page = await this.readPage();
        if (page.rows.length > 0) await this.deliver(page.rows, page.position);
        this.reached = page.position;
        atEnd = page.atEnd;
      }
    } catch (error) {
      this.hasNews = true;
      throw error;
    }
    if (!this.hasNews) this.behindSinceMs = undefined;
  }

  private async readPage(): ReturnType<typeof readLedger> {
    try {
      return await readLedger(this.database, { after: this.reached, limit: this.settings.pageRows });
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('cursor.')) throw error;
      logger().warn({ position: this.reached, err: error }, 'The ledger no longer has the place the tail had reached');
      const position = await currentPosition(this.database);
      for (const listener of this.gapListeners) listener();
      return { rows: [], position, atEnd: true };
    }
  }

  private async deliver(rows: readonly LedgerRow[], position: Position): Promise<void> {
    for (const listener of this.listeners) {
      try {
        await listener(rows, position);
      } catch (error) {
        logger().error({ position, err: error }, 'A listener of the ledger tail failed');
      }
    }
  }

  /** False when nothing was heard for so long that the connection may be dead. */
  private async waitForNews(): Promise<boolean> {
    const news = new Promise<boolean>((resolve) => { this.wake = () => resolve(true); });
    const timer = new AbortController();
    const silence = sleep(this.settings.silenceMs, false, { signal: timer.signal }).catch(() => false);
    try {
      return await Promise.race([news, silence]);
    } finally {
      timer.abort();
    }
  }

  /** A half-open connection gives no error of its own; a ticker that is down is no reason to connect again. */
  private async testConnection(client: PoolClient): Promise<void> {
    if (performance.now() - this.lastHeardMs < this.settings.silenceMs) return;
    const timer = new AbortController();
    const late = sleep(2_000, 'late', { signal: timer.signal }).catch(() => 'stopped');
    const answer = await Promise.race([client.query('SELECT 1'), late]);
    timer.abort();
    if (answer === 'late') throw new Error('The connection of the ledger tail does not answer.');
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
