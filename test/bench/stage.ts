import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  createLogger, gatewayContext, LedgerTicker, loadConfig, openRuntime, startEmbeddedPostgres, useLogger, type EmbeddedPostgres, type Runtime,
} from '@datum/platform';
import { OwnershipService } from '@datum/ownership';
import { ParticipantService, RegistryDirectory, RegistryService } from '@datum/registry';
import { RecordWriter } from '@datum/governed';
import { seedOwnership } from '@datum/governance';
import { migrations } from '@datum/migrations';
import { createGateway } from '../../apps/gateway/src/index.js';
import { cores, pin } from './machine.js';
import { writeStageData, type StageData } from './stage-data.js';

export interface Stage {
  data: StageData;
  runtime: Runtime;
  databaseUrl: string;
  home: string;
  credential: { clientId: string; clientSecret: string };
  close(): Promise<void>;
}

const sites = [
  { code: 'A', name: 'Toledo', gln: '0614141002016', country: 'US', timeZone: 'America/New_York', currency: 'USD' },
  { code: 'B', name: 'Monterrey', gln: '0614141002023', country: 'MX', timeZone: 'America/Monterrey', currency: 'USD' },
  { code: 'D', name: 'Kassel', gln: '0614141002047', country: 'DE', timeZone: 'Europe/Berlin', currency: 'EUR' },
];
const systems = [
  { code: 'CE', kind: 'corp-erp', siteCodes: [], freshness: { maxAgeSeconds: 86_400 } },
  { code: 'LEG1', kind: 'legacy-erp', siteCodes: ['A'] },
  { code: 'LEG2', kind: 'legacy-erp', siteCodes: ['B'] },
  { code: 'CLD-EU', kind: 'cloud-erp', siteCodes: ['D'] },
  { code: 'PLN', kind: 'planning', siteCodes: [] },
  { code: 'GW', kind: 'gateway', siteCodes: [] },
] as const;
const domains = ['item', 'bom', 'supplier', 'party', 'operation'];

/**
 * The enterprise that is measured: a durable PostgreSQL of its own in a directory that is thrown away, the gateway's schema, registry and ownership rules,
 * and the data. A ticker runs here, as a worker's would: without it no gateway trusts its memory.
 */
export async function setStage(sizes: { items: number; bomLines: number }): Promise<Stage> {
  useLogger(createLogger({ level: 'error', name: 'bench' }));
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'datum-bench-'));
  await fs.chmod(home, 0o711);
  const postgres = await startEmbeddedPostgres({ home, name: 'bench', database: 'datum', settings: { shared_buffers: '512MB', max_wal_size: '4GB' } });
  try {
    pin(postgres.pid, cores.rest);
    return await furnish(home, postgres, sizes);
  } catch (error) {
    await postgres.stop();
    await fs.rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function furnish(home: string, postgres: EmbeddedPostgres, sizes: { items: number; bomLines: number }): Promise<Stage> {
  const config = loadConfig({ DATUM_HOME: home, DATUM_LOG_LEVEL: 'warn' });
  const runtime = await openRuntime({ config, databaseUrl: postgres.url, migrations, applicationName: 'datum-bench' });
  const ticker = new LedgerTicker(runtime.database);
  ticker.start();
  const credential = await register(runtime);
  const data = await writeStageData(runtime.database, sizes);
  const close = async (): Promise<void> => {
    await ticker.stop();
    await runtime.close();
    await postgres.stop();
    await fs.rm(home, { recursive: true, force: true });
  };
  return { data, runtime, databaseUrl: postgres.url, home, credential, close };
}

/** Sites, systems, ownership rules, and the participant that the load is. */
async function register(runtime: Runtime): Promise<Stage['credential']> {
  const app = await createGateway(runtime);
  try {
    const context = gatewayContext();
    const registry = app.get(RegistryService);
    for (const site of sites) await registry.putSite(context, { ...site, kind: 'plant', mode: 'live' });
    for (const system of systems) await registry.putSystem(context, { ...system, siteCodes: [...system.siteCodes], state: 'active' });
    await app.get(RegistryDirectory).refresh();
    await seedOwnership({ writer: app.get(RecordWriter), ownership: app.get(OwnershipService) }, context, { effectiveFrom: '2026-01-01T00:00:00Z', stewardDomain: 'bench.example' });
    const scopes = domains.flatMap((domain) => [`${domain}.read`, `${domain}.write`]);
    const { clientId, clientSecret } = await app.get(ParticipantService).addParticipant(context, { name: 'bench', systemCode: 'CE', state: 'live', credential: { kind: 'live', scopes } });
    return { clientId, clientSecret };
  } finally {
    await app.close();
  }
}
