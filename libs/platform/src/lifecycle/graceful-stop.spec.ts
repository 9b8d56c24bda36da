import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';

/**
 * The server under test runs in a process of its own, because signals and exits are what is tested. Vite loads the TypeScript there, as it
 * does here.
 */
const source = (body: string): string => `
  import { runnerImport } from 'vite';
  import Fastify from 'fastify';
  const load = async (file) => (await runnerImport(file, { configFile: false, logLevel: 'silent' })).module;
  const { gracefulStop, exitOnUncaught } = await load(${JSON.stringify(new URL('graceful-stop.ts', import.meta.url).pathname)});
  const { HealthRegistry } = await load(${JSON.stringify(new URL('health-registry.ts', import.meta.url).pathname)});
  const say = (word) => process.stdout.write(word + '\\n');
  const health = new HealthRegistry();
  const fastify = Fastify();
  fastify.get('/health/ready', async (_, reply) => {
    const report = await health.report();
    return reply.code(report.status === 'ready' ? 200 : 503).send(report);
  });
  fastify.get('/work', async (request) => {
    say('began ' + request.query.n);
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 60));
    return { done: true };
  });
  fastify.get('/slow', async () => {
    say('slow began');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    say('slow answered');
    return { done: true };
  });
  fastify.get('/never', () => new Promise(() => undefined));
  const app = { getHttpServer: () => fastify.server, close: () => fastify.close().then(() => say('app closed')) };
  ${body}
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  health.started();
  say('port ' + fastify.server.address().port);
`;

const stopWith = (settings: string, lastStep = ''): string => source(`
  exitOnUncaught();
  gracefulStop({
    app, health, drainMs: 300,
    steps: [
      { name: 'workers', stop: () => say('workers stopped') },
      { name: 'broken', stop: () => { throw new Error('cannot stop'); } },
      { name: 'database', stop: () => say('database stopped') },
      ${lastStep}
    ],
    ${settings}
  });`);

class Server {
  readonly lines: string[] = [];
  readonly agent = new Agent({ connections: 20, pipelining: 1 });
  readonly exited: Promise<number | null>;
  private constructor(readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.lines.push(line));
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
  }

  static async start(code: string): Promise<Server> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    const server = new Server(child);
    servers.push(server);
    await Promise.race([server.said('port '), server.exited]);
    return server;
  }

  /** Waits for a line that holds `text`. */
  async said(text: string): Promise<string> {
    for (;;) {
      const line = this.lines.find((each) => each.includes(text));
      if (line) return line;
      if (this.child.exitCode !== null) throw new Error(`The server ended without saying ${text}:\n${this.lines.join('\n')}`);
      await delay(10);
    }
  }

  expectOrder(...texts: string[]): void {
    const at = texts.map((text) => this.lines.findIndex((line) => line.includes(text)));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  }

  async get(path: string): Promise<{ status: number; connection: string | undefined }> {
    const port = this.lines.find((line) => line.startsWith('port '))!.slice(5);
    const { statusCode, body, headers } = await request(`http://127.0.0.1:${port}${path}`, { dispatcher: this.agent });
    await body.text();
    return { status: statusCode, connection: headers.connection as string | undefined };
  }
}

const servers: Server[] = [];
afterEach(async () => {
  for (const { child, agent, exited } of servers.splice(0)) {
    if (child.exitCode === null) child.kill('SIGKILL');
    await exited;
    await agent.destroy();
  }
});

describe('gracefulStop', () => {
  it('[R16] fails no request in flight: not ready first, then requests, workers, database, exit 0', async () => {
    // The application closes last, so that nothing but the stop itself waits for the requests.
    const server = await Server.start(stopWith('', `{ name: 'app', stop: () => app.close() },`));
    expect((await server.get('/health/ready')).status).toBe(200);
    const outcomes: Promise<string>[] = [];
    const load = setInterval(() => {
      const asked = server.get(`/work?n=${outcomes.length}`);
      outcomes.push(asked.then(({ status }) => `${status}`, (error: Error & { code?: string }) => error.code ?? error.message));
    }, 5);
    await vi.waitUntil(() => server.lines.filter((line) => line.startsWith('began ')).length >= 100, { timeout: 20_000 });
    const slow = server.get('/slow');
    await server.said('slow began');
    server.child.kill('SIGTERM');
    await server.said('stopping');
    expect(await server.get('/health/ready')).toEqual({ status: 503, connection: 'close' });
    expect((await slow).status).toBe(200);
    expect(await server.exited).toBe(0);
    clearInterval(load);
    const ended = await Promise.all(outcomes);
    const began = server.lines.filter((line) => line.startsWith('began ')).map((line) => Number(line.slice(6)));
    expect(began.length).toBeGreaterThan(100);
    expect(new Set(began.map((n) => ended[n]))).toEqual(new Set(['200']));
    // What the server never began was turned away as a connection, which a client may safely repeat elsewhere.
    const turnedAway = ended.filter((_, n) => !began.includes(n));
    expect(turnedAway.filter((outcome) => !/^(?:ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)$/.test(outcome))).toEqual([]);
    server.expectOrder('"stopping"', 'slow answered', 'workers stopped', 'cannot stop', 'database stopped', 'app closed', '"stopped"');
  });

  it('closes the application before the steps when no step says otherwise', async () => {
    const server = await Server.start(stopWith(''));
    server.child.kill('SIGINT');
    expect(await server.exited).toBe(0);
    server.expectOrder('"stopping"', 'app closed', 'workers stopped', 'database stopped', '"stopped"');
  });

  it('exits 1 when a request never ends', async () => {
    const server = await Server.start(stopWith('timeoutMs: 800,'));
    const hanging = server.get('/never').catch((error: Error) => error);
    await delay(50);
    server.child.kill('SIGTERM');
    expect(await server.exited).toBe(1);
    expect(await hanging).toBeInstanceOf(Error);
  });

  it('obeys a second signal at once', async () => {
    const server = await Server.start(stopWith('timeoutMs: 60_000,'));
    void server.get('/never').catch(() => undefined);
    await delay(50);
    server.child.kill('SIGINT');
    await server.said('stopping');
    server.child.kill('SIGTERM');
    expect(await server.exited).toBe(1);
    expect(server.lines.join()).not.toContain('database stopped');
  });

  it.each([
    ['an uncaught exception', `setTimeout(() => { throw new Error('nobody caught me'); }, 20);`],
    ['an unhandled rejection', `void Promise.reject(new Error('nobody caught me'));`],
  ])('logs %s as fatal and exits 1', async (_, crash) => {
    const server = await Server.start(`${stopWith('')}\n${crash}`);
    expect(await server.exited).toBe(1);
    expect(JSON.parse(await server.said('uncaught error'))).toMatchObject({ level: 'fatal', err: { message: 'nobody caught me' } });
  });
});
