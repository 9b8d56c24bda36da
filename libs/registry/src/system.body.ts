import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, Length, ValidateIf, ValidateNested } from 'class-validator';
import { systemKinds, systemStates, type SystemKind, type SystemState } from './vocabulary.js';

/** Absent leaves it, and null is not a value here. */
const IsPresent = () => ValidateIf((_body: object, value: unknown) => value !== undefined);

export class CallBudgetBody {
  @ApiProperty({ type: Number, minimum: 0.001, maximum: 10000, example: 5, description: 'Calls per second, on average.' })
  @IsPresent()
  @IsNumber()
  callsPerSecond: number;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1000, example: 2, description: 'Calls at once.' })
  @IsPresent()
  @IsInt()
  parallel: number;
}

export class FreshnessBody {
  @ApiProperty({ type: 'integer', minimum: 1, example: 900, description: 'Seconds after which what it told us counts as stale.' })
  @IsPresent()
  @IsInt()
  maxAgeSeconds: number;
}

/** A merge patch of a system: every attribute may be left out. */
export class SystemPatch {
  @ApiPropertyOptional({ type: String, minLength: 1, maxLength: 200, example: 'Legacy ERP, Toledo' })
  @IsPresent()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiPropertyOptional({ type: String, enum: systemKinds, example: 'legacy-erp' })
  @IsPresent()
  @IsIn(systemKinds)
  kind?: SystemKind;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Legacy Systems Inc.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  vendor?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: '6.0' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  productVersion?: string | null;

  @ApiPropertyOptional({ type: [String], example: ['A'], description: 'Sites that it serves; empty for an enterprise-wide system.' })
  @IsPresent()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  siteCodes?: string[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { items: ['read', 'write'] }, description: 'What its adapter can do.' })
  @IsPresent()
  @IsObject()
  capabilities?: Record<string, unknown>;

  @ApiPropertyOptional({ type: CallBudgetBody, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => CallBudgetBody)
  callBudget?: CallBudgetBody | null;

  @ApiPropertyOptional({ type: FreshnessBody, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => FreshnessBody)
  freshness?: FreshnessBody | null;

  @ApiPropertyOptional({ type: String, enum: systemStates, example: 'active' })
  @IsPresent()
  @IsIn(systemStates)
  state?: SystemState;
}

/** The whole of what a caller says of a system; what is left out takes its default. The code stands in the path. */
export class SystemBody extends SystemPatch {
  @ApiProperty({ type: String, enum: systemKinds, example: 'legacy-erp' })
  @IsIn(systemKinds)
  override kind: SystemKind;
}
