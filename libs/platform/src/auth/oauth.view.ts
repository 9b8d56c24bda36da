import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** The form of the token request [RFC 6749 4.4.2, RFC 7521 4.2]. */
export class TokenRequestView {
  @ApiProperty({ type: String, enum: ['client_credentials'], example: 'client_credentials' })
  grant_type: string;

  @ApiPropertyOptional({ type: String, example: 'item.read', description: 'Space-separated; all scopes of the credential when absent.' })
  scope?: string;

  @ApiPropertyOptional({ type: String, example: 'c-5f0c2f6a9d3e4b17' })
  client_id?: string;

  @ApiPropertyOptional({ type: String, description: 'Unless HTTP Basic or an assertion is used.' })
  client_secret?: string;

  @ApiPropertyOptional({ type: String, enum: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'] })
  client_assertion_type?: string;

  @ApiPropertyOptional({ type: String, description: 'A JWT signed with the registered ES256 key; each jti works once.' })
  client_assertion?: string;
}

export class TokenView {
  @ApiProperty({ type: String, description: 'A JWT access token (RFC 9068).' })
  access_token: string;

  @ApiProperty({ type: String, enum: ['Bearer'], example: 'Bearer' })
  token_type: string;

  @ApiProperty({ type: Number, example: 600, description: 'Seconds.' })
  expires_in: number;

  @ApiProperty({ type: String, example: 'item.read item.write' })
  scope: string;
}

export class OauthErrorView {
  @ApiProperty({ type: String, example: 'invalid_client' })
  error: string;

  @ApiProperty({ type: String, example: 'Client authentication failed.' })
  error_description: string;
}

export class JwksView {
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  keys: Record<string, unknown>[];
}

export class IssuerMetadataView {
  @ApiProperty({ type: String, example: 'https://datum.example' })
  issuer: string;

  @ApiProperty({ type: String, example: 'https://datum.example/oauth/token' })
  token_endpoint: string;

  @ApiProperty({ type: String, example: 'https://datum.example/.well-known/jwks.json' })
  jwks_uri: string;

  @ApiProperty({ type: [String] })
  response_types_supported: string[];

  @ApiProperty({ type: [String], example: ['client_credentials'] })
  grant_types_supported: string[];

  @ApiProperty({ type: [String], example: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] })
  token_endpoint_auth_methods_supported: string[];

  @ApiProperty({ type: [String], example: ['ES256'] })
  token_endpoint_auth_signing_alg_values_supported: string[];
}
