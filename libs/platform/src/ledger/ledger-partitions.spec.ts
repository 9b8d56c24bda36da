import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { gatewayContext } from '../context/request-context.js';
import { uuidv7 } from '../values/uuid.js';
import { appendToLedger } from './ledger.js';
import { ensureLedgerEpoch } from './ledger-epoch.js';
import { ensureLedgerPartitions } from './ledger-partitions.js';
import { readLedger } from './ledger-reader.js';
import { closeTick } from './ledger-tick.js';

describe('the partitions of the ledger', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase();
    await ensureLedgerEpoch(db.database);
  });
  afterEach(() => db.close());

  const write = (): Promise<void> => db.database.transaction(gatewayContext(), (tx) => appendToLedger(tx, [{
    recordType: 'item', recordId: uuidv7(), version: 1, eventType: 'datum.item.item.created.v1', op: 'create',
    validFrom: '2026-03-04T14:00:00Z', after: {}, changes: {},
  }]));

  const rowsIn = async (table: string): Promise<number> =>
    (await db.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ONLY ${table}`))[0]!.n;

  it('are made ahead of time, once, by however many processes at once', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => ensureLedgerPartitions(db.database)));
    expect(reports.flatMap((report) => report.created)).toHaveLength(3);
    expect(await ensureLedgerPartitions(db.database)).toEqual({ created: [], left: [] });
    await write();
    expect(await rowsIn('ledger_default')).toBe(0);
  });

  it('take over what had come into the default partition, and readers notice nothing', async () => {
    await write();
    await closeTick(db.database);
    const before = await readLedger(db.database, { limit: 10 });
    const { created } = await ensureLedgerPartitions(db.database, 0);
    expect(await rowsIn('ledger_default')).toBe(0);
    expect(await rowsIn(created[0]!)).toBe(1);
    expect(await readLedger(db.database, { limit: 10 })).toEqual(before);
    await write();
    expect(await closeTick(db.database)).toBe(2);
    expect((await readLedger(db.database, { limit: 10 })).rows.map((row) => row.id)).toEqual([1, 2]);
  });

  it('leave a month in the default partition that has too many rows there, and make the others', async () => {
    await write();
    await db.database.query(
      `INSERT INTO ledger (record_type, record_id, version, event_type, op, valid_from, after_image, changes, provenance, decision, actor, channel,
                           correlation_id, request_id)
       SELECT 'item', gen_random_uuid(), 1, event_type, op, valid_from, after_image, changes, provenance, decision, actor, channel, correlation_id,
              request_id FROM ledger, generate_series(1, 20001)`);
    const report = await ensureLedgerPartitions(db.database, 1);
    expect([report.created.length, report.left.length]).toEqual([1, 1]);
    expect(await rowsIn('ledger_default')).toBe(20_002);
  });

  it('carry the epoch on that was begun after they were made', async () => {
    await ensureLedgerPartitions(db.database);
    await db.database.query(`UPDATE ledger_epoch SET identity = 'elsewhere'`);
    await ensureLedgerEpoch(db.database);
    await write();
    expect(await db.database.query('SELECT epoch FROM ledger')).toEqual([{ epoch: 2 }]);
  });
});
