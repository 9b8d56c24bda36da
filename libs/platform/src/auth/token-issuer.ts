import { SignJWT } from 'jose';
import { uuidv7 } from '../values/uuid.js';
import type { Database } from '../database/database.js';
import type { AuthSettings } from './auth-settings.js';
import { ClientAuthentication, type TokenRequest } from './client-authentication.js';
import type { ClientSecrets } from './client-secrets.js';
import { signingAlgorithm, tokenLifeSeconds, type KeyRing } from './key-ring.js';
import { OauthError } from './oauth-error.js';

/** A credential as the token endpoint needs it: only usable ones are given out. */
export interface ClientRecord {
  clientId: string;
  participantId: string;
  systemCode: string;
  scopes: readonly string[];
  sites: readonly string[] | null;
  /** At most two: the current secret and, while a rotation overlaps, the one before. */
  secretHashes: readonly string[];
  /** For client assertions (private_key_jwt): a P-256 key as JWK. */
  publicJwk: Record<string, unknown> | null;
}

/**
 * Port: the registry's clients, from memory, so that a look-up takes as long for an unknown client as for a known one.
 */
export abstract class ClientStore {
  /** Undefined when the client is unknown, revoked, expired, or its participant suspended. */
  abstract usableClient(clientId: string): ClientRecord | undefined;
  /** Takes in what other processes changed; true when there was something. */
  abstract refreshIfChanged(): Promise<boolean>;
}

export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope: string;
}

export interface TokenIssuerParts {
  settings: AuthSettings;
  ring: KeyRing;
  clients: ClientStore;
  secrets: ClientSecrets;
  database: Database;
}

/** The built-in OAuth 2 issuer: the client credentials grant [RFC 6749 4.4] and JWT access tokens [RFC 9068]. */
export class TokenIssuer {
  private readonly authentication: ClientAuthentication;

  constructor(private readonly parts: TokenIssuerParts) {
    this.authentication = new ClientAuthentication(parts);
  }

  /** @throws OauthError */
  async issue(request: TokenRequest): Promise<TokenResponse> {
    const grant = request.parameter('grant_type');
    if (grant === undefined) throw new OauthError('invalid_request', 'grant_type is missing.');
    if (grant !== 'client_credentials') throw new OauthError('unsupported_grant_type', 'Only client_credentials is supported.');
    const asked = request.parameter('scope');
    const client = await this.authentication.clientOf(request);
    const scope = grantedScopes(client, asked).join(' ');
    return { access_token: await this.sign(client, scope), token_type: 'Bearer', expires_in: tokenLifeSeconds, scope };
  }

  private async sign(client: ClientRecord, scope: string): Promise<string> {
    const { kid, key } = await this.parts.ring.signingKey();
    const claims = { client_id: client.clientId, scope, system: client.systemCode, ...(client.sites ? { sites: client.sites } : {}) };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: signingAlgorithm, typ: 'at+jwt', kid })
      .setIssuer(this.parts.settings.issuer)
      .setAudience(this.parts.settings.audience)
      .setSubject(client.participantId)
      .setJti(uuidv7())
      .setIssuedAt()
      .setExpirationTime(`${tokenLifeSeconds}s`)
      .sign(key);
  }
}

/** All of the credential's scopes, or those asked for; asking for one that is not granted is refused rather than narrowed in silence. */
function grantedScopes(client: ClientRecord, asked: string | undefined): readonly string[] {
  if (asked === undefined) return client.scopes;
  const wanted = [...new Set(asked.split(' ').filter((scope) => scope !== ''))];
  if (wanted.length === 0 || wanted.some((scope) => !client.scopes.includes(scope))) {
    throw new OauthError('invalid_scope', 'The credential does not hold every scope that was asked for.');
  }
  return wanted;
}
