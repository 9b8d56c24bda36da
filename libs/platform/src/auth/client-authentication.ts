import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, type JWTPayload } from 'jose';
import { machineNowMs } from '../clock/clock.js';
import { tokenLengthMax } from './authenticator.js';
import { consumeAssertion } from './client-assertion.repository.js';
import { FailureThrottle } from './failure-throttle.js';
import { signingAlgorithm } from './key-ring.js';
import { OauthError, invalidClient, tooManyFailures } from './oauth-error.js';
import type { ClientRecord, TokenIssuerParts } from './token-issuer.js';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const valueLengthMax = 512;
const assertionLifeMaxMs = 600_000;
const strangerJwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const assertionHeaders = new Set(['alg', 'typ', 'kid']);

/** What came to the token endpoint. */
export class TokenRequest {
  constructor(readonly authorization: string | undefined, private readonly form: Record<string, unknown>) {}

  /**
   * A parameter; an empty one counts as absent, and one sent twice is refused [RFC 6749 3.2].
   * @throws OauthError invalid_request
   */
  parameter(name: string): string | undefined {
    const value = Object.hasOwn(this.form, name) ? this.form[name] : undefined;
    if (value === undefined || value === '') return undefined;
    const lengthMax = name === 'client_assertion' ? tokenLengthMax : name === 'scope' ? tokenLengthMax / 2 : valueLengthMax;
    if (typeof value !== 'string' || value.length > lengthMax) throw new OauthError('invalid_request', `${name} must be given once, and be short.`);
    return value;
  }
}

type Presented =
  | { clientId: string; secret: string }
  | { clientId: string; assertion: string };

/** Client authentication: client_secret_basic, client_secret_post [RFC 6749 2.3.1], private_key_jwt [RFC 7523]. */
export class ClientAuthentication {
  private readonly throttle = new FailureThrottle();

  constructor(private readonly parts: TokenIssuerParts) {}

  /** @throws OauthError invalid_client, invalid_request, or 429 when the client failed too often within a minute */
  async clientOf(request: TokenRequest): Promise<ClientRecord> {
    const presented = readPresented(request);
    const waitSeconds = this.throttle.waitSeconds(presented.clientId);
    if (waitSeconds > 0) throw tooManyFailures(waitSeconds);
    // Counted before anything is awaited, and taken back on success, so that attempts in parallel cannot slip through.
    this.throttle.fail(presented.clientId);
    const client = await this.proven(presented);
    if (!client) throw invalidClient();
    this.throttle.forgive(presented.clientId);
    return client;
  }

  /** What fails is tried once more when another process has changed the registry; every failure costs that one look, whatever its cause. */
  private async proven(presented: Presented): Promise<ClientRecord | undefined> {
    const { clients } = this.parts;
    const prove = async (): Promise<ClientRecord | undefined> => {
      const client = clients.usableClient(presented.clientId);
      const good = 'secret' in presented
        ? this.parts.secrets.matches(presented.secret, client?.secretHashes ?? [])
        : await this.acceptsAssertion(client, presented.assertion);
      return good ? client : undefined;
    };
    const client = await prove();
    if (client || !(await clients.refreshIfChanged())) return client;
    return prove();
  }

  /** Signed by the client's registered key, for us, short-lived, and never seen before. */
  private async acceptsAssertion(client: ClientRecord | undefined, assertion: string): Promise<boolean> {
    const { settings, database } = this.parts;
    try {
      if (Object.keys(decodeProtectedHeader(assertion)).some((name) => !assertionHeaders.has(name))) return false;
      // An unknown client's assertion is checked against a key that signed nothing, so that the time of the refusal tells nothing.
      const key = await importJWK(client?.publicJwk ?? strangerJwk, signingAlgorithm);
      const { payload } = await jwtVerify(assertion, key, {
        algorithms: [signingAlgorithm],
        issuer: client?.clientId,
        subject: client?.clientId,
        audience: [settings.issuer, `${settings.issuer}/oauth/token`],
        requiredClaims: ['exp', 'jti'],
        clockTolerance: 5,
      });
      if (!client?.publicJwk) return false;
      const expiresAtMs = payload.exp! * 1_000;
      if (!isShort(payload.jti) || expiresAtMs > machineNowMs() + assertionLifeMaxMs) return false;
      return await consumeAssertion(database, client.clientId, payload.jti, expiresAtMs);
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')) return false;
      throw error;
    }
  }
}

const isShort = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 256;

function readPresented(request: TokenRequest): Presented {
  const clientId = request.parameter('client_id');
  const secret = request.parameter('client_secret');
  const assertion = request.parameter('client_assertion');
  const ways = [request.authorization, secret, assertion].filter((way) => way !== undefined).length;
  if (ways > 1) throw new OauthError('invalid_request', 'Use one way of client authentication only.');
  if (assertion !== undefined) return readAssertion(request, assertion, clientId);
  const pair = request.authorization === undefined ? { clientId, secret } : readBasic(request.authorization);
  if (pair.clientId === undefined || pair.secret === undefined) throw invalidClient();
  if (clientId !== undefined && clientId !== pair.clientId) throw invalidClient();
  return { clientId: pair.clientId, secret: pair.secret };
}

/** Both halves are form-encoded before they are joined [RFC 6749 2.3.1]. */
function readBasic(authorization: string): { clientId?: string; secret?: string } {
  const encoded = /^Basic +([A-Z0-9+/=]{1,2048})$/i.exec(authorization)?.[1];
  if (encoded === undefined) throw invalidClient();
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw invalidClient();
  return { clientId: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidClient();
  }
}

/** The client is who the assertion says it is, before that is verified: it only chooses the key that must have signed it. */
function readAssertion(request: TokenRequest, assertion: string, clientId: string | undefined): Presented {
  if (request.parameter('client_assertion_type') !== assertionType) {
    throw new OauthError('invalid_request', `client_assertion_type must be ${assertionType}.`);
  }
  let claims: JWTPayload;
  try {
    claims = decodeJwt(assertion);
  } catch {
    throw invalidClient();
  }
  if (!isShort(claims.sub) || (clientId !== undefined && clientId !== claims.sub)) throw invalidClient();
  return { clientId: claims.sub, assertion };
}
