import type { Command } from 'commander';
import { ApiClient } from '../api-client.js';
import type { Io } from '../io.js';
import { defaultProfile, LoginStore } from '../login-store.js';

export interface GlobalOptions { profile: string; json: boolean }

/** What every command needs. */
export class Session {
  readonly store: LoginStore;

  constructor(readonly io: Io, readonly options: GlobalOptions) {
    this.store = new LoginStore(io);
  }

  client(): Promise<ApiClient> {
    return ApiClient.open(this.io, this.store, this.options.profile);
  }

  /** Machine-readable with `--json`, else the text. */
  print(value: unknown, text: string): void {
    this.io.out(this.options.json ? `${JSON.stringify(value)}\n` : `${text}\n`);
  }
}

export const sessionOf = (io: Io, command: Command): Session => {
  const { profile = defaultProfile, json = false } = command.optsWithGlobals<Partial<GlobalOptions>>();
  return new Session(io, { profile, json });
};
