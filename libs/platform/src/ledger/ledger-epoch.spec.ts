import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { gatewayContext } from '../context/request-context.js';
import { uuidv7 } from '../values/uuid.js';
import { appendToLedger } from './ledger.js';
import { ensureLedgerEpoch } from './ledger-epoch.js';
import { recordHistory } from './ledger-history.js';
import { currentPosition, positionAt } from './ledger-position.js';
import { ledgerPages } from './ledger-reader.js';
import type { LedgerRow, Position } from './ledger-row.js';
import { closeTick } from './ledger-tick.js';

describe('the epoch of the ledger', () => {
  let db: TestDatabase;
  beforeEach(async () => { db = await testDatabase(); });
  afterEach(() => db.close());

  const write = (recordId: string, version: number): Promise<void> =>
    db.database.transaction(gatewayContext(), (tx) => appendToLedger(tx, [{
      recordType: 'item', recordId, version, eventType: 'datum.item.item.changed.v1', op: version === 1 ? 'create' : 'update',
      validFrom: '2026-03-04T14:00:00Z', after: { version }, changes: { version },
    }]));

  const read = async (after?: Position): Promise<LedgerRow[]> => {
    const rows: LedgerRow[] = [];
    for await (const page of ledgerPages(db.database, { after, limit: 3 })) rows.push(...page.rows);
    return rows;
  };

  const versions = (rows: LedgerRow[]): number[] => rows.map((row) => row.version);

  /**
   * What a restore of a dump into a new cluster looks like: another identity, and rows and snapshots that carry the old cluster's transaction ids,
   * far above any that the new one will give out for long.
   */
  const restoreElsewhere = async (): Promise<void> => {
    await db.database.query(`UPDATE ledger_epoch SET identity = 'the old cluster' WHERE epoch = (SELECT max(epoch) FROM ledger_epoch)`);
    await db.database.query(`UPDATE ledger SET xid = (xid::text::bigint + 5000000000)::text::xid8`);
    await db.database.query(`UPDATE ledger_tick SET snapshot = (
      (pg_snapshot_xmin(snapshot)::text::bigint + 5000000000) || ':' || (pg_snapshot_xmax(snapshot)::text::bigint + 5000000000) || ':')::pg_snapshot`);
  };

  it('begins at 1, and is the same at every further start, by however many processes at once', async () => {
    const epochs = await Promise.all([1, 2, 3, 4].map(() => ensureLedgerEpoch(db.database)));
    expect(epochs).toEqual([1, 1, 1, 1]);
    expect(await ensureLedgerEpoch(db.database)).toBe(1);
    expect(await db.database.query('SELECT epoch, first_tick FROM ledger_epoch')).toEqual([{ epoch: 1, first_tick: '1' }]);
  });

  it('[R19] after a restore nothing is lost: what was not ticked comes in a closing tick, and readers go on where they were', async () => {
    await ensureLedgerEpoch(db.database);
    const record = uuidv7();
    for (const version of [1, 2, 3]) await write(record, version);
    await closeTick(db.database);
    const position = await currentPosition(db.database);
    for (const version of [4, 5]) await write(record, version);
    await restoreElsewhere();
    expect(await Promise.all([1, 2, 3].map(() => ensureLedgerEpoch(db.database)))).toEqual([2, 2, 2]);
    expect(versions(await read(position))).toEqual([4, 5]);
    for (const version of [6, 7]) { await write(record, version); await closeTick(db.database); }
    expect(versions(await read(position))).toEqual([4, 5, 6, 7]);
    const rows = await read();
    expect(versions(rows)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(rows.map((row) => row.epoch)).toEqual([1, 1, 1, 1, 1, 2, 2]);
    expect(rows.map((row) => row.tick)).toEqual([1, 1, 1, 2, 2, 3, 4]);
    const history = await recordHistory(db.database, { recordId: record });
    expect(history.map((row) => [row.version, row.tick])).toEqual(rows.map((row) => [row.version, row.tick]));
  });

  it('[R19] a reader that had read further than the backup goes is taken back: it sees repeats and misses nothing', async () => {
    await ensureLedgerEpoch(db.database);
    const record = uuidv7();
    await write(record, 1);
    await closeTick(db.database);
    await write(record, 2);
    // In the life that was lost, the reader saw version 2 in tick 2, and more after it.
    const ahead = { epoch: 1, tick: 7, id: 19 };
    const inTheClosingTick = { epoch: 1, tick: 2, id: 2 };
    await restoreElsewhere();
    await ensureLedgerEpoch(db.database);
    await write(record, 3);
    await closeTick(db.database);
    expect(versions(await read(ahead))).toEqual([2, 3]);
    expect(versions(await read(inTheClosingTick))).toEqual([2, 3]);
    // The same numbers, given out after the restore, are exact.
    expect(versions(await read({ ...inTheClosingTick, epoch: 2 }))).toEqual([3]);
  });

  it('[R19] what was known before the restore is still known as it was', async () => {
    await ensureLedgerEpoch(db.database);
    const record = uuidv7();
    await write(record, 1);
    await closeTick(db.database);
    const [{ now }] = await db.database.query<{ now: string }>('SELECT clock_timestamp() AS now') as [{ now: string }];
    await write(record, 2);
    await restoreElsewhere();
    await ensureLedgerEpoch(db.database);
    const knownAt = await positionAt(db.database, now);
    expect((await recordHistory(db.database, { recordId: record, knownAt })).map((row) => row.version)).toEqual([1]);
    const today = await currentPosition(db.database);
    expect((await recordHistory(db.database, { recordId: record, knownAt: today })).map((row) => row.version)).toEqual([1, 2]);
  });

  it('a restore of an empty ledger, or one all of whose rows were ticked, needs no closing tick', async () => {
    await ensureLedgerEpoch(db.database);
    await restoreElsewhere();
    expect(await ensureLedgerEpoch(db.database)).toBe(2);
    await write(uuidv7(), 1);
    expect(await closeTick(db.database)).toBe(1);
    await restoreElsewhere();
    expect(await ensureLedgerEpoch(db.database)).toBe(3);
    expect(await closeTick(db.database)).toBeNull();
    await write(uuidv7(), 1);
    expect(await closeTick(db.database)).toBe(2);
    expect((await read()).map((row) => [row.tick, row.epoch])).toEqual([[1, 2], [2, 3]]);
  });
});
