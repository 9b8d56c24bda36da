import { createLogger, exitOnUncaught, gracefulStop, loadConfig, logger, openRuntime, startProcessMetrics, startTracing, useLogger } from '@datum/platform';
import { migrations } from '@datum/migrations';
import { createGateway } from './create-gateway.js';
import { firstStart } from './first-start.js';

/** The production gateway: no demo data, no simulator, no embedded database. */
const config = loadConfig(process.env);
useLogger(createLogger({ level: config.logLevel, name: 'gateway' }));
exitOnUncaught();
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is needed: the production gateway does not run a database of its own. Use `npm start` for the demo.');
const stopTracing = await startTracing({ serviceName: 'datum-gateway', ...(config.otlpEndpoint ? { endpoint: config.otlpEndpoint } : {}) });
startProcessMetrics();
const runtime = await openRuntime({ config, databaseUrl: config.databaseUrl, migrations, applicationName: 'datum-gateway' });
const app = await createGateway(runtime);
await firstStart(app, config);
gracefulStop({ app, health: runtime.health, steps: [{ name: 'runtime', stop: () => runtime.close() }, { name: 'tracing', stop: stopTracing }] });
await app.listen(config.port, config.host);
runtime.health.started();
logger().info({ url: config.publicUrl }, 'gateway is ready');
