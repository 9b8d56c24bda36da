import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('site')
@Unique('site_code_key', ['code'])
@Unique('site_gln_key', ['gln'])
export class SiteEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'site_pkey' })
  id: string;

  @Column({ type: 'text' })
  code: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', nullable: true })
  gln: string | null;

  @Column({ type: 'text' })
  country: string;

  @Column({ name: 'time_zone', type: 'text' })
  timeZone: string;

  @Column({ type: 'text' })
  currency: string;

  @Column({ type: 'text' })
  kind: string;

  @Column({ type: 'text' })
  mode: string;

  @Column({ type: 'int' })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  updatedAt: string;
}
