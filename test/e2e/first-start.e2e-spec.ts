import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger, LedgerTicker, loadConfig, openRuntime, useLogger, type Runtime } from '@datum/platform';
import { migrations } from '@datum/migrations';
import { createGateway } from '../../apps/gateway/src/create-gateway.js';
import { firstStart } from '../../apps/gateway/src/first-start.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

let db: TestDatabase;
let home: string;
let runtime: Runtime;
let ticker: LedgerTicker;
let app: NestFastifyApplication;
beforeAll(async () => {
  useLogger(createLogger({ level: 'silent', name: 'test' }));
  db = await testDatabase();
  home = await fs.mkdtemp(path.join(os.tmpdir(), 'datum-first-'));
  const config = loadConfig({ DATUM_HOME: home, DATUM_PUBLIC_URL: 'https://datum.kestrel.example' });
  runtime = await openRuntime({ config, databaseUrl: db.url, migrations, applicationName: 'datum-test' });
  ticker = new LedgerTicker(runtime.database, { intervalMs: 20 });
  ticker.start();
  app = await createGateway(runtime);
  await app.getHttpAdapter().getInstance().ready();
  runtime.health.started();
});
afterAll(async () => {
  await app?.close();
  await ticker?.stop();
  await runtime?.close();
  await db?.close();
  await fs.rm(home, { recursive: true, force: true });
});

const settings = () => ({ home, publicUrl: runtime.config.publicUrl });

describe('a production gateway on an empty database', () => {
  it('makes one administrator, however many start at once, and none again', async () => {
    expect((await app.inject('/health/ready')).json()).toMatchObject({ checks: { ownership: 'failed' } });
    const files = await Promise.all([firstStart(app, settings()), firstStart(app, settings())]);
    expect(files.filter((file) => file !== undefined)).toEqual([path.join(home, 'admin.json')]);
    expect((await fs.stat(path.join(home, 'admin.json'))).mode & 0o777).toBe(0o600);
    expect(await firstStart(app, settings())).toBeUndefined();
    expect(await db.database.query('SELECT name FROM participant')).toEqual([{ name: 'admin' }]);
  });

  it('is ready then, and lets the administrator in, who lets others in but does not see the business', async () => {
    await expect.poll(async () => (await app.inject('/health/ready')).statusCode, { timeout: 10_000 }).toBe(200);
    const { admin } = JSON.parse(await fs.readFile(path.join(home, 'admin.json'), 'utf8')) as { admin: { clientId: string; clientSecret: string } };
    const token = await app.inject({
      method: 'POST', url: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ grant_type: 'client_credentials', client_id: admin.clientId, client_secret: admin.clientSecret }).toString(),
    });
    const headers = { authorization: `Bearer ${token.json<{ access_token: string }>().access_token}` };
    const system = await app.inject({ method: 'PUT', url: '/v1/systems/CE', headers: { ...headers, 'if-none-match': '*' }, payload: { kind: 'corp-erp', siteCodes: [], state: 'active' } });
    expect(system.statusCode, system.body).toBe(201);
    const added = await app.inject({ method: 'POST', url: '/v1/participants', headers: { ...headers, 'idempotency-key': 'first-start-000001' }, payload: { name: 'corp-erp', systemCode: 'CE' } });
    expect(added.statusCode, added.body).toBe(201);
    const rules = await app.inject({ url: '/v1/ownership/rules?filter[domain][eq]=item&limit=1', headers });
    expect(rules.json<{ data: { steward: string }[] }>().data[0]!.steward).toMatch(/@datum\.kestrel\.example$/);
    expect((await app.inject({ url: '/v1/items', headers })).statusCode).toBe(403);
  });
});
