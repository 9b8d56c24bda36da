import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterLocation } from './cluster-location.js';
import { probe, type ClusterAddress, type ProbeAnswer } from './cluster.repository.js';
import { freePort } from './free-port.js';
import { childEnvironment, type PostgresBinaries } from './postgres-binaries.js';
import { liveProcess } from './process-state.js';

export interface Postmaster {
  pid: number;
  port: number;
}

export interface LaunchOptions {
  password: string;
  /** Chosen freely when undefined. */
  port: number | undefined;
  settings: Record<string, string>;
}

const startPatienceMs = 60_000;
const recoveryPatienceMs = 600_000;
const fastShutdownPatienceMs = 60_000;

/** The postmaster.pid of a data directory: who holds it and at which port, as far as it has been written. */
export function readPidFile(dataDirectory: string): Postmaster | undefined {
  try {
    const lines = fs.readFileSync(path.join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3] ?? 0) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The server that runs on the data already: one that outlived the process which started it, or one that
 * another process of ours started. The pid file only says where to look; the answer of the server decides. A
 * pid file that means nobody is made harmless.
 * @throws Error when a server of ours runs but does not take our password.
 */
export async function adoptRunning(
  location: ClusterLocation, password: string,
): Promise<Postmaster | undefined> {
  const { dataDirectory } = location;
  const began = Date.now();
  for (;;) {
    const found = readPidFile(dataDirectory);
    if (!found) return undefined;
    const claim = claimOf(found.pid, dataDirectory);
    const answer = claim === 'none' ? 'other' : await probe({ dataDirectory, port: found.port, password });
    if (answer === 'ours') return found;
    if (answer === 'locked' && claim === 'proven') {
      const server = `The PostgreSQL on ${dataDirectory} (pid ${found.pid})`;
      throw new Error(`${server} does not take the password in ${location.passwordFile}.`);
    }
    if (claim === 'none' || Date.now() - began > patienceFor(claim, answer)) {
      disown(location);
      return undefined;
    }
    await sleep(50);
  }
}

/** A server of ours that does not answer yet is waited for; one that may be ours gets a moment to show it. */
function patienceFor(claim: 'proven' | 'possible', answer: ProbeAnswer): number {
  if (claim === 'proven') return recoveryPatienceMs;
  return answer === 'starting' || answer === 'refused' ? 3_000 : 0;
}

/**
 * Whether the process can be a server of these data: proven by its command line, possible where that cannot
 * be read, or not at all.
 */
function claimOf(pid: number, dataDirectory: string): 'proven' | 'possible' | 'none' {
  const found = liveProcess(pid);
  if (!found || (found.command !== '' && found.command !== 'postgres')) return 'none';
  if (process.platform !== 'linux') return 'possible';
  try {
    const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes(dataDirectory) ? 'proven' : 'possible';
  } catch {
    return 'possible';
  }
}

/**
 * PostgreSQL takes any living pid in its pid file for a rival, also a zombie or a stranger with a recycled
 * number. Removing the file would also remove its guard against backends that survived their postmaster (it
 * names their shared memory). So the file stays and gets our own pid: PostgreSQL knows that its parent is no
 * rival, checks the shared memory, and replaces the file.
 */
function disown({ dataDirectory, account }: ClusterLocation): void {
  const file = path.join(dataDirectory, 'postmaster.pid');
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const handle = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_TRUNC | fs.constants.O_NOFOLLOW);
  try {
    fs.writeSync(handle, [String(process.pid), ...lines.slice(1)].join('\n'));
    if (account.uid !== undefined) fs.fchownSync(handle, account.uid, account.gid!);
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * Starts the server and waits until it answers. It gets a session of its own, so that a Ctrl-C in the
 * terminal reaches us and not it: we stop it when our own work is done.
 * @throws Error with the end of the server's log when it does not come up.
 */
export async function launch(
  location: ClusterLocation, binaries: PostgresBinaries, options: LaunchOptions,
): Promise<Postmaster> {
  const { dataDirectory } = location;
  const deadline = Date.now() + startPatienceMs;
  for (;;) {
    const port = options.port ?? (await freePort());
    const log = openLog(location.logFile);
    const pid = spawnServer(location, binaries, { ...options, port }, log.handle);
    const address = { dataDirectory, port, password: options.password };
    if (pid !== undefined && (await becomesReady(pid, address))) return { pid, port };
    const words = fs.readFileSync(location.logFile, 'utf8').slice(log.offset).slice(-4_000);
    const passing = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/.test(words);
    const portTaken = options.port === undefined && /could not (bind|create any TCP)/.test(words);
    if (!(passing || portTaken) || Date.now() > deadline) {
      const reason = words || 'it could not be executed';
      throw new Error(`The embedded PostgreSQL in ${dataDirectory} did not start:\n${reason}`);
    }
    // Backends of a killed postmaster need a moment to notice that it is gone.
    if (passing) await sleep(200);
  }
}

function openLog(file: string): { handle: number; offset: number } {
  if (fs.existsSync(file) && fs.statSync(file).size > 10_000_000) fs.renameSync(file, `${file}.1`);
  const handle = fs.openSync(file, 'a', 0o600);
  return { handle, offset: fs.readFileSync(file, 'utf8').length };
}

function spawnServer(
  { dataDirectory, account }: ClusterLocation, binaries: PostgresBinaries, options: LaunchOptions, log: number,
): number | undefined {
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', dataDirectory, '-p', String(options.port), ...settings], {
    ...account, env: childEnvironment, cwd: '/', detached: true, stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  // A failure to execute is seen by the missing pid; without a listener the event would end the process.
  child.on('error', () => undefined);
  child.unref();
  return child.pid;
}

async function becomesReady(pid: number, address: ClusterAddress): Promise<boolean> {
  let deadline = Date.now() + startPatienceMs;
  while (liveProcess(pid)) {
    const answer = await probe(address);
    if (answer === 'ours') return true;
    // Crash recovery takes as long as there is write-ahead log to replay; while the server says so, it is at
    // work.
    if (answer === 'starting') deadline = Math.max(deadline, Date.now() + startPatienceMs);
    if (Date.now() > deadline) {
      signal(pid, 'SIGQUIT');
      return false;
    }
    await sleep(20);
  }
  return false;
}

/**
 * Fast shutdown: open transactions are rolled back, everything else is written down. Returns when the process
 * is really gone.
 * @throws Error when it does not end even after an immediate shutdown.
 */
export async function shutDown(pid: number, dataDirectory: string): Promise<void> {
  const before = liveProcess(pid);
  if (!before) return;
  // The number may have been given to somebody else since the server ended: its command line or the pid file
  // must say that it is ours.
  const claim = claimOf(pid, dataDirectory);
  if (claim === 'none' || (claim === 'possible' && readPidFile(dataDirectory)?.pid !== pid)) return;
  const gone = (): boolean => liveProcess(pid)?.started !== before.started;
  signal(pid, 'SIGINT');
  if (await within(fastShutdownPatienceMs, gone)) return;
  signal(pid, 'SIGQUIT');
  if (await within(10_000, gone)) return;
  throw new Error(`The embedded PostgreSQL (pid ${pid}) does not stop.`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function within(ms: number, done: () => boolean): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (!done()) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
