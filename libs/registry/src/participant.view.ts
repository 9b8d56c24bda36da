import { ApiProperty } from '@nestjs/swagger';
import type { CredentialRecord, ParticipantRecord } from './records.js';
import { ContactBody } from './participant.body.js';
import { credentialKinds, participantStates } from './vocabulary.js';

export class ParticipantView {
  @ApiProperty({ type: String, format: 'uuid', example: '0195611e-0a00-7000-8000-000000000003' })
  id: string;

  @ApiProperty({ type: Number, example: 1 })
  version: number;

  @ApiProperty({ type: String, example: 'planning' })
  name: string;

  @ApiProperty({ type: String, example: 'PLN', description: 'The system it speaks for.' })
  systemCode: string;

  @ApiProperty({ type: String, enum: participantStates, example: 'sandbox' })
  state: string;

  @ApiProperty({ type: ContactBody, nullable: true })
  contact: ContactBody | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' })
  updatedAt: string;
}

/** A credential without its secret: nobody can read that back. */
export class CredentialView {
  @ApiProperty({ type: String, example: 'c-5f0c2f6a9d3e4b17' })
  clientId: string;

  @ApiProperty({ type: String, format: 'uuid', example: '0195611e-0a00-7000-8000-000000000003' })
  participantId: string;

  @ApiProperty({ type: Number, example: 1 })
  version: number;

  @ApiProperty({ type: String, enum: credentialKinds, example: 'sandbox' })
  kind: string;

  @ApiProperty({ type: [String], example: ['item.read'] })
  scopes: string[];

  @ApiProperty({ type: [String], nullable: true, example: ['A'], description: 'Sites it is limited to; null for every site.' })
  sites: string[] | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, example: null, description: 'The key that signs its assertions.' })
  publicJwk: Record<string, unknown> | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expiresAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  revokedAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null, description: 'Until when the secret before the current one works.' })
  previousSecretUntil: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' })
  createdAt: string;
}

export class IssuedCredentialView {
  @ApiProperty({ type: CredentialView })
  credential: CredentialView;

  @ApiProperty({
    type: String, nullable: true, example: 'dsk_…',
    description: 'Shown in this answer only. Null in a repetition of it, and for a credential with a key of its own.',
  })
  clientSecret: string | null;
}

export class AddedParticipantView extends IssuedCredentialView {
  @ApiProperty({ type: ParticipantView })
  participant: ParticipantView;
}

export const toParticipantView = (participant: ParticipantRecord): ParticipantView => ({ ...participant });

export function toCredentialView(credential: CredentialRecord): CredentialView {
  const { id: _id, ...view } = credential;
  return view;
}
