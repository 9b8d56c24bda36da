import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const keyBytes = 32;

/**
 * The installation's master key, `<directory>/master.key` (0600 in a 0700 directory), made at the first start. The pepper of client secrets and
 * the sealing of signing keys are derived from it. Gateways that share a database must share this file: it is the one secret an operator
 * distributes, and the one that is not in a dump of the database.
 * @throws Error when the file is there but is not a key of ours
 */
export async function masterKeyAt(directory: string): Promise<Buffer> {
  const path = join(directory, 'master.key');
  const existing = await readKey(path);
  if (existing) return existing;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Written aside and linked into place: of two processes that start at once, both end up with the same key, and never with half of one.
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, randomBytes(keyBytes).toString('base64url'), { mode: 0o600, flag: 'wx' });
  await link(draft, path).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error; });
  await rm(draft);
  return (await readKey(path))!;
}

async function readKey(path: string): Promise<Buffer | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== keyBytes) throw new Error(`${path} does not hold a master key of ${keyBytes} bytes.`);
  return key;
}
