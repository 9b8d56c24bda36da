import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CliError, exitCodes } from './cli-error.js';
import type { Io } from './io.js';

export interface Login {
  url: string;
  clientId: string;
  clientSecret: string;
  token?: string;
  /** Milliseconds since 1970. */
  tokenExpiresAt?: number;
}

interface Logins { profiles: Record<string, Login> }

export const defaultProfile = 'default';

/** Where the command line keeps what it must remember: `DATUM_CLI_HOME`, else `datum` in the user's configuration directory. */
export const cliHome = ({ env }: Io): string =>
  env.DATUM_CLI_HOME ?? path.join(env.XDG_CONFIG_HOME ?? path.join(env.HOME ?? os.homedir(), '.config'), 'datum');

/** Logins by profile, in a file that only the user can read. */
export class LoginStore {
  private readonly file: string;

  constructor(io: Io) {
    this.file = path.join(cliHome(io), 'login.json');
  }

  /** @throws CliError when nobody is logged in under the profile */
  async get(profile: string): Promise<Login> {
    const login = (await this.read()).profiles[profile];
    if (login) return login;
    const flag = profile === defaultProfile ? '' : ` --profile ${profile}`;
    throw new CliError(exitCodes.unauthenticated, `Nobody is logged in${flag && ` as profile "${profile}"`}. Run: datum login --url URL --client ID${flag}`);
  }

  async put(profile: string, login: Login): Promise<void> {
    const { profiles } = await this.read();
    await fs.mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    await writeWhole(this.file, `${JSON.stringify({ profiles: { ...profiles, [profile]: login } }, null, 2)}\n`);
  }

  private async read(): Promise<Logins> {
    try {
      return JSON.parse(await fs.readFile(this.file, 'utf8')) as Logins;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { profiles: {} };
      throw new CliError(exitCodes.usage, `${this.file} cannot be read: ${(error as Error).message}`);
    }
  }
}

/** The old file or the new one, whatever happens; readable by the user alone. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const next = `${file}.${process.pid}.new`;
  await fs.writeFile(next, text, { mode: 0o600 });
  await fs.rename(next, file);
}
