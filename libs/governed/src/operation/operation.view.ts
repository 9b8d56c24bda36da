import { Field, ID, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { connectionOf, DateTimeScalar, JsonScalar } from '@datum/platform';
import { operationStatuses, type Operation } from './operation.js';

@ObjectType('Operation', { description: 'Work that goes on after its request was answered.' })
export class OperationView {
  @ApiProperty({ type: String, format: 'uuid', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f' }) @Field(() => ID) id: string;
  @ApiProperty({ type: String, example: 'write-request' }) @Field(() => String) kind: string;
  @ApiProperty({ type: String, enum: operationStatuses, example: 'running' }) @Field(() => String) status: string;
  @ApiProperty({ type: Object, additionalProperties: true, nullable: true, description: 'How far it is, in the words of its kind.', example: { state: 'dispatched' } })
  @Field(() => JsonScalar, { nullable: true }) progress: object | null;
  @ApiProperty({ type: Object, additionalProperties: true, nullable: true, description: 'What came of it.', example: { recordId: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', version: 4 } })
  @Field(() => JsonScalar, { nullable: true }) result: object | null;
  @ApiProperty({ type: Object, additionalProperties: true, nullable: true, description: 'Why it failed or waits, as a problem [RFC 9457].', example: null })
  @Field(() => JsonScalar, { nullable: true }) error: object | null;
  @ApiProperty({ type: String, nullable: true, example: 'A' }) @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: String, example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e60' }) @Field(() => String) correlationId: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' }) @Field(() => DateTimeScalar) createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:02Z' }) @Field(() => DateTimeScalar) updatedAt: string;
}

export class OperationPageInfoView {
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
  @ApiProperty({ type: Boolean, example: false }) hasMore: boolean;
}

export class OperationPageView {
  @ApiProperty({ type: [OperationView] }) data: OperationView[];
  @ApiProperty({ type: OperationPageInfoView }) page: OperationPageInfoView;
}

export const OperationConnection = connectionOf(OperationView, 'Operation');

/** An operation as it is read: whose it is stays inside. */
export function toOperationView({ participantId: _participant, clientId: _client, ...view }: Operation): OperationView {
  return view;
}
