import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { gatewayContext } from '../context/request-context.js';
import { uuidv7 } from '../values/uuid.js';
import { DurableReader, runDurableReader, type RowsHandler } from './durable-reader.js';
import { appendToLedger } from './ledger.js';
import { ensureLedgerEpoch } from './ledger-epoch.js';
import { closeTick } from './ledger-tick.js';

describe('a durable reader', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
    await ensureLedgerEpoch(db.database);
    await db.database.query('CREATE TABLE effect (n bigserial, row_id bigint NOT NULL, by_whom text NOT NULL)');
  });
  afterEach(() => db.close());

  const write = async (count: number): Promise<void> => {
    await db.database.transaction(gatewayContext(), (tx) => appendToLedger(tx, Array.from({ length: count }, () => ({
      recordType: 'item', recordId: uuidv7(), version: 1, eventType: 'datum.item.item.created.v1', op: 'create' as const,
      validFrom: '2026-03-04T14:00:00Z', after: {}, changes: {},
    }))));
    await closeTick(db.database);
  };

  const record = (byWhom: string): RowsHandler => async (rows, { tx }) => {
    await tx.query('INSERT INTO effect (row_id, by_whom) SELECT id, $2 FROM unnest($1::bigint[]) AS id', [rows.map((row) => row.id), byWhom]);
  };
  const effects = async (): Promise<number[]> =>
    (await db.database.query<{ id: string }>('SELECT row_id AS id FROM effect ORDER BY n')).map((row) => Number(row.id));
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

  it('goes on where it was after a restart, and repeats nothing', async () => {
    await write(25);
    const first = new DurableReader(db.database, { name: 'test', batchRowsMax: 10 });
    expect(await first.turn(record('first'))).toBe(true);
    await first.release();
    const second = new DurableReader(db.database, { name: 'test', batchRowsMax: 10 });
    while (await second.turn(record('second')));
    await write(1);
    await second.turn(record('second'));
    expect(await effects()).toEqual(upTo(26));
  });

  it('moves its cursor only when the handler succeeded, and then tries the same rows again', async () => {
    await write(3);
    let failures = 0;
    const loop = runDurableReader(db.database, { name: 'test', intervalMs: 20 }, async (rows, context) => {
      await record('loop')(rows, context);
      if (failures < 1) { failures += 1; throw new Error('the handler of the test'); }
    });
    await vi.waitFor(async () => expect(await effects()).toEqual(upTo(3)), 10_000);
    await loop.stop();
    expect(failures).toBe(1);
  });

  it('of one name works in one process at a time; another follows when the first gives up', async () => {
    await write(5);
    const holder = new DurableReader(db.database, { name: 'test' });
    const other = new DurableReader(db.database, { name: 'test' });
    await holder.turn(record('holder'));
    await write(5);
    expect(await other.turn(record('other'))).toBe(false);
    expect(await effects()).toEqual(upTo(5));
    await holder.release();
    await other.turn(record('other'));
    expect(await effects()).toEqual(upTo(10));
  });

  it('[R8] refuses what a holder writes that slept past its lease and was overtaken, 100 times out of 100', async () => {
    let refused = 0;
    const rounds = 100;
    for (let round = 0; round < rounds; round += 1) {
      const name = `test-${round}`;
      await write(1);
      const zombie = new DurableReader(db.database, { name, leaseMs: 1 });
      const successor = new DurableReader(db.database, { name, leaseMs: 60_000 });
      const batch = await zombie.begin();
      await sleep(3);
      await successor.turn(record('successor'));
      await zombie.finish(batch!, record('zombie')).catch((error: { code?: string }) => {
        if (error.code === 'ledger-reader.overtaken') refused += 1;
      });
    }
    expect(refused).toBe(rounds);
    expect(await db.database.query(`SELECT 1 FROM effect WHERE by_whom = 'zombie'`)).toEqual([]);
  }, 60_000);

  it('[R8] a holder whose lease ran out and whom nobody overtook still writes', async () => {
    await write(2);
    const slow = new DurableReader(db.database, { name: 'test', leaseMs: 1 });
    const batch = await slow.begin();
    await sleep(5);
    await slow.finish(batch!, record('slow'));
    expect(await effects()).toEqual([1, 2]);
  });
});
