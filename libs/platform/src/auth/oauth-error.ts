export type OauthErrorCode =
  | 'invalid_request' | 'invalid_client' | 'invalid_scope' | 'unsupported_grant_type' | 'temporarily_unavailable';

/** A refusal of the token endpoint in the form of RFC 6749 5.2, which is not problem+json. */
export class OauthError extends Error {
  constructor(
    readonly code: OauthErrorCode,
    message: string,
    readonly status: number = 400,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'OauthError';
  }
}

/** The same for an unknown client, a wrong secret, a revoked credential and a bad assertion. */
export const invalidClient = (): OauthError =>
  new OauthError('invalid_client', 'Client authentication failed.', 401, { 'WWW-Authenticate': 'Basic realm="datum"' });

export const tooManyFailures = (seconds: number): OauthError =>
  new OauthError('temporarily_unavailable', 'Too many failed attempts for this client.', 429, { 'Retry-After': String(seconds) });
