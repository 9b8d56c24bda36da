import fs from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { ApiClient } from '../api-client.js';
import { usage } from '../cli-error.js';
import type { Io } from '../io.js';
import { sessionOf, type Session } from './session.js';

interface LoginOptions { url?: string; client?: string; secret?: string; credentials?: string; as?: string }

export function addLogin(program: Command, io: Io): void {
  program.command('login')
    .description('remember who you are at a gateway; the secret is kept in a file only you can read')
    .option('--url <url>', 'base URL of the gateway, like http://127.0.0.1:4000')
    .option('--client <id>', 'client id')
    .option('--secret <secret>', 'client secret; - reads it from standard input (default: the variable DATUM_CLIENT_SECRET)')
    .option('--credentials <file>', 'take client and secret from a credentials.json')
    .option('--as <name>', 'the entry of credentials.json')
    .action(async (options: LoginOptions, command: Command) => login(sessionOf(io, command), options));
}

async function login(session: Session, options: LoginOptions): Promise<void> {
  const { io, store } = session;
  const { profile } = session.options;
  if (!options.url || !URL.canParse(options.url)) throw usage('Say which gateway: --url http://127.0.0.1:4000');
  const { clientId, clientSecret } = options.credentials ? await fromFile(io, options) : await fromOptions(io, options);
  const client = new ApiClient({ url: options.url.replace(/\/+$/, ''), clientId, clientSecret }, (kept) => store.put(profile, kept), io);
  await client.authenticate();
  session.print({ profile, url: client.url, clientId }, `Logged in at ${client.url} as ${clientId}${profile === 'default' ? '' : ` (profile ${profile})`}.`);
}

async function fromOptions(io: Io, { client, secret }: LoginOptions): Promise<{ clientId: string; clientSecret: string }> {
  if (!client) throw usage('Say who you are: --client ID, or --credentials FILE --as NAME.');
  const clientSecret = secret === '-' ? (await io.readInput()).trim() : (secret ?? io.env.DATUM_CLIENT_SECRET);
  if (!clientSecret) throw usage('The secret is missing: --secret - reads it from standard input.');
  return { clientId: client, clientSecret };
}

async function fromFile(io: Io, { credentials = '', as = '' }: LoginOptions): Promise<{ clientId: string; clientSecret: string }> {
  const file = path.resolve(io.cwd, credentials);
  const text = await fs.readFile(file, 'utf8').catch((error: Error) => { throw usage(`${file} cannot be read: ${error.message}`); });
  let entries: Record<string, { clientId: string; clientSecret: string }>;
  try {
    entries = JSON.parse(text) as typeof entries;
  } catch {
    throw usage(`${file} is no JSON.`);
  }
  const entry = entries[as];
  if (!entry) throw usage(`${file} has no entry "${as}"; say --as with one of ${Object.keys(entries).join(', ')}.`);
  return entry;
}
