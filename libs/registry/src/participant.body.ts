import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, IsArray, IsEmail, IsIn, IsInt, IsISO8601, IsObject, IsOptional, IsString, Length, Matches, Max, Min, ValidateNested,
} from 'class-validator';
import { codePattern, credentialKinds, participantStates, scopePattern, type CredentialKind, type ParticipantState } from './vocabulary.js';

export class ContactBody {
  @ApiProperty({ type: String, minLength: 1, maxLength: 200, example: 'Integration desk' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiProperty({ type: String, format: 'email', example: 'integration@vendor.example' })
  @IsEmail()
  email: string;
}

/** A new participant. It starts in the sandbox, with a credential that reads. */
export class ParticipantBody {
  @ApiProperty({ type: String, minLength: 1, maxLength: 200, example: 'planning' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiProperty({ type: String, pattern: codePattern.source, example: 'PLN', description: 'The system it speaks for.' })
  @Matches(codePattern)
  systemCode: string;

  @ApiPropertyOptional({ type: ContactBody, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => ContactBody)
  contact?: ContactBody | null;

  @ApiPropertyOptional({ type: [String], example: ['item.read'], description: 'What the first credential may read. Default: items.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(scopePattern, { each: true })
  scopes?: string[];

  @ApiPropertyOptional({ type: [String], nullable: true, example: ['A'], description: 'Sites it is limited to; null or absent for every site.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  sites?: string[] | null;
}

export class ParticipantPatch {
  @ApiProperty({ type: String, enum: participantStates, example: 'conformance' })
  @IsIn(participantStates)
  state: ParticipantState;
}

export class CredentialBody {
  @ApiProperty({ type: String, enum: credentialKinds, example: 'sandbox' })
  @IsIn(credentialKinds)
  kind: CredentialKind;

  @ApiProperty({ type: [String], example: ['item.read'] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(scopePattern, { each: true })
  scopes: string[];

  @ApiPropertyOptional({ type: [String], nullable: true, example: ['A'], description: 'Sites it is limited to; null or absent for every site.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  sites?: string[] | null;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, example: '2027-03-04T00:00:00Z' })
  @IsOptional()
  @IsISO8601({ strict: true })
  @Matches(/T.*(?:Z|[+-]\d\d:\d\d)$/)
  expiresAt?: string | null;

  @ApiPropertyOptional({
    type: 'object', additionalProperties: true, nullable: true,
    description: 'A public P-256 key as JWK. The client then signs assertions (private_key_jwt) and has no secret.',
    example: { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' },
  })
  @IsOptional()
  @IsObject()
  publicJwk?: Record<string, unknown> | null;
}

export class RotationBody {
  @ApiPropertyOptional({
    type: 'integer', minimum: 0, maximum: 2_592_000, default: 86_400, example: 86_400,
    description: 'Seconds for which the present secret goes on working.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2_592_000)
  overlapSeconds?: number;
}
