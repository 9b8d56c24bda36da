import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { gatewayContext } from '../context/request-context.js';
import { uuidv7 } from '../values/uuid.js';
import { appendToLedger } from './ledger.js';
import { ensureLedgerEpoch } from './ledger-epoch.js';
import { currentPosition } from './ledger-position.js';
import { LedgerTail } from './ledger-tail.js';
import { LedgerTicker } from './ledger-ticker.js';

describe('the tail of the ledger', () => {
  let db: TestDatabase;
  let ticker: LedgerTicker;
  let tail: LedgerTail;
  let seen: string[];

  beforeEach(async () => {
    db = await testDatabase();
    await ensureLedgerEpoch(db.database);
    ticker = new LedgerTicker(db.database, { intervalMs: 10, heartbeatMs: 100, candidateMs: 50 });
    tail = new LedgerTail(db.database, { silenceMs: 300 });
    seen = [];
    tail.onRows((rows) => { seen.push(...rows.map((row) => row.recordId)); });
    ticker.start();
    await tail.start();
  });
  afterEach(async () => {
    await tail.stop();
    await ticker.stop();
    await db.close();
  });

  const write = async (): Promise<string> => {
    const recordId = uuidv7();
    await db.database.transaction(gatewayContext(), (tx) => appendToLedger(tx, [{
      recordType: 'item', recordId, version: 1, eventType: 'datum.item.item.created.v1', op: 'create',
      validFrom: '2026-03-04T14:00:00Z', after: {}, changes: {},
    }]));
    return recordId;
  };

  const killListener = (): Promise<unknown> => db.database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`);

  it('gives every row once, in order, and then stands where the ledger ends', async () => {
    const written: string[] = [];
    for (let n = 0; n < 30; n += 1) written.push(await write());
    await vi.waitFor(() => expect(seen).toEqual(written), 5_000);
    await vi.waitFor(async () => expect(tail.position).toEqual(await currentPosition(db.database)), 5_000);
  });

  it('is certain while it hears the ticker, also when nothing is written, and no longer when the ticker is silent', async () => {
    await vi.waitFor(() => expect(tail.certain()).toBe(true), 5_000);
    await sleep(1_500);
    expect(tail.certain()).toBe(true);
    await ticker.stop();
    await sleep(1_100);
    expect(tail.certain()).toBe(false);
    ticker.start();
    await vi.waitFor(() => expect(tail.certain()).toBe(true), 5_000);
  });

  it('is uncertain while it is disconnected, and reads afterwards what it missed', async () => {
    await vi.waitFor(() => expect(tail.certain()).toBe(true), 5_000);
    await killListener();
    await vi.waitFor(() => expect(tail.certain()).toBe(false), { timeout: 5_000, interval: 1 });
    const missed = [await write(), await write()];
    await vi.waitFor(() => expect(seen).toEqual(missed), 5_000);
    await vi.waitFor(() => expect(tail.certain()).toBe(true), 5_000);
  });

  it('goes on when a listener fails', async () => {
    tail.onRows(() => { throw new Error('a listener of the test'); });
    const written = [await write()];
    await vi.waitFor(() => expect(seen).toEqual(written), 5_000);
    written.push(await write());
    await vi.waitFor(() => expect(seen).toEqual(written), 5_000);
  });

  it('says that rows were lost when the ledger was taken back behind it', async () => {
    await write();
    await vi.waitFor(() => expect(seen).toHaveLength(1), 5_000);
    await ticker.stop();
    let gaps = 0;
    tail.onGap(() => { gaps += 1; });
    await db.database.query('TRUNCATE ledger, ledger_tick');
    ticker.start();
    await killListener();
    await vi.waitFor(() => expect(gaps).toBe(1), 5_000);
    const after = await write();
    await vi.waitFor(() => expect(seen.at(-1)).toBe(after), 5_000);
  });

  it('stops when told to, whatever it is waiting for', async () => {
    await tail.stop();
    expect(tail.certain()).toBe(false);
    const after = await write();
    await sleep(200);
    expect(seen).not.toContain(after);
  });
});

describe('the ticker', () => {
  it('takes over from one whose process hangs with its connection open', async () => {
    const db = await testDatabase();
    await ensureLedgerEpoch(db.database);
    const hung = await db.database.connect();
    hung.on('error', () => undefined);
    await hung.query('SELECT pg_advisory_lock(4477261, 2)');
    const ticker = new LedgerTicker(db.database, { candidateMs: 20, deposeAfterMs: 300 });
    ticker.start();
    await sleep(100);
    expect(ticker.isLeading).toBe(false);
    await vi.waitFor(() => expect(ticker.isLeading).toBe(true), 5_000);
    await ticker.stop();
    expect(ticker.isLeading).toBe(false);
    hung.release(true);
    await db.close();
  });
});
