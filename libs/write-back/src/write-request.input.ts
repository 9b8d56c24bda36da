import { Field, ID, InputType, Int } from '@nestjs/graphql';
import { IsInt, IsObject, IsOptional, IsString } from 'class-validator';
import { JsonScalar } from '@datum/platform';

@InputType({ description: 'A wish for values that another system decides.' })
export class RequestWriteInput {
  @IsString() @Field(() => String, { description: '16 to 255 characters, one per intent; kept 24 hours.' }) idempotencyKey: string;
  @IsOptional() @IsString() @Field(() => String, { nullable: true, description: '`update` (default) or `create`.' }) op?: string;
  @IsString() @Field(() => String) recordType: string;
  @IsOptional() @IsString() @Field(() => ID, { nullable: true, description: 'The record to update.' }) id?: string;
  @IsOptional() @IsObject() @Field(() => JsonScalar, { nullable: true, description: 'Instead of the id: the natural key, or {system, code, site}.' }) key?: object;
  @IsOptional() @IsString() @Field(() => String, { nullable: true, description: 'Create only: the code in the owning system.' }) localKey?: string;
  @IsOptional() @IsInt() @Field(() => Int, { nullable: true, description: 'The version that was read; needed to update.' }) ifMatch?: number;
  @IsObject() @Field(() => JsonScalar, { description: 'Merge patch; for a create the attributes.' }) patch: object;
  @IsOptional() @IsString() @Field(() => String, { nullable: true }) reason?: string;
}

@InputType({ description: 'A decision on a write request.' })
export class DecideWriteRequestInput {
  @IsString() @Field(() => String, { description: '16 to 255 characters, one per intent; kept 24 hours.' }) idempotencyKey: string;
  @IsString() @Field(() => ID) id: string;
  @IsOptional() @IsString() @Field(() => String, { nullable: true }) reason?: string;
}
