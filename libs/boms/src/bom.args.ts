import { ArgsType, Field, Int } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DateScalar, DecimalScalar } from '@datum/platform';

/** Which BOMs count. The words are checked where the structure is read. */
@ArgsType()
export class BomChoiceArgs {
  @Field(() => DateScalar, { nullable: true, description: 'Day whose BOMs count; default today.' }) @IsOptional() @IsString() date?: string;
  @Field(() => String, { nullable: true, description: "The site's own BOMs come before the enterprise's." }) @IsOptional() @IsString() @MaxLength(16) site?: string;
  @Field(() => String, { nullable: true, description: 'manufacturing (default), engineering, costing or service.' }) @IsOptional() @IsString() usage?: string;
}

@ArgsType()
export class WhereUsedArgs extends BomChoiceArgs {
  @Field(() => Int, { defaultValue: 100, description: 'How many paths, at most 500; more over REST.' }) @IsInt() @Min(0) @Max(500) limit: number = 100;
}

@ArgsType()
export class StructureArgs extends BomChoiceArgs {
  @Field(() => String, { nullable: true, description: 'priority (default) or usage.' }) @IsOptional() @IsString() alternates?: string;
  @Field(() => String, { nullable: true, description: 'Serial number of the end product.' }) @IsOptional() @IsString() @MaxLength(60) serial?: string;
  @Field(() => String, { nullable: true, description: 'Lot of the end product.' }) @IsOptional() @IsString() @MaxLength(60) lot?: string;
  @Field(() => String, { nullable: true, description: 'This revision of the item itself.' }) @IsOptional() @IsString() @MaxLength(20) revision?: string;
}

@ArgsType()
export class ExplosionArgs extends StructureArgs {
  @Field(() => DecimalScalar, { nullable: true, description: 'In the base unit of the item; default 1.' }) @IsOptional() @IsString() quantity?: string;
}

@ArgsType()
export class CostArgs extends StructureArgs {
  @Field(() => String, { nullable: true, description: 'Work centres at another rate: A-ASM-1:3 or A-ASM-1:75%.' }) @IsOptional() @IsString() capacity?: string;
  @Field(() => DecimalScalar, { nullable: true, description: 'Units that set-up is spread over; default 1.' }) @IsOptional() @IsString() lotSize?: string;
}

@ArgsType()
export class ComparisonArgs {
  @Field(() => DateScalar, { nullable: true }) @IsOptional() @IsString() from?: string;
  @Field(() => DateScalar, { nullable: true }) @IsOptional() @IsString() to?: string;
  @Field(() => String, { nullable: true }) @IsOptional() @IsString() fromRevision?: string;
  @Field(() => String, { nullable: true }) @IsOptional() @IsString() toRevision?: string;
  @Field(() => DecimalScalar, { nullable: true }) @IsOptional() @IsString() quantity?: string;
  @Field(() => String, { nullable: true }) @IsOptional() @IsString() site?: string;
  @Field(() => String, { nullable: true }) @IsOptional() @IsString() usage?: string;
  @Field(() => String, { nullable: true }) @IsOptional() @IsString() alternates?: string;
}

@ArgsType()
export class RowsArgs {
  @Field(() => Int, { defaultValue: 100, description: 'How many rows, at most 500; more over REST.' }) @IsInt() @Min(0) @Max(500) limit: number = 100;
}
