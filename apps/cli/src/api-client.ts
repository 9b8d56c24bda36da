import fs from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, exitCodes } from './cli-error.js';
import type { Io } from './io.js';
import type { Login, LoginStore } from './login-store.js';

export interface CallOptions {
  body?: unknown;
  /** A file sent as it is, as NDJSON. */
  file?: string;
  headers?: Record<string, string>;
  /** Statuses that are answers and not failures, besides 2xx. */
  accept?: readonly number[];
}

export interface Answer<T = Record<string, unknown>> { status: number; headers: Headers; body: T; text: string }

const triesMax = 8;
const longestWaitMs = 60_000;
/** A token is renewed when it has less than this left. */
const tokenMarginMs = 30_000;

/**
 * The public API with one participant's login. Waits and tries again when the gateway is busy or away: safe, because reads change nothing and every write
 * carries an Idempotency-Key or a precondition that makes it happen once.
 */
export class ApiClient {
  constructor(private login: Login, private readonly keep: (login: Login) => Promise<void>, private readonly io: Io) {}

  static async open(io: Io, store: LoginStore, profile: string): Promise<ApiClient> {
    return new ApiClient(await store.get(profile), (login) => store.put(profile, login), io);
  }

  get url(): string {
    return this.login.url;
  }

  get clientId(): string {
    return this.login.clientId;
  }

  async get<T = Record<string, unknown>>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
    return this.read(await this.call('GET', path, options), options);
  }

  /** @param key given when the same intent may be repeated by a later run */
  async post<T = Record<string, unknown>>(path: string, options: CallOptions, key: string = randomUUID()): Promise<Answer<T>> {
    return this.read(await this.call('POST', path, { ...options, headers: { 'idempotency-key': key, ...options.headers } }), options);
  }

  async send<T = Record<string, unknown>>(method: 'PUT' | 'PATCH', path: string, options: CallOptions): Promise<Answer<T>> {
    return this.read(await this.call(method, path, options), options);
  }

  /** The lines of an NDJSON answer, as they come. */
  async *lines(path: string): AsyncGenerator<string> {
    const response = await this.call('GET', path, {});
    if (!response.ok) throw problemOf(response.status, await response.text());
    let rest = '';
    for await (const text of response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  /** Gets a token with the client's secret. @throws CliError */
  async authenticate(): Promise<void> {
    const { url, clientId, clientSecret } = this.login;
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
    const response = await this.tried(() => fetch(`${url}/oauth/token`, { method: 'POST', body, ...this.interruption() }));
    const text = await response.text();
    if (!response.ok) throw tokenProblem(response.status, text);
    const { access_token: token, expires_in: seconds } = JSON.parse(text) as { access_token: string; expires_in: number };
    this.login = { ...this.login, token, tokenExpiresAt: Date.now() + seconds * 1_000 };
    await this.keep(this.login);
  }

  private async call(method: string, path: string, options: CallOptions): Promise<Response> {
    if (!this.login.token || (this.login.tokenExpiresAt ?? 0) - tokenMarginMs < Date.now()) await this.authenticate();
    const first = await this.tried(() => this.once(method, path, options));
    if (first.status !== 401) return first;
    await first.body?.cancel();
    await this.authenticate();
    return this.tried(() => this.once(method, path, options));
  }

  private once(method: string, path: string, { body, file, headers }: CallOptions): Promise<Response> {
    const type = file !== undefined ? 'application/x-ndjson' : method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const payload = file !== undefined ? { body: Readable.toWeb(fs.createReadStream(file)) as ReadableStream, duplex: 'half' }
      : body === undefined ? {} : { body: JSON.stringify(body) };
    return fetch(new URL(path, this.login.url), {
      method, ...payload, ...this.interruption(),
      headers: { authorization: `Bearer ${this.login.token}`, ...('body' in payload ? { 'content-type': type } : {}), ...headers },
    } as RequestInit);
  }

  private interruption(): { signal?: AbortSignal } {
    return this.io.signal ? { signal: this.io.signal } : {};
  }

  private async tried(work: () => Promise<Response>): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const response = await work().catch((error: unknown) => error as Error);
      if (this.io.signal?.aborted) throw new CliError(exitCodes.interrupted, 'Interrupted.');
      const busy = response instanceof Error || response.status === 429 || response.status === 503;
      if (!busy) return response;
      if (tries >= triesMax) {
        if (!(response instanceof Error)) return response;
        throw new CliError(exitCodes.unavailable, `${this.login.url} does not answer: ${reasonOf(response)}`);
      }
      if (!(response instanceof Error)) await response.body?.cancel();
      await sleep(waitMs(response, tries));
    }
  }

  private async read<T>(response: Response, { accept = [] }: CallOptions): Promise<Answer<T>> {
    const text = await response.text();
    if (!response.ok && !accept.includes(response.status)) throw problemOf(response.status, text);
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (isJson && text !== '' ? JSON.parse(text) : undefined) as T, text };
  }
}

function waitMs(response: Response | Error, tries: number): number {
  const asked = response instanceof Error ? NaN : Number(response.headers.get('retry-after') ?? NaN) * 1_000;
  const backOff = 200 * 2 ** tries * (1 + Math.random() / 4);
  return Math.min(longestWaitMs, Number.isFinite(asked) && asked > 0 ? asked : backOff);
}

const reasonOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message || String((error.cause as NodeJS.ErrnoException).code) : error.message);

/** A refusal as people read it: the problem's sentence, then each field's, then what support will ask for. */
export function problemOf(status: number, text: string): CliError {
  const problem = parsed(text) as { detail?: string; title?: string; code?: string; requestId?: string; errors?: unknown } | undefined;
  const fields = Array.isArray(problem?.errors) ? (problem.errors as { pointer: string; detail: string }[]) : [];
  const lines = [
    problem?.detail ?? problem?.title ?? `The gateway answered ${status}.`,
    ...fields.slice(0, 20).map(({ pointer, detail }) => `  ${pointer}: ${detail}`),
    ...(problem?.code ? [`(${problem.code}, request ${problem.requestId})`] : []),
  ];
  const exitCode = status === 401 ? exitCodes.unauthenticated : status === 429 || status === 503 ? exitCodes.unavailable : exitCodes.refused;
  return new CliError(exitCode, lines.join('\n'), problem);
}

function tokenProblem(status: number, text: string): CliError {
  const { error_description: description } = (parsed(text) ?? {}) as { error_description?: string };
  if (status === 401 || status === 400) return new CliError(exitCodes.unauthenticated, `The login was refused: ${description ?? 'the client or its secret is wrong'}`);
  return problemOf(status, text);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
