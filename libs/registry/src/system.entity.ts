import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('system')
@Unique('system_code_key', ['code'])
export class SystemEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'system_pkey' })
  id: string;

  @Column({ type: 'text' })
  code: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  kind: string;

  @Column({ type: 'text', nullable: true })
  vendor: string | null;

  @Column({ name: 'product_version', type: 'text', nullable: true })
  productVersion: string | null;

  @Column({ name: 'site_codes', type: 'text', array: true })
  siteCodes: string[];

  @Column({ type: 'jsonb' })
  capabilities: Record<string, unknown>;

  @Column({ name: 'call_budget', type: 'jsonb', nullable: true })
  callBudget: Record<string, unknown> | null;

  @Column({ type: 'jsonb', nullable: true })
  freshness: Record<string, unknown> | null;

  @Column({ type: 'text' })
  state: string;

  @Column({ name: 'last_seen_at', type: 'timestamptz', nullable: true })
  lastSeenAt: string | null;

  @Column({ type: 'int' })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  updatedAt: string;
}
