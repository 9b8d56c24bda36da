import { ErpFailure } from '@datum/write-back';
import { Credential, jsonOf, notUnderstood } from '@datum/erp-http';
import type { Deadline, ErpHttp, SecretSource } from '@datum/erp-http';
import { memberAt } from './json-path.js';
import type { RestConfiguration } from './rest-configuration.js';

/** Earlier than the token says, so that it does not expire on the way. */
const marginMs = 30_000;

/** The `Authorization` header of the next request, and what to do when it is refused. */
export interface RestAuthentication {
  header(deadline: Deadline): Promise<string>;
  /** Called on a 401. True: the request may be sent once more with a new header. */
  refused(header: string): boolean;
}

export function authentication(configuration: RestConfiguration, http: ErpHttp, secrets: SecretSource): RestAuthentication {
  const { auth } = configuration;
  if (auth.kind === 'bearer') return new StaticAuthentication(new Credential(auth.tokenSecret, secrets), (token) => `Bearer ${token}`);
  if (auth.kind === 'basic') {
    const header = (password: string): string => `Basic ${Buffer.from(`${auth.userName}:${password}`).toString('base64')}`;
    return new StaticAuthentication(new Credential(auth.passwordSecret, secrets), header);
  }
  return new ClientCredentials(auth, new Credential(auth.clientSecret, secrets), http);
}

class StaticAuthentication implements RestAuthentication {
  private sent = new Map<string, string>();

  constructor(private readonly credential: Credential, private readonly toHeader: (secret: string) => string) {}

  async header(): Promise<string> {
    const secret = await this.credential.value();
    const header = this.toHeader(secret);
    this.sent = new Map([[header, secret]]);
    return header;
  }

  refused(header: string): boolean {
    const secret = this.sent.get(header);
    if (secret !== undefined) this.credential.refuse(secret);
    return false;
  }
}

type ClientCredentialsAuth = Extract<RestConfiguration['auth'], { kind: 'client-credentials' }>;

/** OAuth 2.0 client credentials (RFC 6749 section 4.4). One token serves all calls; concurrent calls wait for one log-in. */
class ClientCredentials implements RestAuthentication {
  private token: { header: string; usableUntilMs: number } | undefined;
  private pending: Promise<string> | undefined;

  constructor(
    private readonly auth: ClientCredentialsAuth,
    private readonly credential: Credential,
    private readonly http: ErpHttp,
  ) {}

  async header(deadline: Deadline): Promise<string> {
    if (this.token && performance.now() < this.token.usableUntilMs) return this.token.header;
    this.pending ??= this.fetch(deadline).finally(() => (this.pending = undefined));
    return this.pending;
  }

  refused(header: string): boolean {
    if (this.token?.header === header) this.token = undefined;
    return true;
  }

  private async fetch(deadline: Deadline): Promise<string> {
    const secret = await this.credential.value();
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: this.auth.clientId, client_secret: secret });
    if (this.auth.scope) form.set('scope', this.auth.scope);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const answer = await this.http.send(
      { method: 'POST', path: this.auth.tokenPath, headers, body: form.toString(), effect: false }, deadline,
    );
    if (answer.status === 400 || answer.status === 401) {
      this.credential.refuse(secret);
      throw new ErpFailure('auth', 'The ERP refused the client credentials.');
    }
    if (answer.status !== 200) throw new ErpFailure('unavailable', 'The ERP gives no access token at this moment.');
    const body = jsonOf(answer, false);
    const token = memberAt(body, 'access_token');
    const seconds = memberAt(body, 'expires_in') ?? 300;
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token) || typeof seconds !== 'number') {
      throw notUnderstood(false, 'a token answer without a token');
    }
    this.token = { header: `Bearer ${token}`, usableUntilMs: performance.now() + Math.max(1_000, seconds * 1_000 - marginMs) };
    return this.token.header;
  }
}
