import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../errors/app-error.js';
import { invalidToken } from './auth-errors.js';
import { tokenLengthMax } from './authenticator.js';

/** What a good token says, in our terms. */
export interface VerifiedToken {
  clientId: string;
  subject: string;
  tokenId: string | undefined;
  scopes: readonly string[];
  /** Site codes the token is limited to; null when it sets no limit of its own. */
  sites: readonly string[] | null;
  /** Machine time in milliseconds. */
  expiresAtMs: number;
}

/** An issuer whose tokens are accepted, and everything that is pinned for it. */
export interface TrustedIssuer {
  issuer: string;
  audience: string;
  /** Signature algorithms. Never `none`, never a symmetric one. */
  algorithms: readonly string[];
  /** Accepted `typ` headers, lower case, without `application/`: `at+jwt` [RFC 9068]; some issuers can do `jwt` only. */
  tokenTypes: readonly string[];
  /** The claim that names the client: `client_id` [RFC 9068], with some issuers `azp` or `appid`. */
  clientIdClaim: string;
  keys: JWTVerifyGetKey;
}

const allowedHeaders = new Set(['alg', 'typ', 'kid']);
const kidLengthMax = 256;
const clockToleranceSeconds = 5;
const scopesMax = 200;

/**
 * Verifies access tokens against the issuers that are trusted, each with its algorithms, audience and token types pinned. A header may say which key
 * (`kid`) and nothing about where keys come from: `jku`, `x5u`, `jwk`, `x5c`, `crit` and everything else unknown are refused.
 */
export class TokenVerifier {
  private readonly issuers: ReadonlyMap<string, TrustedIssuer>;

  constructor(issuers: readonly TrustedIssuer[]) {
    for (const { algorithms } of issuers) {
      if (algorithms.length === 0 || algorithms.some((name) => name === 'none' || name.startsWith('HS'))) {
        throw new RangeError('An issuer needs asymmetric signature algorithms.');
      }
    }
    this.issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
  }

  /** @throws AppError unauthenticated, or unavailable when an external issuer's keys cannot be had */
  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > tokenLengthMax) throw invalidToken();
    try {
      const issuer = this.issuerOf(token);
      const { payload } = await jwtVerify(token, issuer.keys, {
        algorithms: [...issuer.algorithms],
        issuer: issuer.issuer,
        audience: issuer.audience,
        requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
        clockTolerance: clockToleranceSeconds,
      });
      return toVerifiedToken(payload, issuer);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw invalidToken(error);
    }
  }

  /** Chooses the issuer by what the token claims; nothing of the token is believed before its signature is checked with that issuer's keys. */
  private issuerOf(token: string): TrustedIssuer {
    const header = decodeProtectedHeader(token);
    if (Object.keys(header).some((name) => !allowedHeaders.has(name))) throw invalidToken();
    const { iss } = decodeJwt(token);
    const issuer = typeof iss === 'string' ? this.issuers.get(iss) : undefined;
    if (!issuer) throw invalidToken();
    const type = typeof header.typ === 'string' ? header.typ.toLowerCase().replace(/^application\//, '') : '';
    if (!issuer.tokenTypes.includes(type)) throw invalidToken();
    if (typeof header.alg !== 'string' || !issuer.algorithms.includes(header.alg)) throw invalidToken();
    if (typeof header.kid !== 'string' || header.kid.length > kidLengthMax) throw invalidToken();
    return issuer;
  }
}

function toVerifiedToken(payload: JWTPayload, issuer: TrustedIssuer): VerifiedToken {
  const clientId = payload[issuer.clientIdClaim];
  if (typeof clientId !== 'string' || clientId === '') throw invalidToken();
  // iat in the future is a forged or badly clocked token; jose checks it only together with maxTokenAge.
  if (payload.iat! > Date.now() / 1_000 + clockToleranceSeconds) throw invalidToken();
  return {
    clientId,
    subject: payload.sub!,
    tokenId: payload.jti,
    scopes: scopesOf(payload.scope ?? payload['scp']),
    sites: sitesOf(payload['sites']),
    expiresAtMs: payload.exp! * 1_000,
  };
}

/** Scopes as a space-separated string [RFC 8693] or as an array, as some issuers write them. */
function scopesOf(claim: unknown): string[] {
  const scopes = typeof claim === 'string' ? claim.split(' ') : claim;
  if (!Array.isArray(scopes)) return [];
  // `*` is the gateway's own and never comes in from outside.
  return scopes.slice(0, scopesMax).filter((scope): scope is string => typeof scope === 'string' && scope !== '*');
}

/** A claim that is there but is not a list of site codes limits to nothing at all, rather than to everything. */
function sitesOf(claim: unknown): string[] | null {
  if (claim === undefined || claim === null) return null;
  return Array.isArray(claim) ? claim.filter((site): site is string => typeof site === 'string') : [];
}
