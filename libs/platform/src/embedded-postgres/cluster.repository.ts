import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';

export interface ClusterAddress {
  dataDirectory: string;
  port: number;
  password: string;
}

/** The one role of an embedded cluster: it owns everything in it. */
export const superuser = 'datum';

/**
 * What answers at the address: `ours` is a server of this data directory, `starting` one that is not open yet
 * (or not any more), `refused` nobody, `locked` a server that does not take the password, `other` some other
 * cluster or program.
 */
export type ProbeAnswer = 'ours' | 'starting' | 'refused' | 'locked' | 'other';

/**
 * Asks the server itself which data it serves. A pid or a port that has been given to somebody else does not
 * pass for it.
 */
export async function probe(address: ClusterAddress): Promise<ProbeAnswer> {
  // A pid file that is not complete has no port yet; pg would take its default one instead.
  if (!(address.port > 0)) return 'refused';
  try {
    return await withClient(address, 'postgres', async (client) => {
      const { rows } = await client.query<{ directory: string; identifier: string }>(
        `SELECT current_setting('data_directory') AS directory, system_identifier::text AS identifier
         FROM pg_control_system()`,
      );
      const same = rows[0]?.identifier === systemIdentifier(address.dataDirectory)
        && sameFile(rows[0].directory, address.dataDirectory);
      return same ? 'ours' : 'other';
    });
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (code === '57P03' || code === '57P01') return 'starting';
    if (code === '28P01' || code === '28000') return 'locked';
    if (code.startsWith('ECONN')) return 'refused';
    return 'other';
  }
}

export async function ensureDatabase(address: ClusterAddress, database: string): Promise<void> {
  await withClient(address, 'postgres', async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  });
}

export function urlOf({ port, password }: ClusterAddress, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

async function withClient<T>(
  address: ClusterAddress, database: string, work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1', port: address.port, user: superuser, password: address.password, database,
    ssl: false, options: '', connectionTimeoutMillis: 3_000, query_timeout: 30_000,
  });
  // Without a listener an error on the idle connection would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The number initdb gave the cluster: the first eight bytes of its control file. */
function systemIdentifier(dataDirectory: string): string {
  const control = fs.readFileSync(path.join(dataDirectory, 'global', 'pg_control'));
  return String(os.endianness() === 'LE' ? control.readBigUInt64LE(0) : control.readBigUInt64BE(0));
}

function sameFile(one: string, other: string): boolean {
  try {
    return fs.realpathSync(one) === fs.realpathSync(other);
  } catch {
    return false;
  }
}
