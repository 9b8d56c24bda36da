import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { ParticipantEntity } from './participant.entity.js';

/** A credential with the keyed hashes of its secrets. No secret is ever stored. */
@Entity('credential')
@Unique('credential_client_id_key', ['clientId'])
@Index('credential_participant', ['participantId'])
export class CredentialEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'credential_pkey' })
  id: string;

  @Column({ name: 'client_id', type: 'text' })
  clientId: string;

  @Column({ name: 'participant_id', type: 'uuid' })
  @ForeignKey(() => ParticipantEntity, 'id', { name: 'credential_participant_id_fkey' })
  participantId: string;

  @Column({ type: 'text' })
  kind: string;

  @Column({ type: 'text', array: true })
  scopes: string[];

  @Column({ type: 'text', array: true, nullable: true })
  sites: string[] | null;

  @Column({ name: 'secret_hash', type: 'text', nullable: true })
  secretHash: string | null;

  @Column({ name: 'previous_secret_hash', type: 'text', nullable: true })
  previousSecretHash: string | null;

  @Column({ name: 'previous_secret_until', type: 'timestamptz', nullable: true })
  previousSecretUntil: string | null;

  @Column({ name: 'public_jwk', type: 'jsonb', nullable: true })
  publicJwk: Record<string, unknown> | null;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: string | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt: string | null;

  @Column({ type: 'int' })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  updatedAt: string;
}
