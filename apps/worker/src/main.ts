import { createLogger, exitOnUncaught, gracefulStop, loadConfig, logger, openRuntime, startProcessMetrics, startTracing, useLogger } from '@datum/platform';
import { migrations } from '@datum/migrations';
import { createWorker } from './create-worker.js';
import { serveHealth } from './health-server.js';

/** The production worker. It needs no door; its port answers health and metrics only. */
const config = loadConfig(process.env);
useLogger(createLogger({ level: config.logLevel, name: 'worker' }));
exitOnUncaught();
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is needed: the production worker does not run a database of its own.');
const stopTracing = await startTracing({ serviceName: 'datum-worker', ...(config.otlpEndpoint ? { endpoint: config.otlpEndpoint } : {}) });
startProcessMetrics();
const runtime = await openRuntime({ config, databaseUrl: config.databaseUrl, migrations, applicationName: 'datum-worker' });
const worker = await createWorker(runtime);
const health = await serveHealth(runtime.health, config);
gracefulStop({
  health: runtime.health,
  steps: [
    { name: 'worker', stop: () => worker.stop() }, { name: 'health', stop: () => health.close() },
    { name: 'runtime', stop: () => runtime.close() }, { name: 'tracing', stop: stopTracing },
  ],
});
worker.start();
runtime.health.started();
logger().info({ port: health.port }, 'worker is ready');
