import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { connectionOf, DateTimeScalar, JsonScalar } from '@datum/platform';
import { writeRequestStates, type WriteRequest } from './write-request.js';

const json = { type: Object, additionalProperties: true } as const;

@ObjectType('GuardFinding', { description: 'What a run of the policy guards found.' })
export class GuardFindingView {
  @ApiProperty({ type: String, format: 'date-time', description: 'Business time.' }) @Field(() => DateTimeScalar) at: string;
  @ApiProperty({ type: String, example: 'dispatch' }) @Field(() => String) when: string;
  @ApiProperty({ type: Boolean, example: true }) @Field(() => Boolean) passed: boolean;
  @ApiProperty({ type: String, required: false, example: 'item.illegal-transition' }) @Field(() => String, { nullable: true }) code?: string;
  @ApiProperty({ type: String, required: false }) @Field(() => String, { nullable: true }) sentence?: string;
}

@ObjectType('WriteRequest', { description: 'A wish for values that another system decides, and what became of it.' })
export class WriteRequestView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Also the id of its operation.' }) @Field(() => ID) id: string;
  @ApiProperty({ type: 'integer', example: 3 }) @Field(() => Int) version: number;
  @ApiProperty({ type: String, enum: writeRequestStates, example: 'confirmed' }) @Field(() => String) state: string;
  @ApiProperty({ type: String, enum: ['create', 'update'], example: 'update' }) @Field(() => String) op: string;
  @ApiProperty({ type: String, example: 'item' }) @Field(() => String) recordType: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) @Field(() => ID, { nullable: true }) recordId: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'A' }) @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: String, example: 'CE', description: 'The system that decides the values.' }) @Field(() => String) targetSystem: string;
  @ApiProperty({ type: String, nullable: true, example: '100500', description: 'The code in that system, once known.' }) @Field(() => String, { nullable: true }) localKey: string | null;
  @ApiProperty({ ...json, example: { description: { en: 'Actuator 500 mm, 24 V' } } }) @Field(() => JsonScalar) patch: object;
  @ApiProperty({ ...json, description: 'The touched attributes as the requester saw them.', example: { description: { en: 'Actuator 500 mm' } } }) @Field(() => JsonScalar) seen: object;
  @ApiProperty({ ...json, nullable: true, description: 'What the owner held before the write.' }) @Field(() => JsonScalar, { nullable: true }) valuesRead: object | null;
  @ApiProperty({ ...json, nullable: true, description: 'What the owner held when it was read back.' }) @Field(() => JsonScalar, { nullable: true }) valuesWritten: object | null;
  @ApiProperty({ ...json, nullable: true, description: 'Why it was refused or waits, as a problem.' }) @Field(() => JsonScalar, { nullable: true }) answer: object | null;
  @ApiProperty({ type: [GuardFindingView] }) @Field(() => [GuardFindingView]) guards: GuardFindingView[];
  @ApiProperty({ type: [String], description: 'Why somebody else has to agree; empty when nobody has to.' }) @Field(() => [String]) needsApproval: string[];
  @ApiProperty({ type: String, example: 'PLN' }) @Field(() => String) requestedSystem: string;
  @ApiProperty({ type: String, example: 'planning' }) @Field(() => String) requestedClient: string;
  @ApiProperty({ type: String, nullable: true, example: 'Renamed by marketing.' }) @Field(() => String, { nullable: true }) reason: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'steward' }) @Field(() => String, { nullable: true }) decidedClient: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @Field(() => DateTimeScalar, { nullable: true }) decidedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) @Field(() => String, { nullable: true }) decisionReason: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Version of the record that holds the confirmed values.', example: 4 }) @Field(() => Int, { nullable: true }) recordVersion: number | null;
  @ApiProperty({ type: String, format: 'date-time' }) @Field(() => DateTimeScalar) createdAt: string;
  @ApiProperty({ type: String, format: 'date-time' }) @Field(() => DateTimeScalar) updatedAt: string;
}

export class WriteRequestPageInfo {
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
  @ApiProperty({ type: Boolean, example: false }) hasMore: boolean;
}

export class WriteRequestPageView {
  @ApiProperty({ type: [WriteRequestView] }) data: WriteRequestView[];
  @ApiProperty({ type: WriteRequestPageInfo }) page: WriteRequestPageInfo;
}

export const WriteRequestConnection = connectionOf(WriteRequestView, 'WriteRequest');

/** Without whose participant it is and the worker's bookkeeping. */
export function toWriteRequestView(request: WriteRequest): WriteRequestView {
  const {
    lane: _lane, fence: _fence, tokenSent: _token, attempts: _attempts, lookUps: _lookUps, seenVersion: _seen, requestedBy: _by, decidedBy: _decided,
    approverScopes: _scopes, correlationId: _correlation, ...view
  } = request;
  return view;
}
