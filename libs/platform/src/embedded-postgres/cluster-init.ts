import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { ClusterLocation } from './cluster-location.js';
import { superuser } from './cluster.repository.js';
import { childEnvironment, type PostgresBinaries } from './postgres-binaries.js';
import { give } from './unprivileged-account.js';

/**
 * Whether there is a cluster at the location. A directory with anything else in it is an error: we would
 * overwrite it.
 */
export function clusterExists({ dataDirectory }: ClusterLocation): boolean {
  if (fs.existsSync(path.join(dataDirectory, 'PG_VERSION'))) return true;
  if (fs.existsSync(dataDirectory) && fs.readdirSync(dataDirectory).length > 0) {
    throw new Error(`${dataDirectory} is neither empty nor a PostgreSQL data directory.`);
  }
  return false;
}

/** The superuser's password, or undefined when its file is not there. */
export function readPassword({ passwordFile }: ClusterLocation): string | undefined {
  try {
    return fs.readFileSync(passwordFile, 'utf8').trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Generates a password and keeps it in a 0600 file of ours; hexadecimal, so that it needs no escaping in URL
 * or SQL.
 */
export function createPassword({ passwordFile }: ClusterLocation): string {
  const password = randomBytes(24).toString('hex');
  fs.rmSync(`${passwordFile}.new`, { force: true });
  fs.writeFileSync(`${passwordFile}.new`, `${password}\n`, { mode: 0o600, flag: 'wx' });
  fs.renameSync(`${passwordFile}.new`, passwordFile);
  return password;
}

/**
 * Makes the cluster beside its final place and moves it there when it is complete: an initdb cut short leaves
 * nothing that could be taken for data. The locale is PostgreSQL's own C.UTF-8, so that order and case do not
 * depend on the machine.
 */
export function initCluster(
  { dataDirectory, account }: ClusterLocation, binaries: PostgresBinaries, password: string, durable: boolean,
): void {
  const draft = `${dataDirectory}.init`;
  const passwordCopy = `${dataDirectory}.init-password`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.rmSync(passwordCopy, { force: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  give(account, draft);
  // initdb runs as the account and must read the password; our own file is closed to it.
  fs.writeFileSync(passwordCopy, `${password}\n`, { mode: 0o600, flag: 'wx' });
  give(account, passwordCopy);
  const options = [
    '-D', draft, '-U', superuser, `--pwfile=${passwordCopy}`, '--auth=scram-sha-256',
    '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
    '--no-instructions', ...(durable ? [] : ['--no-sync']),
  ];
  const run = spawnSync(binaries.initdb, options, {
    ...account, env: childEnvironment, cwd: '/', encoding: 'utf8',
  });
  fs.rmSync(passwordCopy, { force: true });
  const words = run.error?.message ?? `${run.stdout}\n${run.stderr}`;
  if (run.status !== 0) throw new Error(`initdb failed: ${words}`);
  fs.renameSync(draft, dataDirectory);
}

/**
 * Gives an existing, stopped cluster a new password, when the file that held the old one was lost. Owning the
 * data is right enough.
 */
export function resetPassword(location: ClusterLocation, binaries: PostgresBinaries): string {
  const password = createPassword(location);
  const run = spawnSync(binaries.postgres, ['--single', '-D', location.dataDirectory, 'postgres'], {
    ...location.account, env: childEnvironment, cwd: '/', encoding: 'utf8',
    input: `ALTER ROLE ${superuser} PASSWORD '${password}'\n`,
  });
  if (run.status !== 0 || /ERROR|FATAL/.test(run.stderr)) {
    fs.rmSync(location.passwordFile, { force: true });
    throw new Error(`The lost password could not be replaced: ${run.error?.message ?? run.stderr}`);
  }
  return password;
}
