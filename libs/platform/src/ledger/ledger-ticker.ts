import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Database } from '../database/database.js';
import { logger } from '../telemetry/log.js';
import { ensureLedgerEpoch } from './ledger-epoch.js';
import { heartbeat, ledgerLockClass, ledgerLocks, tickChannel, tickerLockObject } from './ledger-locks.js';
import { closeTickStatement } from './ledger-tick.js';

export interface LedgerTickerSettings {
  /** Pause between two beats. */
  intervalMs: number;
  /** Silence after which a heartbeat is sent. */
  heartbeatMs: number;
  /** Pause between two tries to become the ticker while another one is. */
  candidateMs: number;
  /** A ticker whose connection has done nothing for so long is stopped or hung, and its connection is ended by a candidate. */
  deposeAfterMs: number;
}

const defaults: LedgerTickerSettings = { intervalMs: 75, heartbeatMs: 400, candidateMs: 500, deposeAfterMs: 5_000 };

/**
 * The one ticker of the cluster. Every process may start one; a session advisory lock decides which of them works, and dies with the holder's
 * connection. A tick lost in a crash is no loss: the next one holds its rows.
 */
export class LedgerTicker {
  private readonly settings: LedgerTickerSettings;
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private leading = false;

  constructor(private readonly database: Database, settings: Partial<LedgerTickerSettings> = {}) {
    this.settings = { ...defaults, ...settings };
  }

  /** Whether this process is the ticker just now. */
  get isLeading(): boolean {
    return this.leading;
  }

  start(): void {
    if (this.running) return;
    this.stopping = new AbortController();
    this.running = this.run();
  }

  /** Ends after the beat in progress and gives the lock up. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.running = undefined;
  }

  private async run(): Promise<void> {
    let pauseMs = 100;
    while (!this.stopping.signal.aborted) {
      try {
        await this.serve(() => { pauseMs = 100; });
      } catch (error) {
        logger().warn({ pauseMs, err: error }, 'The ledger ticker lost its connection and will try again');
        await this.pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, 5_000);
      }
    }
  }

  /** One connection's life: candidate, then ticker. */
  private async serve(onBeat: () => void): Promise<void> {
    await ensureLedgerEpoch(this.database);
    const client = await this.database.connect();
    let failure: Error | undefined;
    const onError = (error: Error) => { failure = error; };
    client.on('error', onError);
    try {
      if (!(await this.becomeTicker(client))) return;
      this.leading = true;
      // The ranges are exact, so the index is always right; on a young or never analysed table the planner may think otherwise.
      await client.query('SET enable_seqscan = off');
      await this.beatUntilStopped(client, () => { if (failure) throw failure; onBeat(); });
    } finally {
      this.leading = false;
      // The connection is destroyed, never handed back: with it go the lock and the planner setting.
      client.release(true);
    }
  }

  private async becomeTicker(client: PoolClient): Promise<boolean> {
    while (!this.stopping.signal.aborted) {
      const { rows } = await client.query<{ won: boolean }>(`SELECT pg_try_advisory_lock(${ledgerLocks.ticker}) AS won`);
      if (rows[0]!.won) return true;
      await this.deposeHungTicker(client);
      await this.pause(this.settings.candidateMs);
    }
    return false;
  }

  /**
   * A stopped process keeps its connection and so its lock for ever; the database ends the connection of one that no longer beats. The holder is
   * found first and ended then: as one more condition, the ending could be tried on other rows before the rest of the conditions.
   */
  private async deposeHungTicker(client: PoolClient): Promise<void> {
    const { rows } = await client.query<{ pid: number }>(
      `WITH hung AS MATERIALIZED (
         SELECT a.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2 AND l.database = a.datid
           AND a.datname = current_database() AND a.state <> 'active' AND a.state_change < clock_timestamp() - $3 * interval '1 ms'
       ) SELECT pid, pg_terminate_backend(pid) FROM hung`,
      [ledgerLockClass, tickerLockObject, this.settings.deposeAfterMs],
    );
    for (const { pid } of rows) logger().warn({ pid }, 'A hung ledger ticker was deposed');
  }

  private async beatUntilStopped(client: PoolClient, check: () => void): Promise<void> {
    let lastNotifiedMs = 0;
    while (!this.stopping.signal.aborted) {
      const { rowCount } = await client.query(closeTickStatement);
      check();
      if (rowCount) lastNotifiedMs = performance.now();
      else if (performance.now() - lastNotifiedMs >= this.settings.heartbeatMs) {
        await client.query(`SELECT pg_notify('${tickChannel}', '${heartbeat}')`);
        lastNotifiedMs = performance.now();
      }
      await this.pause(this.settings.intervalMs);
    }
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
