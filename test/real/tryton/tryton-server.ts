import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const user = z.object({ login: z.string(), password: z.string() });
const serverFile = z.object({
  url: z.string(), database: z.string(), pgUrl: z.string(),
  seed: z.object({ company: z.int(), currency: z.string(), users: z.object({ gateway: user, reader: user }) }),
});

/** A running Tryton with a database of its own that may be filled and spoiled. */
export interface TrytonServer extends z.output<typeof serverFile> {
  stop(): Promise<void>;
}

/**
 * The server that TRYTON_SERVER names (the JSON line of setup.sh), else one that setup.sh builds and starts. When that cannot be
 * done, CI fails; elsewhere the answer is undefined, said loudly.
 */
export async function startTrytonServer(): Promise<TrytonServer | undefined> {
  const given = process.env.TRYTON_SERVER;
  if (given) return { ...serverFile.parse(JSON.parse(given)), stop: async () => undefined };
  const root = process.getuid?.() === 0 ? '/var/lib' : join(homedir(), '.cache');
  const dir = process.env.TRYTON_DIR ?? join(root, 'datum-tryton');
  try {
    const ports = ['--port', String(await freePort()), '--pg-port', String(await freePort())];
    const output = await script('setup.sh', ['--dir', dir, ...ports]);
    const server = serverFile.parse(JSON.parse(output.trim().split('\n').at(-1)!));
    return { ...server, stop: async () => void (await script('stop.sh', ['--dir', dir])) };
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    process.stderr.write(`\n*** TRYTON IS NOT TESTED: the server could not be built. ***\n${(error as Error).message}\n\n`);
    return undefined;
  }
}

function script(name: string, args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../../../scripts/tryton/${name}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${name} ended with ${code}.`))));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
