import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { migrations } from '../../../../migrations/index.js';
import { declaredPermission } from '../auth/permission.js';
import { registerPoolGauge } from '../telemetry/metrics.js';
import { MetricsController } from '../telemetry/metrics.controller.js';
import { HealthController } from './health.controller.js';
import { databaseCheck, HealthRegistry, migrationsCheck } from './health-registry.js';

describe('the health and metrics routes', () => {
  let app: NestFastifyApplication;
  let migrated: TestDatabase;
  let empty: TestDatabase;
  let health: HealthRegistry;
  beforeAll(async () => {
    [migrated, empty] = await Promise.all([testDatabase({ migrations }), testDatabase({ empty: true, migrations })]);
    const module = await Test.createTestingModule({
      controllers: [HealthController, MetricsController], providers: [HealthRegistry],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    health = app.get(HealthRegistry);
  });
  afterAll(async () => {
    await app?.close();
    await migrated?.close();
    await empty?.close();
  });

  const get = (url: string) => app.inject({ method: 'GET', url });

  it('lives from the start, is ready when started with a migrated database, and not when that is gone', async () => {
    health.register(databaseCheck(migrated.database));
    health.register(migrationsCheck(migrated.database));
    expect((await get('/health/live')).json()).toEqual({ status: 'live' });
    const starting = await get('/health/ready');
    expect([starting.statusCode, starting.json()]).toEqual([503, { status: 'starting', checks: {} }]);
    expect(starting.headers['retry-after']).toBe('2');
    health.started();
    const ready = await get('/health/ready');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', checks: { database: 'ok', migrations: 'ok' } }]);
    await migrated.close();
    health.register(databaseCheck(migrated.database));
    const gone = await get('/health/ready');
    expect([gone.statusCode, gone.json()]).toMatchObject([503, { status: 'unready', checks: { database: 'failed' } }]);
    expect((await get('/health/live')).statusCode).toBe(200);
  });

  it('is not ready on a database without the migrations', async () => {
    const unmigrated = new HealthRegistry();
    unmigrated.register(databaseCheck(empty.database));
    unmigrated.register(migrationsCheck(empty.database));
    unmigrated.started();
    expect(await unmigrated.report()).toEqual({ status: 'unready', checks: { database: 'ok', migrations: 'failed' } });
    await empty.dataSource.runMigrations();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await unmigrated.report()).toEqual({ status: 'ready', checks: { database: 'ok', migrations: 'ok' } });
  });

  it('serves metrics as Prometheus text, behind a scope; health is public', async () => {
    registerPoolGauge(() => empty.database.poolCounts());
    const { headers, body } = await get('/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(body).toMatch(/datum_db_pool_connections\{state="total"\} \d/);
     
    expect(declaredPermission(MetricsController.prototype.text, MetricsController)).toEqual({ scope: 'metrics.read' });
     
    expect(declaredPermission(HealthController.prototype.ready, HealthController)).toBe('public');
  });
});
