import { randomInt } from 'node:crypto';
import { ErpFailure } from '@datum/write-back';
import type { ErpCall } from '@datum/write-back';
import { Credential, ErpHttp, jsonOf, notUnderstood } from '@datum/erp-http';
import type { Deadline, ErpHttpResponse, SecretSource } from '@datum/erp-http';
import { z } from 'zod';
import type { TrytonConfiguration } from './tryton-configuration.js';
import { failureFromStatus, refusalFrom } from './tryton-failures.js';

const loginResult = z.tuple([z.int(), z.string().min(1)]);
const preferences = z.looseObject({ company: z.int().nullish() });

interface OpenSession {
  authorization: string;
  /** Goes last into every call: company and language decide what is read and written. */
  context: Record<string, unknown>;
}

/** One request of the protocol in envelope mode: exactly id, method and params. */
export interface TrytonRequest {
  method: string;
  params: readonly unknown[];
  /** Added to the session's context: `_timestamp`, `active_test`. */
  context?: Record<string, unknown>;
  effect: boolean;
}

/**
 * A log-in session over JSON-RPC. A session that the server no longer knows is opened anew, once per call; a password that was refused is
 * not sent again, because Tryton answers each failed log-in more slowly and then locks the user out.
 */
export class TrytonSession {
  private readonly http: ErpHttp;
  private readonly password: Credential;
  private readonly path: string;
  private open: OpenSession | undefined;
  private opening: Promise<OpenSession> | undefined;

  constructor(private readonly configuration: TrytonConfiguration, secrets: SecretSource) {
    const { baseUrl, limits, responseBytesMax } = configuration;
    this.http = new ErpHttp({ baseUrl, parallel: limits.parallel, responseBytesMax });
    this.password = new Credential(configuration.passwordSecret, secrets);
    this.path = `/${configuration.database}/`;
  }

  /**
   * Calls a method and returns its result with the server's time.
   * @throws ErpFailure; TrytonRefusal when Tryton itself said no
   */
  async call(request: TrytonRequest, call: ErpCall, deadline: Deadline): Promise<{ result: unknown; asOf: string }> {
    for (let attempt = 1; ; attempt += 1) {
      const session = await this.session(call, deadline);
      const id = newRequestId();
      const params = [...request.params, { ...session.context, ...request.context }];
      const answer = await this.post(id, request.method, params, { authorization: session.authorization }, request.effect, call, deadline);
      if (answer.status !== 401) return { result: resultOf(id, answer, request.effect), asOf: timeOf(answer) };
      // Not executed: the session has ended. Whoever comes first opens the next.
      if (this.open === session) this.open = undefined;
      if (attempt > 1) throw new ErpFailure('auth', 'The ERP ends every session of the integration user at once.');
    }
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private async session(call: ErpCall, deadline: Deadline): Promise<OpenSession> {
    if (this.open) return this.open;
    this.opening ??= this.logIn(call, deadline).finally(() => (this.opening = undefined));
    this.open = await this.opening;
    return this.open;
  }

  private async logIn(call: ErpCall, deadline: Deadline): Promise<OpenSession> {
    const password = await this.password.value();
    const { userName } = this.configuration;
    const id = newRequestId();
    const answer = await this.post(id, 'common.db.login', [userName, { password }, 'en'], {}, false, call, deadline);
    const refused = answer.status === 401 || (answer.status === 200 && isLoginException(answer));
    if (refused) {
      this.password.refuse(password);
      throw new ErpFailure('auth', 'The ERP refused the credentials of the integration user.');
    }
    const login = loginResult.safeParse(resultOf(id, answer, false));
    if (!login.success) throw notUnderstood(false, 'a log-in answer without a session');
    const [userId, key] = login.data;
    const authorization = `Session ${Buffer.from(`${userName}:${userId}:${key}`).toString('base64')}`;
    return { authorization, context: await this.contextOf(authorization, call, deadline) };
  }

  private async contextOf(authorization: string, call: ErpCall, deadline: Deadline): Promise<Record<string, unknown>> {
    const id = newRequestId();
    const method = 'model.res.user.get_preferences';
    const answer = await this.post(id, method, [true, {}], { authorization }, false, call, deadline);
    const read = preferences.safeParse(resultOf(id, answer, false));
    if (!read.success) throw notUnderstood(false, 'user preferences that are none');
    const { groups: _groups, ...context } = read.data;
    // English: names are stored by language, and refusals are recognised by their English wording.
    return { ...context, language: 'en', ...(this.configuration.company ? { company: this.configuration.company } : {}) };
  }

  private async post(
    id: number, method: string, params: readonly unknown[], headers: Record<string, string>, effect: boolean, call: ErpCall, deadline: Deadline,
  ): Promise<ErpHttpResponse> {
    const trace: Record<string, string> = call.traceparent ? { traceparent: call.traceparent } : {};
    const body = JSON.stringify({ id, method, params });
    return this.http.send({
      method: 'POST', path: this.path, headers: { 'content-type': 'application/json', ...headers, ...trace }, body, effect,
    }, deadline);
  }
}

/** Starts anywhere, so that an answer meant for another process is not taken for ours. */
const newRequestId = (): number => randomInt(1, 2 ** 31);

function resultOf(id: number, answer: ErpHttpResponse, effect: boolean): unknown {
  if (answer.status !== 200) throw failureFromStatus(answer, effect);
  const envelope = jsonOf(answer, effect);
  if (typeof envelope !== 'object' || envelope === null || (envelope as { id?: unknown }).id !== id) {
    throw notUnderstood(effect, 'an answer that belongs to no question');
  }
  if ('error' in envelope) throw refusalFrom(envelope.error);
  if ('result' in envelope) return envelope.result;
  throw notUnderstood(effect, 'an answer without a result');
}

function isLoginException(answer: ErpHttpResponse): boolean {
  try {
    const { error } = JSON.parse(answer.text) as { error?: unknown };
    return Array.isArray(error) && error[0] === 'LoginException';
  } catch {
    return false;
  }
}

/** The server's clock in whole seconds; our own when it does not say. */
function timeOf(answer: ErpHttpResponse): string {
  const instant = Date.parse(answer.headers.date ?? '');
  return new Date(Number.isNaN(instant) ? Date.now() - 1_000 : instant).toISOString();
}

