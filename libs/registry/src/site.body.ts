import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { siteKinds, siteModes, type SiteKind, type SiteMode } from './vocabulary.js';

/** What a caller says of a site; the code stands in the path. */
export class SiteBody {
  @ApiProperty({ type: String, minLength: 1, maxLength: 200, example: 'Toledo' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: '0614141002016', description: 'GS1 Global Location Number.' })
  @IsOptional()
  @IsString()
  gln?: string | null;

  @ApiProperty({ type: String, pattern: '^[A-Z]{2}$', example: 'US', description: 'ISO 3166-1 alpha-2.' })
  @IsString()
  country: string;

  @ApiProperty({ type: String, example: 'America/New_York', description: 'IANA time zone.' })
  @IsString()
  @Length(1, 64)
  timeZone: string;

  @ApiProperty({ type: String, pattern: '^[A-Z]{3}$', example: 'USD', description: 'ISO 4217.' })
  @IsString()
  currency: string;

  @ApiProperty({ type: String, enum: siteKinds, example: 'plant' })
  @IsIn(siteKinds)
  kind: SiteKind;

  @ApiProperty({ type: String, enum: siteModes, example: 'live' })
  @IsIn(siteModes)
  mode: SiteMode;
}
