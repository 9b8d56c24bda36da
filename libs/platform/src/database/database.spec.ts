import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '../context/request-context.js';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';

let db: TestDatabase;

beforeAll(async () => {
  db = await testDatabase();
  db.database.refuseNested();
});
afterAll(() => db?.close());

describe('work inside a transaction', () => {
  it('does not ask the pool for a second connection', async () => {
    const { database } = db;
    const nested: (() => Promise<unknown>)[] = [
      () => database.query('SELECT 1'), () => database.named('nested', 'SELECT 1'), () => database.connect(),
      () => database.transaction(gatewayContext(), async () => undefined),
    ];
    for (const ask of nested) await expect(database.transaction(gatewayContext(), ask)).rejects.toThrow('second connection');
  });

  it('reads through its context, joins itself, and is over when it has committed', async () => {
    const { database } = db;
    let later: Promise<unknown> | undefined;
    const rows = await database.transaction(gatewayContext(), async (tx) => {
      tx.tx.afterCommit(() => { later = database.query('SELECT 2 AS n'); });
      return database.transaction(tx, (same) => same.tx.query('SELECT 1 AS n'));
    });
    expect([rows, await later]).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  });
});
