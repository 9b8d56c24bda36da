import { hkdfSync } from 'node:crypto';

/** An OIDC issuer of the operator's own, whose access tokens are accepted beside those of the built-in one. */
export interface ExternalIssuerSettings {
  issuer: string;
  audience: string;
  jwksUrl: string;
  /** Default ES256, RS256, PS256. */
  algorithms?: string[];
  /** Default `at+jwt` [RFC 9068]. Issuers that cannot do it send `jwt`. */
  tokenTypes?: string[];
  /** The claim whose value is the client id of a credential in the registry. Default `client_id`. */
  clientIdClaim?: string;
}

export abstract class AuthSettings {
  /** `iss` of the built-in issuer and the base of its endpoints: `https://datum.example`, without a slash at the end. */
  abstract readonly issuer: string;
  /** `aud` of its tokens. */
  abstract readonly audience: string;
  /** 32 bytes; the same in every process that shares the database (see `masterKeyAt`). */
  abstract readonly masterKey: Buffer;
  abstract readonly external?: ExternalIssuerSettings;
}

/** A key of its own for each purpose, so that none of them can stand in for another [RFC 5869]. */
export const derivedKey = (masterKey: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, 'datum', purpose, 32));
