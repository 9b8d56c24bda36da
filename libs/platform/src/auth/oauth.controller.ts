import { Body, Controller, Get, Headers, Post, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuthSettings } from './auth-settings.js';
import { TokenRequest } from './client-authentication.js';
import { KeyRing, signingAlgorithm } from './key-ring.js';
import { OauthError } from './oauth-error.js';
import { IssuerMetadataView, JwksView, OauthErrorView, TokenRequestView, TokenView } from './oauth.view.js';
import { Public } from './permission.js';
import { TokenIssuer } from './token-issuer.js';

/** A token or a refusal must not be kept by anything between us and the client [RFC 6749 5.1]. */
const uncached = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };
const briefly = { 'Cache-Control': 'public, max-age=60' };

/**
 * The endpoints of the built-in issuer. They answer in the forms of their standards, and so write the reply themselves: neither problem+json nor
 * our envelope applies here.
 */
@ApiTags('OAuth')
@Controller({ version: VERSION_NEUTRAL })
export class OauthController {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly ring: KeyRing,
    private readonly settings: AuthSettings,
  ) {}

  @Post('oauth/token')
  @Public()
  @ApiOperation({ operationId: 'issueToken', summary: 'Get an access token for a client (client credentials grant)' })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenRequestView })
  @ApiResponse({ status: 200, type: TokenView, description: 'The token.' })
  @ApiResponse({ status: 400, type: OauthErrorView, description: 'The request is not one of RFC 6749.' })
  @ApiResponse({ status: 401, type: OauthErrorView, description: 'Client authentication failed.' })
  @ApiResponse({ status: 429, type: OauthErrorView, description: 'Ten failed attempts within a minute; see Retry-After.' })
  async token(
    @Headers('authorization') authorization: string | undefined,
    @Headers('content-type') contentType: string | undefined,
    @Body() form: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      if (!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) {
        throw new OauthError('invalid_request', 'The body must be application/x-www-form-urlencoded.');
      }
      const response = await this.issuer.issue(new TokenRequest(authorization, form ?? {}));
      await reply.code(200).headers(uncached).send(response);
    } catch (error) {
      if (!(error instanceof OauthError)) throw error;
      const body = { error: error.code, error_description: error.message };
      await reply.code(error.status).headers({ ...uncached, ...error.headers }).send(body);
    }
  }

  @Get('.well-known/jwks.json')
  @Public()
  @ApiOperation({ operationId: 'getSigningKeys', summary: 'The public keys that access tokens are signed with (RFC 7517)' })
  @ApiResponse({ status: 200, type: JwksView, description: 'The key set.' })
  async keys(@Res() reply: FastifyReply): Promise<void> {
    const body = JSON.stringify({ keys: await this.ring.publishedKeys() });
    await reply.code(200).headers({ ...briefly, 'Content-Type': 'application/jwk-set+json' }).send(body);
  }

  @Get('.well-known/oauth-authorization-server')
  @Public()
  @ApiOperation({ operationId: 'getIssuerMetadata', summary: 'What the token issuer can do (RFC 8414)' })
  @ApiResponse({ status: 200, type: IssuerMetadataView, description: 'The metadata.' })
  async metadata(@Res() reply: FastifyReply): Promise<void> {
    const { issuer } = this.settings;
    await reply.code(200).headers(briefly).send({
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: [signingAlgorithm],
    });
  }
}
