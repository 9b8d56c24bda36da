import { afterAll, describe, expect, it } from 'vitest';
import { migrations } from '../../migrations/index.js';
import { testDatabase, type TestDatabase } from './test-database.js';

const opened: TestDatabase[] = [];
const open = async (...args: Parameters<typeof testDatabase>): Promise<TestDatabase> => {
  const db = await testDatabase(...args);
  opened.push(db);
  return db;
};
afterAll(async () => {
  for (const db of opened) await db.close();
});

const tables = `SELECT count(*)::int AS n FROM pg_tables
  WHERE schemaname = 'public' AND tablename = 'ledger'`;

describe('testDatabase', () => {
  it('gives each caller a migrated database of its own', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.database.query('CREATE TABLE mine (id int)');
    expect(await one.database.query(tables)).toEqual([{ n: 1 }]);
    const applied = await other.database.query('SELECT name FROM schema_migration ORDER BY id');
    expect(applied).toEqual(migrations.map((Migration) => ({ name: new Migration().name })));
    const seen = await other.database.query(`SELECT to_regclass('mine') AS mine`);
    expect(seen).toEqual([{ mine: null }]);
  });

  it('gives an empty database on which the migrations run up and down again', async () => {
    const db = await open({ empty: true, migrations });
    expect(await db.database.query(tables)).toEqual([{ n: 0 }]);
    await db.dataSource.runMigrations();
    expect(await db.database.query(tables)).toEqual([{ n: 1 }]);
    for (const _ of migrations) await db.dataSource.undoLastMigration();
    expect(await db.database.query(tables)).toEqual([{ n: 0 }]);
  });

  it('drops the database on close, also under an open connection, and may be closed twice', async () => {
    const [db, witness] = [await open(), await open()];
    const client = await db.database.connect();
    client.on('error', () => undefined);
    client.release();
    const name = new URL(db.url).pathname.slice(1);
    await db.close();
    await db.close();
    expect(await witness.database.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])).toEqual([]);
  });
});
