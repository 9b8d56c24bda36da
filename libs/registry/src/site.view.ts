import { ApiProperty } from '@nestjs/swagger';
import type { SiteRecord } from './records.js';
import { siteKinds, siteModes } from './vocabulary.js';

/** A site on the wire. */
export class SiteView {
  @ApiProperty({ type: String, format: 'uuid', example: '0195611e-0a00-7000-8000-000000000001' })
  id: string;

  @ApiProperty({ type: Number, example: 3 })
  version: number;

  @ApiProperty({ type: String, example: 'A' })
  code: string;

  @ApiProperty({ type: String, example: 'Toledo' })
  name: string;

  @ApiProperty({ type: String, nullable: true, example: '0614141002016', description: 'GS1 Global Location Number.' })
  gln: string | null;

  @ApiProperty({ type: String, example: 'US', description: 'ISO 3166-1 alpha-2.' })
  country: string;

  @ApiProperty({ type: String, example: 'America/New_York', description: 'IANA time zone.' })
  timeZone: string;

  @ApiProperty({ type: String, example: 'USD', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ type: String, enum: siteKinds, example: 'plant' })
  kind: string;

  @ApiProperty({ type: String, enum: siteModes, example: 'live' })
  mode: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' })
  updatedAt: string;
}

export const toSiteView = (site: SiteRecord): SiteView => ({ ...site });
