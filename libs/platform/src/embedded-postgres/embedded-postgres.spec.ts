import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions,
} from './embedded-postgres.js';
import { freePort } from './free-port.js';
import { liveProcess } from './process-state.js';
import { withStartLock } from './start-lock.js';

const onLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
let parent: string;
let home: string;
const servers = new Set<EmbeddedPostgres>();
const children = new Set<ChildProcess>();

beforeEach(() => {
  parent = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'datum-embedded-')));
  fs.chmodSync(parent, 0o711);
  home = path.join(parent, 'home');
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) await server.stop();
  for (const server of servers) {
    const place = path.dirname(server.dataDirectory);
    if (!place.startsWith(parent)) fs.rmSync(place, { recursive: true, force: true });
  }
  servers.clear();
  children.clear();
  fs.rmSync(parent, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const defaults = { home, name: 'postgres', database: 'datum', durable: false };
  const server = await startEmbeddedPostgres({ ...defaults, ...options });
  servers.add(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const remember = (server: EmbeddedPostgres): Promise<unknown> =>
  query(server.url, 'CREATE TABLE kept AS SELECT 42 AS n');
const recalled = (server: EmbeddedPostgres): Promise<unknown> => query(server.url, 'SELECT n FROM kept');
const pidFileOf = (server: EmbeddedPostgres): string => path.join(server.dataDirectory, 'postmaster.pid');

type Started = Pick<EmbeddedPostgres, 'pid' | 'port' | 'adopted'>;

/** Another Node process that starts the same cluster and then waits to be killed. */
async function startInAnotherProcess(): Promise<{ child: ChildProcess; server: Started }> {
  const script = `
    import { createServer } from 'vite';
    const vite = await createServer({
      root: ${JSON.stringify(repository)}, configFile: false, logLevel: 'error',
      server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true },
    });
    const file = '/libs/platform/src/embedded-postgres/embedded-postgres.ts';
    const { startEmbeddedPostgres } = await vite.ssrLoadModule(file);
    const { pid, port, adopted } = await startEmbeddedPostgres(
      { home: ${JSON.stringify(home)}, name: 'postgres', database: 'datum', durable: false });
    console.log('READY ' + JSON.stringify({ pid, port, adopted }));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: repository, stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  const server = await new Promise<Started>((resolve, reject) => {
    child.stderr.on('data', (data) => { output += String(data); });
    child.stdout.on('data', (data) => {
      output += String(data);
      const line = /READY (.*)\n/.exec(output);
      if (line) resolve(JSON.parse(line[1]!) as Started);
    });
    child.once('exit', () => reject(new Error(output)));
  });
  return { child, server };
}

async function killHard(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

describe('startEmbeddedPostgres', () => {
  it('keeps the data over a stop and a start', async () => {
    const first = await start();
    await remember(first);
    await first.stop();
    expect(liveProcess(first.pid)).toBeUndefined();
    expect(fs.existsSync(pidFileOf(first))).toBe(false);
    const second = await start();
    expect(await recalled(second)).toEqual([{ n: 42 }]);
    expect(second.adopted).toBe(false);
  });

  it('stops twice, and stops nothing when its server is gone already', async () => {
    const first = await start();
    const copy = { ...(await start()) };
    await first.stop();
    const next = await start();
    await first.stop();
    await copy.stop();
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('has the settings of a small server, and those that the caller wants', async () => {
    const server = await start({ settings: { max_connections: '37', work_mem: '8MB' } });
    const rows = await query(server.url, `SELECT name, current_setting(name) AS value FROM pg_settings
      WHERE name IN ('shared_buffers', 'max_connections', 'work_mem', 'jit', 'listen_addresses',
                     'unix_socket_directories', 'fsync', 'TimeZone')`);
    expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual({
      shared_buffers: '128MB', max_connections: '37', work_mem: '8MB', jit: 'off',
      listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', TimeZone: 'UTC',
    });
  });

  it('is durable unless told otherwise, and takes the port it is given', async () => {
    const port = await freePort();
    const server = await start({ durable: true, port });
    expect(server.port).toBe(port);
    expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('makes further databases in a server that runs', async () => {
    const first = await start();
    const second = await start({ database: 'other "name"' });
    expect(second.pid).toBe(first.pid);
    expect(await query(second.url, 'SELECT current_database() AS name')).toEqual([{ name: 'other "name"' }]);
  });

  it('says what is wrong when the wanted port is taken', async () => {
    const first = await start();
    await expect(start({ name: 'second', port: first.port })).rejects.toThrow(/could not bind/);
  });

  it('refuses a directory that holds something else', async () => {
    fs.mkdirSync(path.join(home, 'postgres'), { recursive: true });
    fs.writeFileSync(path.join(home, 'postgres', 'letter.txt'), 'mine');
    await expect(start()).rejects.toThrow(/neither empty nor a PostgreSQL data directory/);
    expect(fs.readdirSync(path.join(home, 'postgres'))).toEqual(['letter.txt']);
  });
});

describe('access to the embedded server', () => {
  it('demands the generated password, by scram', async () => {
    const server = await start();
    const wrong = new URL(server.url);
    wrong.password = 'guessed';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const [row] = await query(server.url, `SELECT rolpassword AS hash FROM pg_authid WHERE rolname = 'datum'`);
    expect(String(row?.hash)).toMatch(/^SCRAM-SHA-256\$/);
    const rules = await query(server.url, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules');
    expect(rules).toEqual([{ auth_method: 'scram-sha-256' }]);
  });

  it('keeps password and data from other accounts', async () => {
    const server = await start();
    const mode = (file: string): number => fs.statSync(file).mode & 0o777;
    expect(mode(path.join(home, 'postgres.password'))).toBe(0o600);
    expect(mode(server.dataDirectory)).toBe(0o700);
    expect(fs.statSync(path.join(home, 'postgres.password')).uid).toBe(process.getuid?.());
    expect(fs.readdirSync(home).filter((name) => name.includes('init'))).toEqual([]);
  });

  it.runIf(onLinux)('listens on the loopback address only', async () => {
    const server = await start();
    const faces = Object.values(os.networkInterfaces()).flat();
    const outside = faces.find((face) => face && !face.internal && face.family === 'IPv4');
    const hosts = ['127.0.0.2', ...(outside ? [outside.address] : [])];
    for (const host of hosts) {
      const url = new URL(server.url);
      url.hostname = host;
      await expect(query(url.href, 'SELECT 1'), host).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('gives the cluster a new password when its file was lost, also while an orphan runs', async () => {
    const first = await start();
    await remember(first);
    fs.rmSync(path.join(home, 'postgres.password'));
    const second = await start();
    expect(await recalled(second)).toEqual([{ n: 42 }]);
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow();
    expect(new URL(second.url).password).not.toBe(new URL(first.url).password);
  });
});

describe('[R5] starting again after a hard end', () => {
  it('takes over the server whose starter was killed with kill -9, and can stop it', async () => {
    const { child, server } = await startInAnotherProcess();
    await killHard(child);
    expect(liveProcess(server.pid)?.command).toBe('postgres');
    const adopted = await start();
    expect(adopted).toMatchObject({ adopted: true, pid: server.pid, port: server.port });
    await remember(adopted);
    await adopted.stop();
    expect(liveProcess(server.pid)).toBeUndefined();
    expect(await recalled(await start())).toEqual([{ n: 42 }]);
  });

  it.runIf(onLinux)('gives the server its own session, which Ctrl-C in the terminal does not reach', async () => {
    const server = await start();
    const fields = fs.readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    expect(fields.slice(2, 4)).toEqual([String(server.pid), String(server.pid)]);
  });

  it('recovers when the server was killed with kill -9', async () => {
    const first = await start({ durable: true });
    await remember(first);
    process.kill(first.pid, 'SIGKILL');
    const second = await start({ durable: true });
    expect(second.adopted).toBe(false);
    expect(second.pid).not.toBe(first.pid);
    expect(await recalled(second)).toEqual([{ n: 42 }]);
  });

  it('is not fooled by a pid file that names a living stranger', async () => {
    const first = await start();
    await remember(first);
    const lines = fs.readFileSync(pidFileOf(first), 'utf8').split('\n');
    await first.stop();
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    children.add(stranger);
    fs.writeFileSync(pidFileOf(first), [stranger.pid, ...lines.slice(1)].join('\n'), { mode: 0o600 });
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await recalled(second)).toEqual([{ n: 42 }]);
    expect(liveProcess(stranger.pid!)?.command).toBe('sleep');
  });

  it('is not fooled by a pid file that names the server of another cluster', async () => {
    const other = await start({ name: 'other' });
    const first = await start();
    await remember(first);
    const lines = fs.readFileSync(pidFileOf(first), 'utf8').split('\n');
    await first.stop();
    lines[0] = String(other.pid);
    lines[3] = String(other.port);
    fs.writeFileSync(pidFileOf(first), lines.join('\n'), { mode: 0o600 });
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await recalled(second)).toEqual([{ n: 42 }]);
    expect(await query(other.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.runIf(onLinux)('is not fooled by a zombie', async () => {
    const first = await start();
    await remember(first);
    const lines = fs.readFileSync(pidFileOf(first), 'utf8').split('\n');
    await first.stop();
    // A shell that replaces itself with a program which never reaps: its child stays a zombie.
    const script = 'sh -c "exit 0" & echo $!; exec sleep 600';
    const keeper = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.add(keeper);
    const zombie = await new Promise<number>((resolve) => {
      keeper.stdout.once('data', (data) => resolve(Number(String(data))));
    });
    await expect.poll(() => fs.readFileSync(`/proc/${zombie}/stat`, 'utf8')).toMatch(/\) Z /);
    expect(liveProcess(zombie)).toBeUndefined();
    fs.writeFileSync(pidFileOf(first), [zombie, ...lines.slice(1)].join('\n'), { mode: 0o600 });
    expect(await recalled(await start())).toEqual([{ n: 42 }]);
  });

  it('begins again when an earlier initdb was cut short', async () => {
    fs.mkdirSync(path.join(home, 'postgres.init', 'base'), { recursive: true });
    fs.writeFileSync(path.join(home, 'postgres.init', 'PG_VERSION'), '18\n');
    fs.writeFileSync(path.join(home, 'postgres.init-password'), 'old');
    fs.chmodSync(home, 0o711);
    const server = await start();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(fs.readdirSync(home).sort()).toEqual(['postgres', 'postgres.log', 'postgres.password']);
  });

  it('makes one server of many starts at once, also over the lock of a killed process', async () => {
    fs.mkdirSync(home, { mode: 0o711 });
    const dead = spawnSync('true').pid;
    fs.writeFileSync(path.join(home, 'postgres.lock'), `${dead} 1\nleft behind\n`);
    const starts = [start(), start(), start(), start()];
    const [{ server: elsewhere }, ...here] = await Promise.all([startInAnotherProcess(), ...starts]);
    expect(new Set([elsewhere.pid, ...here.map(({ pid }) => pid)]).size).toBe(1);
    expect([elsewhere, ...here].filter(({ adopted }) => !adopted)).toHaveLength(1);
    expect(fs.existsSync(path.join(home, 'postgres.lock'))).toBe(false);
  });
});

describe('the start lock', () => {
  it('lets one in at a time, and takes a lock over whose pid now belongs to somebody else', async () => {
    const file = path.join(parent, 'lock');
    fs.writeFileSync(file, `${process.pid} 1\nthe pid is alive, but it started at another time\n`);
    let inside = 0;
    let most = 0;
    const visit = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    };
    await Promise.all(Array.from({ length: 12 }, () => withStartLock(file, visit)));
    expect(most).toBe(1);
    expect(fs.readdirSync(parent)).toEqual([]);
  });

  it('is free again when the work failed', async () => {
    const file = path.join(parent, 'lock');
    await expect(withStartLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withStartLock(file, () => Promise.resolve('in'))).toBe('in');
  });
});

describe.runIf(isRoot)('as root', () => {
  const ownerOfServer = (server: EmbeddedPostgres): number => fs.statSync(`/proc/${server.pid}`).uid;

  it('runs the server as an ordinary account', async () => {
    const server = await start();
    expect(ownerOfServer(server)).not.toBe(0);
    expect(fs.statSync(server.dataDirectory).uid).toBe(ownerOfServer(server));
  });

  it('puts the data into /var/lib/datum when that account cannot enter the home', async () => {
    fs.chmodSync(parent, 0o700);
    const first = await start();
    const place = fs.readFileSync(path.join(home, 'location'), 'utf8').trim();
    expect(place).toMatch(/^\/var\/lib\/datum\/[0-9a-f]{16}$/);
    expect(first.dataDirectory).toBe(path.join(place, 'postgres'));
    expect(fs.statSync(place).mode & 0o777).toBe(0o700);
    expect(fs.statSync(place).uid).toBe(ownerOfServer(first));
    await remember(first);
    await first.stop();
    // The recorded place holds, also when the home could be entered by now.
    fs.chmodSync(parent, 0o711);
    const second = await start();
    expect(second.dataDirectory).toBe(first.dataDirectory);
    expect(await recalled(second)).toEqual([{ n: 42 }]);
  });

  it('does not begin anew when the recorded place of the data is gone', async () => {
    fs.mkdirSync(home);
    fs.writeFileSync(path.join(home, 'location'), '/var/lib/datum/0123456789abcdef\n');
    await expect(start()).rejects.toThrow(/which is not there/);
  });

  it('takes the data along when their home has been closed since', async () => {
    const first = await start();
    await remember(first);
    await first.stop();
    fs.chmodSync(home, 0o700);
    const second = await start();
    expect(second.dataDirectory).toMatch(/^\/var\/lib\/datum\//);
    expect(await recalled(second)).toEqual([{ n: 42 }]);
  });

  it('repairs data that root owns, after a copy', async () => {
    const first = await start();
    await remember(first);
    await first.stop();
    expect(spawnSync('chown', ['-R', '0:0', first.dataDirectory]).status).toBe(0);
    fs.chmodSync(first.dataDirectory, 0o755);
    const second = await start();
    expect(await recalled(second)).toEqual([{ n: 42 }]);
    expect(fs.statSync(second.dataDirectory)).toMatchObject({ uid: ownerOfServer(second) });
  });

  it('serves the data of an ordinary user as that user', async () => {
    const first = await start();
    await remember(first);
    await first.stop();
    expect(spawnSync('chown', ['-R', '12345:12345', first.dataDirectory]).status).toBe(0);
    const second = await start();
    expect(ownerOfServer(second)).toBe(12345);
    expect(await recalled(second)).toEqual([{ n: 42 }]);
  });
});
