import pg from 'pg';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';

type Entity = EntitySchema | (new (...args: never[]) => object);
type Migration = new () => MigrationInterface;

export interface DataSourceSettings {
  url: string;
  entities: Entity[];
  migrations: Migration[];
  poolMax: number;
  applicationName: string;
}

/** Instants stay text from the database to the wire: RFC 3339 UTC, with the precision PostgreSQL holds. */
const toRfc3339 = (text: string): string => text.replace(' ', 'T').replace(/\+00$/, 'Z');
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, toRfc3339);
pg.types.setTypeParser(pg.types.builtins.DATE, (text: string) => text);

/**
 * The data source: one pool, UTC sessions, and a bound on every statement and every wait for a lock, so that nothing hangs.
 * The caller initialises it.
 */
export function createDataSource(settings: DataSourceSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    entities: settings.entities,
    migrations: settings.migrations,
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    extra: {
      max: settings.poolMax,
      application_name: settings.applicationName,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      options: '-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000',
    },
  });
}
