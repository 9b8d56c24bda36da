import { Field, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';

@ObjectType('OwnershipExplanation', { description: 'Who decides an attribute group, and why.' })
export class OwnershipExplanationView {
  @ApiProperty({ type: String, example: 'item' }) @Field(() => String) domain: string;
  @ApiProperty({ type: String, example: 'identity' }) @Field(() => String) attributeGroup: string;
  @ApiProperty({ type: String, nullable: true, example: null }) @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: String, format: 'date-time' }) @Field(() => String) at: string;
  @ApiProperty({ type: String, example: 'CE decides the identity of item records at every site, since 2026-01-01.' }) @Field(() => String) sentence: string;
  @ApiProperty({ type: [String], example: ['CE'] }) @Field(() => [String]) owners: string[];
  @ApiProperty({ type: String, example: 'enforce' }) @Field(() => String) mode: string;
  @ApiProperty({ type: Object, additionalProperties: true, nullable: true, description: 'The rule in full; null when nobody was given the group.' }) rule: object | null;
}
