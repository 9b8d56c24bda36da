import { freePort } from '@datum/platform';
import type { Stage } from './stage.js';
import { startServer, type ServerProcess } from './server-process.js';

export type ServerName = 'gateway' | 'hand-written' | 'node:http';

export interface Servers {
  gateway: ServerProcess;
  'hand-written': ServerProcess;
  'node:http': ServerProcess;
  /** The gateway's access token. */
  token: string;
}

const perMinute = '10000000';

/**
 * The gateway as in production: authentication, ownership, limits, ledger and metrics on. The limit per minute is raised, not switched off: every
 * request is counted.
 */
export async function startGateway(stage: Stage, profile?: string): Promise<ServerProcess> {
  const port = await freePort();
  return startServer({
    name: 'gateway',
    script: '../../apps/gateway/src/main.js',
    port,
    readyPath: '/health/ready',
    nodeArgs: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    env: {
      PORT: String(port), DATABASE_URL: stage.databaseUrl, DATUM_HOME: stage.home, DATUM_LOG_LEVEL: 'warn',
      DATUM_RATE_PER_MINUTE: perMinute, DATUM_RATE_ANONYMOUS_PER_MINUTE: perMinute,
      // On a machine that others use too, a second without the processor is no overload of ours.
      DATUM_SHED_DELAY_MS: '60000',
    },
  });
}

export async function startPeers(stage: Stage, sampleBody: string): Promise<Pick<Servers, 'hand-written' | 'node:http'>> {
  const [handWritten, bare] = [await freePort(), await freePort()];
  return {
    'hand-written': await startServer({ name: 'hand-written', script: './peers/fastify-pg.js', port: handWritten, readyPath: '/ready', args: [String(handWritten), stage.databaseUrl] }),
    'node:http': await startServer({ name: 'node:http', script: './peers/node-http.js', port: bare, readyPath: '/', args: [String(bare), sampleBody] }),
  };
}

/** An access token, as any client would get it. */
export async function tokenFor({ credential }: Stage, gateway: ServerProcess): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: credential.clientId, client_secret: credential.clientSecret }),
  });
  if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
