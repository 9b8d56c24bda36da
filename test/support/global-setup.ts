import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrations } from '../../migrations/index.js';
import { createDataSource } from '../../libs/platform/src/database/data-source.js';
import { startEmbeddedPostgres } from '../../libs/platform/src/embedded-postgres/embedded-postgres.js';
import { admin, withDatabase } from './databases.js';

interface Server {
  adminUrl: string;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL per vitest run, with one migrated database that test files copy (`testDatabase`). It is the
 * embedded one in a temporary directory, or the server that DATABASE_URL names (15 or later, with a role that
 * may create databases).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env.DATABASE_URL;
  const server = outside ? await outsideServer(outside) : await throwAwayServer();
  const prefix = `datum_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  const template = `${prefix}_template`;
  try {
    await admin(server.adminUrl, `CREATE DATABASE ${template}`);
    await migrate(withDatabase(server.adminUrl, template));
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('testPostgres', { adminUrl: server.adminUrl, template, prefix });
  return async () => {
    if (outside) await dropAll(server.adminUrl, prefix);
    await server.stop();
  };
}

async function migrate(url: string): Promise<void> {
  const source = createDataSource({
    url, entities: [], migrations, poolMax: 1, applicationName: 'datum-test-migrations',
  });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

async function outsideServer(url: string): Promise<Server> {
  const [row] = await admin(url, `SELECT current_setting('server_version_num')::int AS version`);
  if (Number(row?.version) < 150_000) throw new Error('DATABASE_URL names a PostgreSQL older than 15.');
  return { adminUrl: url, stop: () => Promise.resolve() };
}

async function dropAll(adminUrl: string, prefix: string): Promise<void> {
  const ours = `SELECT datname AS name FROM pg_database WHERE starts_with(datname, '${prefix}')`;
  const rows = await admin(adminUrl, ours);
  for (const { name } of rows) await admin(adminUrl, `DROP DATABASE IF EXISTS ${String(name)} WITH (FORCE)`);
}

async function throwAwayServer(): Promise<Server> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'datum-test-'));
  // As root the server runs under another account, which has to get through.
  fs.chmodSync(home, 0o711);
  const options = { home, name: 'postgres', database: 'postgres', durable: false, settings: { max_connections: '300' } };
  const server = await startEmbeddedPostgres(options).catch((error: unknown) => {
    fs.rmSync(home, { recursive: true, force: true });
    throw error;
  });
  // When the account cannot reach the temporary directory either, the data are elsewhere.
  const directories = [...new Set([home, path.dirname(server.dataDirectory)])];
  const dismiss = watchOver(server.pid, directories);
  return {
    adminUrl: server.url,
    stop: async () => {
      await server.stop();
      for (const directory of directories) fs.rmSync(directory, { recursive: true, force: true });
      dismiss();
    },
  };
}

/**
 * Cleans up when vitest ends without a teardown (Ctrl-C twice, kill -9, a crash): a shell in a session of its
 * own reads from a pipe that only we hold open, so that its end tells it that we are gone. A first line tells
 * it that there is nothing left to do.
 */
function watchOver(pid: number, directories: string[]): () => void {
  const script = `
    if read -r word; then exit 0; fi
    pid=$1; shift
    kill -INT "$pid"
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    rm -rf "$@"`;
  const watcher = spawn('/bin/sh', ['-c', script, 'sh', String(pid), ...directories], {
    detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  // The pipe must not keep vitest's event loop alive.
  (watcher.stdin as unknown as { unref(): void }).unref();
  return () => watcher.stdin.end('done\n');
}
