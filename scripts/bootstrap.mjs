// Makes a fresh clone runnable, with Node's own modules only. `npm start`, `npm test` and the others call it
// first: as a script of its own and not as prestart, which npm leaves out under ignore-scripts. Safe to run
// from several shells at once and after kill -9.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const lockFile = '.bootstrap.lock';
const dependenciesStamp = 'node_modules/.bootstrap';
const buildStamp = 'dist/.bootstrap';
const sourceDirectories = ['apps', 'libs', 'migrations', 'test/bench'];
const buildFiles = ['nest-cli.json', 'tsconfig.json', 'package.json'];
// Built by vite, not by nest.
const notOurs = path.join('apps', 'console');
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const say = (text) => console.error(`[bootstrap] ${text}`);
const fingerprint = (...parts) => createHash('sha256').update(parts.join('\0')).digest('hex');

function fail(text) {
  say(text);
  process.exitCode = 1;
  throw new Stop();
}

class Stop extends Error {}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Datum needs Node 20.19 or later; this is ${process.version} (${process.execPath}). Install a newer one.`);
}

/** When the process behind a pid started: undefined when there is none, or only its zombie. */
function startOf(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return undefined;
  }
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return 'unknown';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

const ticketOf = (pid) => `${pid} ${startOf(pid)}\n`;

/**
 * A hard link appears with its content in one step, so nobody can read a lock that does not name its holder
 * yet.
 */
function takeLock() {
  const draft = `${lockFile}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    fs.writeFileSync(draft, ticketOf(process.pid), { flag: 'wx' });
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EROFS') {
      fail(`${root} is not writable for this user, so nothing can be installed or built.`);
    }
    throw error;
  }
  try {
    fs.linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * The lock also names the npm or the build we started: it goes on when we are killed, and nobody may start a
 * second one beside it.
 */
function nameInLock(...pids) {
  const draft = `${lockFile}.${process.pid}-${randomBytes(4).toString('hex')}`;
  fs.writeFileSync(draft, pids.map(ticketOf).join(''));
  fs.renameSync(draft, lockFile);
}

function holderLives(content) {
  return content.trim().split('\n').some((line) => {
    const [pid, started] = line.split(' ');
    const now = startOf(Number(pid));
    return now !== undefined && now === started;
  });
}

/**
 * Moves the lock of a dead holder away; rename succeeds for one contender only, who puts it back if it was a
 * new one after all.
 */
function stealLock() {
  const seen = read(lockFile);
  if (seen === undefined) return true;
  if (holderLives(seen)) return false;
  const grave = `${lockFile}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    fs.renameSync(lockFile, grave);
  } catch {
    return true;
  }
  if (read(grave) !== seen) {
    try { fs.linkSync(grave, lockFile); } catch { /* Somebody else holds it by now. */ }
  }
  fs.rmSync(grave, { force: true });
  return true;
}

async function withLock(work) {
  let told = false;
  while (!takeLock()) {
    if (stealLock()) continue;
    if (!told) say(`waiting for another start of Datum in this directory (${lockFile}) …`);
    told = true;
    await sleep(200);
  }
  try {
    await work();
  } finally {
    if (read(lockFile)?.startsWith(ticketOf(process.pid))) fs.rmSync(lockFile, { force: true });
  }
}

/**
 * The environment of npm and the build, without what would leave out packages: NODE_ENV=production and npm's
 * omit settings drop the development dependencies or the optional ones, which hold the compiler's and
 * PostgreSQL's binaries.
 */
function childEnvironment() {
  const settings = 'omit|only|production|include|also|dry_run|package_lock_only|global|location|prefix|workspaces?';
  const unwanted = new RegExp(`^(NODE_ENV|npm_config_(${settings}))$`, 'i');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
}

/**
 * Runs a program to its end, with its output on standard error: standard output belongs to the command that
 * follows us.
 */
async function run(command, args) {
  const began = Date.now();
  const child = spawn(command, args, { stdio: ['ignore', 2, 2], env: childEnvironment() });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  if (child.pid) nameInLock(process.pid, child.pid);
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  const outcome = await ended;
  for (const signal of signals) process.off(signal, forward);
  if (outcome !== 0) fail(`${[path.basename(command), ...args].join(' ')} failed (${outcome}); see above.`);
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}

/** The npm that called us, else the first in the path. */
function npm(...args) {
  const caller = process.env.npm_execpath ?? '';
  const known = /npm-cli\.c?js$/.test(caller) && fs.existsSync(caller);
  return known ? run(process.execPath, [caller, ...args]) : run('npm', args);
}

/**
 * npm ci empties node_modules first, and the stamp with it: an installation that was cut short is seen as
 * missing.
 */
async function installDependencies() {
  const machine = [process.versions.modules, process.platform, process.arch];
  const key = fingerprint(read('package-lock.json'), ...machine);
  if (read(dependenciesStamp) === key) return;
  say('installing the dependencies (npm ci), once …');
  fs.rmSync(dependenciesStamp, { force: true });
  const everything = ['--include=dev', '--include=optional'];
  const took = await npm('ci', '--ignore-scripts', ...everything, '--no-audit', '--no-fund', '--loglevel=error');
  fs.writeFileSync(dependenciesStamp, key);
  say(`dependencies ready in ${took}`);
}

function sourcesBelow(directory) {
  if (!fs.existsSync(directory) || directory === notOurs) return [];
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesBelow(file);
    return /\.(ts|json)$/.test(entry.name) && !/\.spec\.ts$/.test(entry.name) ? [file] : [];
  });
}

/**
 * The stamp lies in dist and is written last: without dist, or after a build that failed midway, there is
 * none.
 */
async function build() {
  const files = [...sourceDirectories.flatMap((directory) => sourcesBelow(directory)).sort(), ...buildFiles];
  const key = fingerprint(read(dependenciesStamp), ...files.map((file) => `${file}\0${read(file)}`));
  if (read(buildStamp) === key) return;
  say('building …');
  fs.rmSync(buildStamp, { force: true });
  const took = await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build']);
  fs.writeFileSync(buildStamp, key);
  say(`built in ${took}`);
}

process.chdir(root);
try {
  checkNode();
  await withLock(async () => {
    await installDependencies();
    if (process.argv.includes('--build')) await build();
  });
} catch (error) {
  if (!(error instanceof Stop)) throw error;
}
