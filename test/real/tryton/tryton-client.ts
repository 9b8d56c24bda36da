import { Client } from 'pg';
import type { TrytonServer } from './tryton-server.js';

/** A user of Tryton who works past the adapter: a few lines of the protocol written a second time, so that the tests do not trust it. */
export class TrytonClient {
  private authorization = '';
  private context: Record<string, unknown> = {};
  private requests = 0;

  private constructor(private readonly server: TrytonServer) {}

  static async logIn(server: TrytonServer): Promise<TrytonClient> {
    const client = new TrytonClient(server);
    const { login, password } = server.seed.users.gateway;
    const [userId, key] = (await client.rpc('common.db.login', [login, { password }, 'en'])) as [number, string];
    client.authorization = `Session ${Buffer.from(`${login}:${userId}:${key}`).toString('base64')}`;
    client.context = { ...((await client.rpc('model.res.user.get_preferences', [true, {}])) as object), active_test: false, language: 'en' };
    return client;
  }

  call(method: string, ...params: unknown[]): Promise<unknown> {
    return this.rpc(`model.${method}`, [...params, this.context]);
  }

  async ids(model: string, ...domain: unknown[]): Promise<number[]> {
    return (await this.call(`${model}.search`, domain, 0, null, null)) as number[];
  }

  /** Makes rows look as if their transaction had begun `secondsAgo`. */
  async backdate(tables: Record<string, number>, secondsAgo: number): Promise<void> {
    const client = new Client({ connectionString: this.server.pgUrl });
    await client.connect();
    try {
      for (const [table, id] of Object.entries(tables)) {
        await client.query(
          `update ${table} set create_date = (clock_timestamp() at time zone 'UTC') - make_interval(secs => $1), `
          + `write_date = (clock_timestamp() at time zone 'UTC') - make_interval(secs => $1) where id = $2`,
          [secondsAgo, id],
        );
      }
    } finally {
      await client.end();
    }
  }

  private async rpc(method: string, params: unknown[]): Promise<unknown> {
    const answer = await fetch(`${this.server.url}/${this.server.database}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(this.authorization && { authorization: this.authorization }) },
      body: JSON.stringify({ id: (this.requests += 1), method, params }),
    });
    const text = await answer.text();
    const { result, error } = JSON.parse(text) as { result?: unknown; error?: unknown };
    if (error) throw new Error(`${method}: ${text.slice(0, 500)}`);
    return result;
  }
}
