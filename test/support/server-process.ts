import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from './free-port.js';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'dist/apps/server/src/main.js');

export interface ServerProcessSettings { home: string; databaseUrl?: string; port?: number; env?: Record<string, string> }

/** The built product as `npm start` runs it, as a process that can be killed. Needs `nest build` (npm test builds first). */
export class ServerProcess {
  private constructor(readonly child: ChildProcess, readonly url: string, readonly home: string, private readonly output: string[]) {}

  static async start(settings: ServerProcessSettings): Promise<ServerProcess> {
    if (!fs.existsSync(main)) throw new Error('dist is missing: run "npm run build"');
    const port = settings.port ?? (await freePort());
    const child = spawn(process.execPath, ['--enable-source-maps', main], {
      cwd: root,
      env: {
        PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), DATUM_HOME: settings.home, DATUM_LOG_LEVEL: 'warn',
        ...(settings.databaseUrl ? { DATABASE_URL: settings.databaseUrl } : {}), ...settings.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => { output.push(data.toString()); if (output.length > 500) output.shift(); });
    const server = new ServerProcess(child, `http://127.0.0.1:${port}`, settings.home, output);
    await server.ready();
    return server;
  }

  /** What it printed last. */
  get log(): string {
    return this.output.join('');
  }

  async ready(): Promise<void> {
    for (let i = 0; i < 1_200; i += 1) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`the server ended before it was ready:\n${this.log}`);
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server did not get ready:\n${this.log}`);
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.kill(signal);
    await gone;
  }

  credentials(): Record<string, { clientId: string; clientSecret: string }> {
    return JSON.parse(fs.readFileSync(path.join(this.home, 'credentials.json'), 'utf8')) as Record<string, { clientId: string; clientSecret: string }>;
  }

  async token(participant: string): Promise<string> {
    const { clientId, clientSecret } = this.credentials()[participant]!;
    const answer = await fetch(`${this.url}/oauth/token`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    if (answer.status !== 200) throw new Error(`no token: ${await answer.text()}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  }
}
