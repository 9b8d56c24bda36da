import type { Actor } from '../context/actor.js';
import { machineNowMs } from '../clock/clock.js';
import { credentialsMissing, insufficientScope, invalidToken } from './auth-errors.js';
import type { TokenVerifier, VerifiedToken } from './token-verifier.js';

/** What the registry knows of a credential that may be used just now. */
export interface CredentialFacts {
  participantId: string;
  systemCode: string;
  scopes: ReadonlySet<string>;
  /** Site codes; null means every site. */
  sites: readonly string[] | null;
  /** Machine time in milliseconds after which the credential is dead; null when it does not expire. */
  expiresAtMs: number | null;
}

/** Port: who stands behind a client id. The registry implements it from memory. */
export abstract class CredentialDirectory {
  /** Undefined when the client is unknown, revoked, expired, or its participant suspended. */
  abstract credentialFacts(clientId: string): Promise<CredentialFacts | undefined>;
  /** Calls `listener` whenever a credential or a participant changed, here or in another process. */
  abstract onCredentialsChanged(listener: () => void): void;
}

interface CachedActor { actor: Actor; untilMs: number }

const cacheEntriesMax = 10_000;
const cacheTtlMs = 30_000;
/** A token of more than 8 kB is refused before anything looks into it. */
export const tokenLengthMax = 8_192;
const bearerPattern = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * From the `Authorization` header to the actor. Used by the guard, by the hot read path and by websockets, so that there is one answer.
 * Verified tokens are kept for at most 30 s (and never beyond their expiry); all are forgotten when a credential changes.
 */
export class Authenticator {
  private readonly cache = new Map<string, CachedActor>();
  private generation = 0;

  constructor(
    private readonly verifier: TokenVerifier,
    private readonly credentials: CredentialDirectory,
    private readonly nowMs: () => number = machineNowMs,
  ) {
    credentials.onCredentialsChanged(() => this.forget());
  }

  /** Forgets every verified token: after a revocation, a change of scopes, a withdrawn signing key. */
  forget(): void {
    this.generation += 1;
    this.cache.clear();
  }

  /** The actor behind a header that was verified a moment ago, at once; undefined sends the caller to `actorOf`. */
  known(authorization: string | undefined): Actor | undefined {
    const cached = authorization === undefined ? undefined : this.cache.get(authorization);
    return cached !== undefined && cached.untilMs > this.nowMs() ? cached.actor : undefined;
  }

  /**
   * The actor behind a bearer token.
   * @throws AppError unauthenticated (with its challenge in `headers`); unavailable when an external issuer's keys cannot be had
   */
  async actorOf(authorization: string | undefined): Promise<Actor> {
    if (authorization === undefined || authorization === '') throw credentialsMissing();
    const known = this.known(authorization);
    if (known) return known;
    if (authorization.length > tokenLengthMax + 'Bearer '.length) throw invalidToken();
    const token = bearerPattern.exec(authorization)?.[1];
    if (token === undefined) throw invalidToken();
    return this.authenticate(authorization, token);
  }

  private async authenticate(authorization: string, token: string): Promise<Actor> {
    const generation = this.generation;
    const verified = await this.verifier.verify(token);
    const facts = await this.credentials.credentialFacts(verified.clientId);
    if (facts === undefined) throw invalidToken();
    const actor = toActor(verified, facts);
    const untilMs = Math.min(verified.expiresAtMs, facts.expiresAtMs ?? Infinity, this.nowMs() + cacheTtlMs);
    // A verification that a revocation overtook must not be kept.
    if (generation === this.generation) this.keep(authorization, { actor, untilMs });
    return actor;
  }

  private keep(authorization: string, entry: CachedActor): void {
    this.cache.delete(authorization);
    if (this.cache.size >= cacheEntriesMax) this.cache.delete(this.cache.keys().next().value!);
    this.cache.set(authorization, entry);
  }
}

/** The token can only narrow what the registry grants; a scope taken away there is gone at once, whatever the token says. */
function toActor(token: VerifiedToken, facts: CredentialFacts): Actor {
  return {
    participantId: facts.participantId,
    clientId: token.clientId,
    systemCode: facts.systemCode,
    scopes: new Set(token.scopes.filter((scope) => facts.scopes.has(scope))),
    sites: narrowed(facts.sites, token.sites),
  };
}

function narrowed(granted: readonly string[] | null, asked: readonly string[] | null): readonly string[] | null {
  if (asked === null) return granted;
  return granted === null ? asked : granted.filter((site) => asked.includes(site));
}

/** Whether the actor holds the scope, exactly; `*` is the gateway's own. */
export const hasScope = (actor: Actor, scope: string): boolean => actor.scopes.has(scope) || actor.scopes.has('*');

/** @throws AppError forbidden `auth.insufficient-scope` with its challenge */
export function requireScope(actor: Actor, scope: string): void {
  if (!hasScope(actor, scope)) throw insufficientScope(scope);
}
