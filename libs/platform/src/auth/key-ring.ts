import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK, type JWTVerifyGetKey } from 'jose';
import { gatewayContext, type RequestContext } from '../context/request-context.js';
import { machineNowMs } from '../clock/clock.js';
import type { Database, Queryable } from '../database/database.js';
import { invalidToken } from './auth-errors.js';
import { derivedKey } from './auth-settings.js';
import {
  insertSigningKey, liveSigningKeys, lockSigningKeys, setSigningKeyState, type SigningKeyRow, type SigningKeyState,
} from './signing-key.repository.js';

export const signingAlgorithm = 'ES256';
/** Life of an access token, in seconds. */
export const tokenLifeSeconds = 600;
/** A retired key verifies until the last token it signed has run out, and a little longer for clocks. */
const retiredLifeSeconds = tokenLifeSeconds + 60;
const currentLifeSeconds = 30 * 86_400;
const reloadAgeMs = 10_000;
const unknownKidSpacingMs = 1_000;

interface LoadedKeys {
  signing: { kid: string; key: CryptoKey };
  verifying: ReadonlyMap<string, CryptoKey>;
  published: readonly JWK[];
}

/**
 * The keys of the built-in issuer.
 *
 * They live in a table, because every gateway that shares the database must accept the others' tokens and publish the same key set; the private parts
 * are sealed with AES-256-GCM under a key derived from the master key, so that a dump of the database signs nothing. A table also makes a
 * rotation one transaction, seen by all within 10 s. `next` is published a whole period before it signs, so that nobody who caches the key set
 * meets an unknown key.
 */
export class KeyRing {
  private readonly sealingKey: Buffer;
  private loaded: LoadedKeys | undefined;
  private loadedAtMs = -Infinity;
  private loading: Promise<LoadedKeys> | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly database: Database, masterKey: Buffer) {
    this.sealingKey = derivedKey(masterKey, 'signing key sealing');
  }

  async signingKey(): Promise<{ kid: string; key: CryptoKey }> {
    return (await this.keys()).signing;
  }

  /** The public key set, as /.well-known/jwks.json shows it. */
  async publishedKeys(): Promise<readonly JWK[]> {
    return (await this.keys()).published;
  }

  /** For jose's `jwtVerify`. A kid that another process may just have made is looked up again, at most once per second. */
  readonly getKey: JWTVerifyGetKey = async ({ kid = '' }) => {
    const known = (await this.keys()).verifying.get(kid) ?? (await this.keys(unknownKidSpacingMs)).verifying.get(kid);
    if (!known) throw invalidToken();
    return known;
  };

  /** Calls `listener` when keys stopped to be valid in this process's view: what was verified with them must be forgotten. */
  onWithdrawn(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Turns the keys: next signs, current only verifies until its tokens have run out. `withdraw` takes the old ones out at once (a key that
   * leaked): tokens signed with them are refused from now on.
   */
  async rotate(options: { withdraw?: boolean } = {}): Promise<void> {
    await this.rotateIn(gatewayContext(), options);
    await this.load();
  }

  /** The same within the caller's transaction; this process takes the new keys up when it has committed, the others within 10 s. */
  async rotateIn(context: RequestContext, options: { withdraw?: boolean } = {}): Promise<void> {
    await this.database.transaction(context, async ({ tx }) => {
      await lockSigningKeys(tx);
      await this.turn(tx, await liveSigningKeys(tx), options.withdraw === true);
      tx.afterCommit(() => { this.loadedAtMs = -Infinity; });
    });
  }

  private async keys(ageMaxMs = reloadAgeMs): Promise<LoadedKeys> {
    if (this.loaded && machineNowMs() - this.loadedAtMs < ageMaxMs) return this.loaded;
    // While the database does not answer, the keys in memory go on being used: reads from memory must survive it.
    return this.load().catch((error: unknown) => {
      if (this.loaded) return this.loaded;
      throw error;
    });
  }

  private load(): Promise<LoadedKeys> {
    this.loading ??= this.loadNow().finally(() => { this.loading = undefined; });
    return this.loading;
  }

  private async loadNow(): Promise<LoadedKeys> {
    const startedAtMs = machineNowMs();
    let rows = await liveSigningKeys(this.database);
    if (isWorkDue(rows)) rows = await this.tend();
    const before = this.loaded;
    const loaded = await this.open(rows);
    this.loaded = loaded;
    this.loadedAtMs = startedAtMs;
    const lost = before !== undefined && [...before.verifying.keys()].some((kid) => !loaded.verifying.has(kid));
    if (lost) for (const listener of this.listeners) listener();
    return loaded;
  }

  private async open(rows: readonly SigningKeyRow[]): Promise<LoadedKeys> {
    const current = rows.find((row) => row.state === 'current')!;
    const signingJwk = JSON.parse(this.unsealed(current.kid, current.privateSealed)) as JWK;
    const verifying = new Map<string, CryptoKey>();
    const published: JWK[] = [];
    for (const row of rows) {
      const jwk = JSON.parse(row.publicJwk) as JWK;
      published.push(jwk);
      if (row.state !== 'next') verifying.set(row.kid, await imported(jwk));
    }
    return { signing: { kid: current.kid, key: await imported(signingJwk) }, verifying, published };
  }

  /** Makes what is missing, turns what is old, withdraws what has run out: under the lock, on what is true there. */
  private async tend(): Promise<SigningKeyRow[]> {
    return this.database.transaction(gatewayContext(), async ({ tx }) => {
      await lockSigningKeys(tx);
      let rows = await liveSigningKeys(tx);
      if (!rows.some((row) => row.state === 'current') || !rows.some((row) => row.state === 'next')) {
        for (const state of ['current', 'next'] as const) {
          if (!rows.some((row) => row.state === state)) await this.make(tx, state);
        }
        rows = await liveSigningKeys(tx);
      }
      if (rows.some(isTooOldToSign)) await this.turn(tx, rows, false);
      for (const row of rows.filter(hasRunOut)) await setSigningKeyState(tx, row.kid, 'withdrawn');
      return liveSigningKeys(tx);
    });
  }

  private async turn(tx: Queryable, rows: readonly SigningKeyRow[], withdraw: boolean): Promise<void> {
    for (const row of rows) {
      if (row.state === 'current') await setSigningKeyState(tx, row.kid, withdraw ? 'withdrawn' : 'retired');
      if (row.state === 'retired' && withdraw) await setSigningKeyState(tx, row.kid, 'withdrawn');
    }
    const next = rows.find((row) => row.state === 'next');
    if (next) await setSigningKeyState(tx, next.kid, 'current');
    else await this.make(tx, 'current');
    await this.make(tx, 'next');
  }

  private async make(tx: Queryable, state: SigningKeyState): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
    const bare = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(bare);
    const publicJwk = JSON.stringify({ ...bare, kid, use: 'sig', alg: signingAlgorithm });
    const privateSealed = this.sealed(kid, JSON.stringify(await exportJWK(privateKey)));
    await insertSigningKey(tx, { kid, state, publicJwk, privateSealed });
  }

  private sealed(kid: string, text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey, nonce).setAAD(Buffer.from(kid));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** @throws Error when this process has another master key than the one that sealed it */
  private unsealed(kid: string, text: string): string {
    const bytes = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.sealingKey, bytes.subarray(0, 12)).setAAD(Buffer.from(kid));
    decipher.setAuthTag(bytes.subarray(12, 28));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new Error('The signing keys in the database were sealed under another master key. Gateways that share a database share keys/master.key.', { cause });
    }
  }
}

const imported = async (jwk: JWK): Promise<CryptoKey> => (await importJWK(jwk, signingAlgorithm)) as CryptoKey;

const isTooOldToSign = (row: SigningKeyRow): boolean => row.state === 'current' && row.stateAgeSeconds > currentLifeSeconds;
const hasRunOut = (row: SigningKeyRow): boolean => row.state === 'retired' && row.stateAgeSeconds > retiredLifeSeconds;

const isWorkDue = (rows: readonly SigningKeyRow[]): boolean =>
  !rows.some((row) => row.state === 'current') || !rows.some((row) => row.state === 'next')
  || rows.some(isTooOldToSign) || rows.some(hasRunOut);
