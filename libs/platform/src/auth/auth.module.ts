import './problem-descriptions.js';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Database } from '../database/database.js';
import { AccessGuard } from './access.guard.js';
import { AuthSettings, type ExternalIssuerSettings } from './auth-settings.js';
import { Authenticator, CredentialDirectory } from './authenticator.js';
import { BearerStrategy } from './bearer.strategy.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientStore, TokenIssuer } from './token-issuer.js';
import { KeyRing, signingAlgorithm } from './key-ring.js';
import { OauthController } from './oauth.controller.js';
import { RemoteKeySet } from './remote-key-set.js';
import { TokenVerifier, type TrustedIssuer } from './token-verifier.js';

const externalIssuer = (settings: ExternalIssuerSettings): TrustedIssuer => ({
  issuer: settings.issuer,
  audience: settings.audience,
  algorithms: settings.algorithms ?? ['ES256', 'RS256', 'PS256'],
  tokenTypes: (settings.tokenTypes ?? ['at+jwt']).map((type) => type.toLowerCase()),
  clientIdClaim: settings.clientIdClaim ?? 'client_id',
  keys: new RemoteKeySet(new URL(settings.jwksUrl)).getKey,
});

/** The built-in issuer and, when one is configured, the operator's own. */
export function createTokenVerifier(settings: AuthSettings, ring: KeyRing): TokenVerifier {
  const builtIn: TrustedIssuer = {
    issuer: settings.issuer,
    audience: settings.audience,
    algorithms: [signingAlgorithm],
    tokenTypes: ['at+jwt'],
    clientIdClaim: 'client_id',
    keys: ring.getKey,
  };
  return new TokenVerifier(settings.external ? [builtIn, externalIssuer(settings.external)] : [builtIn]);
}

/** Forgets verified tokens when a signing key is withdrawn, as well as when a credential changes. */
export function createAuthenticator(verifier: TokenVerifier, credentials: CredentialDirectory, ring: KeyRing): Authenticator {
  const authenticator = new Authenticator(verifier, credentials);
  ring.onWithdrawn(() => authenticator.forget());
  return authenticator;
}

/**
 * Authentication for the whole application: the global guard, the authenticator, and the built-in issuer. `Database`, `CredentialDirectory` and
 * `ClientStore` come from global modules (the registry's module provides the last two).
 */
@Module({})
export class AuthModule {
  static forRoot(settings: AuthSettings): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      controllers: [OauthController],
      providers: [
        { provide: AuthSettings, useValue: settings },
        { provide: ClientSecrets, useFactory: () => new ClientSecrets(settings.masterKey) },
        { provide: KeyRing, useFactory: (database: Database) => new KeyRing(database, settings.masterKey), inject: [Database] },
        { provide: TokenVerifier, useFactory: (ring: KeyRing) => createTokenVerifier(settings, ring), inject: [KeyRing] },
        { provide: Authenticator, useFactory: createAuthenticator, inject: [TokenVerifier, CredentialDirectory, KeyRing] },
        {
          provide: TokenIssuer,
          useFactory: (ring: KeyRing, clients: ClientStore, secrets: ClientSecrets, database: Database) =>
            new TokenIssuer({ settings, ring, clients, secrets, database }),
          inject: [KeyRing, ClientStore, ClientSecrets, Database],
        },
        BearerStrategy,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [AuthSettings, Authenticator, ClientSecrets, KeyRing, TokenIssuer],
    };
  }
}
