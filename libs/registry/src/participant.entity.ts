import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { SystemEntity } from './system.entity.js';

@Entity('participant')
@Unique('participant_name_key', ['name'])
export class ParticipantEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'participant_pkey' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ name: 'system_code', type: 'text' })
  @ForeignKey(() => SystemEntity, 'code', { name: 'participant_system_code_fkey' })
  systemCode: string;

  @Column({ type: 'text' })
  state: string;

  @Column({ type: 'jsonb', nullable: true })
  contact: Record<string, unknown> | null;

  @Column({ type: 'int' })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  updatedAt: string;
}
