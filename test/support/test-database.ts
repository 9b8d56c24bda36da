import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource, type DataSourceSettings } from '../../libs/platform/src/database/data-source.js';
import { Database } from '../../libs/platform/src/database/database.js';
import { admin, withDatabase } from './databases.js';

/** What global-setup.ts tells the test files about the one PostgreSQL of this run. */
export interface TestPostgres {
  /** A role that may create databases. */
  adminUrl: string;
  /** The migrated database that others are copied from. */
  template: string;
  /** Every database of this run begins with it. */
  prefix: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    testPostgres: TestPostgres;
  }
}

export interface TestDatabaseOptions {
  /** true: no tables at all, for tests of the migrations themselves. */
  empty?: boolean;
  /** Connections of the pool. Default 5. */
  poolMax?: number;
  /** Entities of the data source. Default none. */
  entities?: DataSourceSettings['entities'];
  /**
   * Migrations of the data source, for `runMigrations()` on an empty database. Default none: they have run
   * already.
   */
  migrations?: DataSourceSettings['migrations'];
}

export interface TestDatabase {
  url: string;
  database: Database;
  /** Initialised. */
  dataSource: DataSource;
  /** Closes the pool and drops the database, whoever is still connected. May be called again. */
  close(): Promise<void>;
}

/** A migrated database that belongs to the caller alone. Close it in `afterAll`. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { adminUrl, template, prefix } = inject('testPostgres');
  const name = `${prefix}_${randomBytes(5).toString('hex')}`;
  await admin(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${options.empty ? 'template1' : template}`);
  const url = withDatabase(adminUrl, name);
  const dataSource = createDataSource({
    url,
    entities: options.entities ?? [],
    migrations: options.migrations ?? [],
    poolMax: options.poolMax ?? 5,
    applicationName: 'datum-test',
  });
  await dataSource.initialize();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await admin(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  return { url, database: new Database(dataSource), dataSource, close: () => (closed ??= close()) };
}
