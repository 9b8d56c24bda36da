import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { DecimalScalar } from '@datum/platform';

@InputType('SourcePartyInput', { description: "A system's supplier, as it calls it." })
export class SourcePartyInput {
  @ApiProperty({ type: String, example: 'LEG1' }) @Field(() => String) system: string;
  @ApiProperty({ type: String, example: 'V-10077' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, required: false, nullable: true, example: 'A' }) @Field(() => String, { nullable: true }) site?: string | null;
  @ApiProperty({ type: String, example: 'HALVORSEN MOTOREN GMBH' }) @Field(() => String) name: string;
  @ApiProperty({ type: String, required: false, nullable: true, example: '4012345000009' }) @Field(() => String, { nullable: true }) gln?: string | null;
  @ApiProperty({ type: [String], required: false, maxItems: 10, example: ['DE 811 234 567'] }) @Field(() => [String], { nullable: true }) taxIds?: string[];
  @ApiProperty({ type: String, required: false, nullable: true, example: 'DE' }) @Field(() => String, { nullable: true }) country?: string | null;
}

/** The body of a match, for the contract only: the matcher reads it itself, to name each problem. */
export class MatchBody {
  @ApiProperty({ type: () => [SourcePartyInput], minItems: 1, maxItems: 500 }) records: SourcePartyInput[];
}

@ObjectType('MatchedCandidate', { description: 'A supplier that a record may mean, and why.' })
export class MatchedCandidateView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Id of the match candidate.' }) @Field(() => ID) id: string;
  @ApiProperty({ type: String, format: 'uuid' }) @Field(() => ID) supplierId: string;
  @ApiProperty({ type: String, example: 'HALVORSEN' }) @Field(() => String) supplierCode: string;
  @ApiProperty({ type: String, example: 'Halvorsen Motors GmbH' }) @Field(() => String) supplierName: string;
  @ApiProperty({ type: String, example: '0.97' }) @Field(() => DecimalScalar) score: string;
  @ApiProperty({ type: [String], example: ['Same tax number', 'Name 91 % alike'] }) @Field(() => [String]) explanation: string[];
}

@ObjectType('PartyMatch', { description: 'What became of one source record.' })
export class PartyMatchView {
  @ApiProperty({ type: String, example: 'LEG1' }) @Field(() => String) system: string;
  @ApiProperty({ type: String, example: 'V-10077' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'auto', description: 'linked, auto, steward or none; readers must expect more.' }) @Field(() => String) decision: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) @Field(() => ID, { nullable: true }) supplierId: string | null;
  @ApiProperty({ type: () => [MatchedCandidateView] }) @Field(() => [MatchedCandidateView]) candidates: MatchedCandidateView[];
}

export class PartyMatchesView {
  @ApiProperty({ type: () => [PartyMatchView] }) data: PartyMatchView[];
}
