import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger, gatewayContext, LedgerTicker, loadConfig, openRuntime, useLogger, type Runtime, type RuntimeSettings } from '@datum/platform';
import { defaultMatrix, OwnershipService, type MatrixEntry } from '@datum/ownership';
import { ParticipantService, RegistryDirectory, RegistryService } from '@datum/registry';
import { RecordWriter } from '@datum/governed';
import { seedOwnership } from '@datum/governance';
import { migrations } from '@datum/migrations';
import { createGateway } from '../../apps/gateway/src/create-gateway.js';
import { testDatabase, type TestDatabase } from './test-database.js';

export interface TestGateway {
  app: NestFastifyApplication;
  runtime: Runtime;
  db: TestDatabase;
  /** A client with a credential of its own for the system, limited to the sites when given. */
  client(systemCode: string, scopes: string[], sites?: string[]): Promise<TestClient>;
  close(): Promise<void>;
}

export interface Answer<T = Record<string, any>> { status: number; headers: Record<string, string>; body: T; text: string }

/** Calls the gateway as one participant would: through HTTP, with a token from the token endpoint. */
export class TestClient {
  constructor(private readonly app: NestFastifyApplication, readonly token: string, readonly clientId: string) {}

  async send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await this.app.inject({
      method: method as 'GET', url,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': contentType }), ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = response.body;
    const parsed = /[/+]json/.test(String(response.headers['content-type'])) && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.statusCode, headers: response.headers as Record<string, string>, body: parsed, text };
  }

  get = (url: string, headers?: Record<string, string>) => this.send('GET', url, undefined, headers);
  post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    this.send('POST', url, body, { 'idempotency-key': `test-${crypto.randomUUID()}`, ...headers });
  patch = (url: string, body: unknown, ifMatch: string | undefined, headers: Record<string, string> = {}) =>
    this.send('PATCH', url, body, { ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }), ...headers });

  async graphql<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}): Promise<{ data: T | null; errors?: any[]; status: number }> {
    const answer = await this.send('POST', '/graphql', { query, variables });
    return { ...(answer.body as { data: T | null; errors?: any[] }), status: answer.status };
  }
}

export const testSites = [
  { code: 'A', name: 'Toledo', gln: '0614141002016', country: 'US', timeZone: 'America/New_York', currency: 'USD' },
  { code: 'B', name: 'Monterrey', gln: '0614141002023', country: 'MX', timeZone: 'America/Monterrey', currency: 'USD' },
  { code: 'D', name: 'Kassel', gln: '0614141002047', country: 'DE', timeZone: 'Europe/Berlin', currency: 'EUR' },
];

const systems = [
  { code: 'CE', kind: 'corp-erp', siteCodes: [] },
  { code: 'LEG1', kind: 'legacy-erp', siteCodes: ['A'] },
  { code: 'LEG2', kind: 'legacy-erp', siteCodes: ['B'] },
  { code: 'CLD-EU', kind: 'cloud-erp', siteCodes: ['D'] },
  { code: 'MES-A', kind: 'mes', siteCodes: ['A'] },
  { code: 'WMS-A', kind: 'wms', siteCodes: ['A'] },
  { code: 'WMS-D', kind: 'wms', siteCodes: ['D'] },
  { code: 'PLN', kind: 'planning', siteCodes: [] },
  { code: 'GW', kind: 'gateway', siteCodes: [] },
] as const;

export interface TestGatewayOptions {
  env?: Record<string, string>;
  poolMax?: number;
  /** Domains that this test brings along: their modules, tables and ownership. */
  extraModules?: NonNullable<ModuleMetadata['imports']>;
  extraMigrations?: RuntimeSettings['migrations'];
  extraMatrix?: readonly MatrixEntry[];
}

/** A gateway over a database of its own with three sites, their systems and the default ownership matrix, at 2026-03-04T14:00Z. */
export async function testGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  useLogger(createLogger({ level: 'silent', name: 'test' }));
  const db = await testDatabase({ poolMax: options.poolMax ?? 10 });
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'datum-test-home-'));
  const config = loadConfig({ DATUM_HOME: home, DATUM_CLOCK: 'sim', DATUM_CLOCK_START: '2026-03-04T14:00:00Z', DATUM_LOG_LEVEL: 'silent', ...options.env });
  const runtime = await openRuntime({ config, databaseUrl: db.url, migrations: [...migrations, ...(options.extraMigrations ?? [])], applicationName: 'datum-test' });
  runtime.database.refuseNested();
  const ticker = new LedgerTicker(runtime.database, { intervalMs: 20 });
  ticker.start();
  const app = await createGateway(runtime, { extraModules: options.extraModules ?? [] });
  await app.getHttpAdapter().getInstance().ready();
  runtime.health.started();
  const context = gatewayContext();
  const registry = app.get(RegistryService);
  for (const site of testSites) await registry.putSite(context, { ...site, kind: 'plant', mode: 'live' });
  for (const system of systems) await registry.putSystem(context, { ...system, siteCodes: [...system.siteCodes], state: 'active' });
  await app.get(RegistryDirectory).refresh();
  await seedOwnership({ writer: app.get(RecordWriter), ownership: app.get(OwnershipService) }, context, { effectiveFrom: '2026-01-01T00:00:00Z', stewardDomain: 'kestrel.example', matrix: [...defaultMatrix, ...(options.extraMatrix ?? [])] });
  const close = async (): Promise<void> => {
    await app.close();
    await ticker.stop();
    await runtime.close();
    await db.close();
    await fs.rm(home, { recursive: true, force: true });
  };
  const client = async (systemCode: string, scopes: string[], sites?: string[]): Promise<TestClient> => {
    const added = await app.get(ParticipantService).addParticipant(context, {
      name: `${systemCode}-${crypto.randomUUID()}`, systemCode, state: 'live', credential: { kind: 'live', scopes, ...(sites ? { sites } : {}) },
    });
    const response = await app.inject({
      method: 'POST', url: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ grant_type: 'client_credentials', client_id: added.clientId, client_secret: added.clientSecret }).toString(),
    });
    if (response.statusCode !== 200) throw new Error(`no token: ${response.body}`);
    return new TestClient(app, (response.json() as { access_token: string }).access_token, added.clientId);
  };
  return { app, runtime, db, client, close };
}
