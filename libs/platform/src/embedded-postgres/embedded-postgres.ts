import fs from 'node:fs';
import path from 'node:path';
import { clusterExists, createPassword, initCluster, readPassword, resetPassword } from './cluster-init.js';
import { locateCluster, type ClusterLocation } from './cluster-location.js';
import { ensureDatabase, urlOf } from './cluster.repository.js';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { adoptRunning, launch, readPidFile, shutDown } from './postmaster.js';
import { withStartLock } from './start-lock.js';

export interface EmbeddedPostgresOptions {
  /** The directory that holds the cluster (DATUM_HOME). Made when it is not there. */
  home: string;
  /** Name of the cluster: `<home>/<name>` is its data directory. */
  name: string;
  /** Database to connect to. Made when it is not there. */
  database: string;
  /** false gives up every promise about data after a crash, for speed: tests only. Default true. */
  durable?: boolean;
  /** Default: any free port. A server that runs already keeps its port. */
  port?: number;
  /** Settings of postgresql.conf that win over ours. A server that runs already keeps its own. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** Of `database`, with the password. */
  url: string;
  port: number;
  /** Of the postmaster. */
  pid: number;
  dataDirectory: string;
  /** Whether the server ran already and was taken over. */
  adopted: boolean;
  /** Fast shutdown, whoever started the server; returns when it is gone. May be called again. */
  stop(): Promise<void>;
}

/**
 * For a small server; and reachable from this machine only, over TCP with a password, never by a socket file.
 */
const baseSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_connections: '100',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const throwAwaySettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts the PostgreSQL that comes with the npm packages on the data in `<home>/<name>`, or takes over the
 * one that already runs on them. Works as root (the server then runs as `postgres` or `nobody`), as an
 * ordinary user, after kill -9 of ourselves or of the server, and when several processes ask at once. The
 * server outlives this process unless `stop` is called.
 * @throws Error with the end of the server's log when it does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { name } = options;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error(`"${name}" is not a name for a cluster.`);
  const home = makeHome(path.resolve(options.home));
  return withStartLock(path.join(home, `${name}.lock`), () => startLocked(home, options));
}

async function startLocked(home: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true;
  const location = locateCluster(home, options.name);
  const { dataDirectory } = location;
  const binaries = postgresBinaries(location);
  const password = await prepareCluster(location, binaries, durable);
  const running = await adoptRunning(location, password);
  const settings = { ...baseSettings, ...(durable ? {} : throwAwaySettings), ...options.settings };
  const launchOptions = { password, port: options.port, settings };
  const { pid, port } = running ?? (await launch(location, binaries, launchOptions));
  await ensureDatabase({ dataDirectory, port, password }, options.database);
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf({ dataDirectory, port, password }, options.database),
    port,
    pid,
    dataDirectory,
    adopted: running !== undefined,
    stop: () => (stopped ??= shutDown(pid, dataDirectory)),
  };
}

/** Makes sure that there is a cluster, and answers its password. */
async function prepareCluster(
  location: ClusterLocation, binaries: PostgresBinaries, durable: boolean,
): Promise<string> {
  const known = readPassword(location);
  if (!clusterExists(location)) {
    const password = known ?? createPassword(location);
    initCluster(location, binaries, password, durable);
    return password;
  }
  // PostgreSQL refuses data that others could read, as they are after a careless copy.
  if ((fs.statSync(location.dataDirectory).mode & 0o027) !== 0) fs.chmodSync(location.dataDirectory, 0o700);
  if (known) return known;
  const running = readPidFile(location.dataDirectory);
  if (running) await shutDown(running.pid, location.dataDirectory);
  return resetPassword(location, binaries);
}

/**
 * The real path, so that one home has one name. A home that root makes can be entered, but not listed, by
 * PostgreSQL's account.
 */
function makeHome(home: string): string {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  if (!fs.existsSync(home)) fs.mkdirSync(home, { recursive: true, mode });
  return fs.realpathSync(home);
}
