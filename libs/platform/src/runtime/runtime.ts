import { createHmac } from 'node:crypto';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import { derivedKey } from '../auth/auth-settings.js';
import { masterKeyAt } from '../auth/master-key.js';
import { Clock } from '../clock/clock.js';
import type { DatumConfig } from '../config/config.js';
import { createDataSource } from '../database/data-source.js';
import { Database } from '../database/database.js';
import { CursorSigner } from '../http/cursor.js';
import { ensureLedgerEpoch } from '../ledger/ledger-epoch.js';
import { ensureLedgerPartitions } from '../ledger/ledger-partitions.js';
import { LedgerTail } from '../ledger/ledger-tail.js';
import { databaseCheck, HealthRegistry, migrationsCheck } from '../lifecycle/health-registry.js';

/** What every process of the product stands on: configuration, clocks, database, the tail of the ledger, health. */
export interface Runtime {
  config: DatumConfig;
  clock: Clock;
  database: Database;
  masterKey: Buffer;
  health: HealthRegistry;
  tail: LedgerTail;
  close(): Promise<void>;
}

export interface RuntimeSettings {
  config: DatumConfig;
  databaseUrl: string;
  migrations: (new () => MigrationInterface)[];
  applicationName: string;
}

/**
 * Opens the database, brings its schema up to date (under a lock, so that replicas may start together), and follows the ledger.
 * @throws when the database cannot be reached or a migration fails
 */
export async function openRuntime(settings: RuntimeSettings): Promise<Runtime> {
  const { config, databaseUrl, migrations, applicationName } = settings;
  const dataSource = createDataSource({ url: databaseUrl, entities: [], migrations, poolMax: config.poolMax, applicationName });
  await dataSource.initialize();
  const database = new Database(dataSource);
  await migrate(database);
  await ensureLedgerEpoch(database);
  await ensureLedgerPartitions(database);
  const tail = new LedgerTail(database);
  await tail.start();
  const clock = new Clock(config.clock.mode === 'sim');
  if (config.clock.mode === 'sim') clock.set(config.clock.start);
  const masterKey = await masterKeyAt(`${config.home}/keys`);
  const close = async (): Promise<void> => {
    await tail.stop();
    await dataSource.destroy();
  };
  const health = new HealthRegistry();
  health.register(databaseCheck(database));
  health.register(migrationsCheck(database));
  return { config, clock, database, masterKey, health, tail, close };
}

/** One process migrates at a time; the others wait and then find nothing to do. */
async function migrate(database: Database): Promise<void> {
  const client = await database.connect();
  try {
    await client.query('SET lock_timeout = 0; SET statement_timeout = 0');
    await client.query(`SELECT pg_advisory_lock(hashtext('datum-migrations'))`);
    await database.dataSource.runMigrations({ transaction: 'each' });
  } finally {
    client.release(true);
  }
}

/** Cursors of all replicas carry the same signature, because the key is derived from the installation's master key. */
export function cursorSignerOf(masterKey: Buffer): CursorSigner {
  const secret = derivedKey(masterKey, 'cursor');
  const id = createHmac('sha256', secret).update('id').digest('base64url').slice(0, 6);
  return new CursorSigner([{ id, secret }]);
}

/** Makes the runtime injectable everywhere. */
@Global()
@Module({})
export class RuntimeModule {
  static forRoot(runtime: Runtime): DynamicModule {
    const providers = [
      { provide: Clock, useValue: runtime.clock },
      { provide: Database, useValue: runtime.database },
      { provide: HealthRegistry, useValue: runtime.health },
      { provide: LedgerTail, useValue: runtime.tail },
      { provide: CursorSigner, useValue: cursorSignerOf(runtime.masterKey) },
    ];
    return { module: RuntimeModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
