import { Field, Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';

@ObjectType('PolicyTrial', { description: 'What a predicate says to a change that was made up.' })
export class PolicyTrialView {
  @ApiProperty({ type: String, example: 'hit', description: 'hit, pass, or failed when the predicate could not be evaluated.' }) @Field(() => String) says: string;
  @ApiProperty({ type: String, nullable: true, example: 'A lead time of 366 days is more than a year.' }) @Field(() => String, { nullable: true }) sentence: string | null;
  @ApiProperty({ type: Number, example: 9, description: 'Steps that it takes at most.' }) @Field(() => Int) cost: number;
  @ApiProperty({ type: [String], example: ['leadTimeDays'], description: 'Attributes that the predicate names.' }) @Field(() => [String]) attributes: string[];
  @ApiProperty({ type: [String], example: ['leadTimeDays'], description: 'Attributes that the change touches.' }) @Field(() => [String]) changed: string[];
}

/** A trial on the wire. */
export const policyTrialSchema = {
  type: 'object', required: ['predicate', 'recordType', 'after'], additionalProperties: false,
  properties: {
    predicate: { type: 'string', maxLength: 2000, example: '"leadTimeDays" in changed && after.leadTimeDays > 365' },
    sentence: { type: 'string', maxLength: 400, example: 'A lead time of {after.leadTimeDays} days is more than a year.' },
    recordType: { type: 'string', example: 'item-site' },
    before: { type: 'object', nullable: true, additionalProperties: true, description: 'Null or absent: a new record.', example: { leadTimeDays: 12 } },
    after: { type: 'object', additionalProperties: true, description: 'What is written.', example: { leadTimeDays: 366 } },
    actor: { type: 'object', additionalProperties: true, description: 'system, client, scopes, sites.', example: { system: 'LEG1', scopes: ['item.write'], sites: ['A'] } },
    channel: { type: 'string', example: 'rest' },
    now: { type: 'string', format: 'date-time', description: 'Business time; default now.', example: '2026-03-04T14:00:00Z' },
  },
};
