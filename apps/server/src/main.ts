import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createLogger, exitOnUncaught, gracefulStop, loadConfig, logger, openRuntime, startEmbeddedPostgres, startProcessMetrics, startTracing, useLogger,
  type DatumConfig, type StopStep,
} from '@datum/platform';
import { migrations } from '@datum/migrations';
import { createGateway } from '../../gateway/src/index.js';
import { createWorker } from '../../worker/src/index.js';
import { resumeClock } from './demo/demo-clock.js';
import { seedDemo } from './demo/seed-demo.js';
import { simulatorData } from './demo/simulator-data.js';
import { startSimulator } from './simulator-process.js';
import { welcome } from './welcome.js';

/** `npm start`: the whole product in one process with the demo enterprise, an embedded PostgreSQL and the simulated corporate ERP beside it. */
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const config: DatumConfig = loadConfig({ DATUM_CLOCK: 'sim', DATUM_LOG_LEVEL: 'warn', ...process.env });
useLogger(createLogger({ level: config.logLevel, name: 'datum' }));
exitOnUncaught();

const startedMs = performance.now();
const stopTracing = await startTracing({ serviceName: 'datum', ...(config.otlpEndpoint ? { endpoint: config.otlpEndpoint } : {}) });
startProcessMetrics();
const postgres = config.databaseUrl === undefined ? await startEmbeddedPostgres({ home: config.home, name: 'pg', database: 'datum' }) : undefined;
const databaseUrl = config.databaseUrl ?? postgres!.url;
const runtime = await openRuntime({ config, databaseUrl, migrations, applicationName: 'datum' });
await resumeClock(runtime);

const dataFile = await simulatorData({ root, home: config.home });
const simulator = await startSimulator({ root, home: config.home, dataFile, port: config.simUrl ? Number(new URL(config.simUrl).port) : 0 });
const app = await createGateway(runtime);
const configuration = JSON.parse(await fs.readFile(path.join(root, 'libs/erp/rest/configurations/corporate-erp.json'), 'utf8')) as object;
await seedDemo(app, { home: config.home, root, corporateErp: { kind: 'rest', url: simulator.url, configuration, secretRef: 'CE', currency: 'USD' } });
const worker = await createWorker(runtime);
worker.start();

const steps: StopStep[] = [
  { name: 'worker', stop: () => worker.stop() },
  { name: 'app', stop: () => app.close() },
  { name: 'simulator', stop: () => simulator.stop() },
  { name: 'runtime', stop: () => runtime.close() },
  { name: 'tracing', stop: stopTracing },
  ...(postgres ? [{ name: 'postgres', stop: () => postgres.stop() }] : []),
];
gracefulStop({ app, health: runtime.health, steps });
await app.listen(config.port, config.host);
runtime.health.started();
logger().info({ url: config.publicUrl, ms: Math.round(performance.now() - startedMs) }, 'ready');
process.stdout.write(welcome({ url: config.publicUrl, home: config.home, simulatorUrl: simulator.url, readyMs: Math.round(performance.now() - startedMs) }));
