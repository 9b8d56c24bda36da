import { ApiProperty } from '@nestjs/swagger';
import type { SystemRecord } from './records.js';
import { CallBudgetBody, FreshnessBody } from './system.body.js';
import { systemKinds, systemStates } from './vocabulary.js';

/** A system on the wire. */
export class SystemView {
  @ApiProperty({ type: String, format: 'uuid', example: '0195611e-0a00-7000-8000-000000000002' })
  id: string;

  @ApiProperty({ type: Number, example: 3 })
  version: number;

  @ApiProperty({ type: String, example: 'LEG1' })
  code: string;

  @ApiProperty({ type: String, example: 'Legacy ERP, Toledo' })
  name: string;

  @ApiProperty({ type: String, enum: systemKinds, example: 'legacy-erp' })
  kind: string;

  @ApiProperty({ type: String, nullable: true, example: 'Legacy Systems Inc.' })
  vendor: string | null;

  @ApiProperty({ type: String, nullable: true, example: '6.0' })
  productVersion: string | null;

  @ApiProperty({ type: [String], example: ['A'], description: 'Sites that it serves; empty for an enterprise-wide system.' })
  siteCodes: string[];

  @ApiProperty({ type: 'object', additionalProperties: true, example: { items: ['read', 'write'] }, description: 'What its adapter can do.' })
  capabilities: Record<string, unknown>;

  @ApiProperty({ type: CallBudgetBody, nullable: true })
  callBudget: CallBudgetBody | null;

  @ApiProperty({ type: FreshnessBody, nullable: true })
  freshness: FreshnessBody | null;

  @ApiProperty({ type: String, enum: systemStates, example: 'active' })
  state: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-03-04T14:00:00Z', description: 'Its last sign of life.' })
  lastSeenAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' })
  updatedAt: string;
}

export const toSystemView = (system: SystemRecord): SystemView => ({ ...system });
