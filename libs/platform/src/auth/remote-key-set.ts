import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { machineNowMs } from '../clock/clock.js';
import { unavailable } from '../errors/app-error.js';

export interface RemoteKeySetOptions {
  /** At most one fetch in this time, whether it succeeded or not. */
  spacingMs?: number;
  /** Keys older than this are fetched again before they are used, so that a key withdrawn by its issuer is withdrawn here. */
  ageMaxMs?: number;
  timeoutMs?: number;
  bytesMax?: number;
  nowMs?: () => number;
}

/** While the issuer does not answer, its last keys are used for so long; then its tokens cannot be judged any more. */
const staleMaxMs = 3_600_000;

/**
 * The keys of an external issuer. An unknown `kid` makes it look again, at most once per 30 s however many random kids are thrown at it: a caller
 * without credentials must not be able to make us call others.
 */
export class RemoteKeySet {
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private running: Promise<void> | undefined;
  private readonly limits: Required<RemoteKeySetOptions>;

  /** @param url the issuer's JWKS, as configured by the operator: https, or http on the loopback interface */
  constructor(private readonly url: URL, options: RemoteKeySetOptions = {}) {
    const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) throw new RangeError('A JWKS address must be https.');
    this.limits = { spacingMs: 30_000, ageMaxMs: 600_000, timeoutMs: 5_000, bytesMax: 65_536, nowMs: machineNowMs, ...options };
  }

  /** For jose's `jwtVerify`. @throws AppError unavailable when the issuer was never reached, or not for an hour */
  readonly getKey: JWTVerifyGetKey = async (header, token) => {
    if (this.ageMs() > this.limits.ageMaxMs) await this.refresh();
    try {
      return await this.usableKeys()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.refresh())) throw error;
      return this.usableKeys()(header, token);
    }
  };

  private ageMs(): number {
    return this.limits.nowMs() - this.fetchedAtMs;
  }

  private usableKeys(): JWTVerifyGetKey {
    if (!this.keys || this.ageMs() > staleMaxMs) {
      const waitMs = Math.max(0, this.limits.spacingMs - (this.limits.nowMs() - this.triedAtMs));
      throw unavailable('auth.issuer-unavailable', 'The token issuer does not answer at the moment.', Math.ceil(waitMs / 1_000) || 1);
    }
    return this.keys;
  }

  /** True when keys were fetched. One at a time; callers that come while one is running wait for that one. */
  private async refresh(): Promise<boolean> {
    const fetchedBefore = this.fetchedAtMs;
    if (!this.running && this.limits.nowMs() - this.triedAtMs >= this.limits.spacingMs) {
      this.triedAtMs = this.limits.nowMs();
      this.running = this.fetchKeys().finally(() => { this.running = undefined; });
    }
    await this.running;
    return this.fetchedAtMs > fetchedBefore;
  }

  /** Failures leave the keys as they were: the age of what is there decides whether it may still be used. */
  private async fetchKeys(): Promise<void> {
    try {
      const response = await fetch(this.url, {
        redirect: 'error',
        headers: { accept: 'application/jwk-set+json, application/json' },
        signal: AbortSignal.timeout(this.limits.timeoutMs),
      });
      if (!response.ok) return void (await response.body?.cancel());
      this.keys = createLocalJWKSet(asKeySet(await boundedText(response, this.limits.bytesMax)));
      this.fetchedAtMs = this.limits.nowMs();
    } catch {
      return;
    }
  }
}

/** Only public, asymmetric keys are taken over: a published symmetric key would let anybody sign. */
function asKeySet(text: string): JSONWebKeySet {
  const { keys } = JSON.parse(text) as JSONWebKeySet;
  return { keys: keys.filter((key) => key.kty !== 'oct' && key.d === undefined) };
}

async function boundedText(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > bytesMax) throw new RangeError('The key set is too large.');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}
