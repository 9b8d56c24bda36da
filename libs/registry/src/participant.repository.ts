import type { Queryable } from '@datum/platform';
import type { ParticipantRecord } from './records.js';

const columns = `
  id, name, system_code AS "systemCode", state, contact, version, created_at AS "createdAt", updated_at AS "updatedAt"`;

export interface ParticipantSearch {
  names?: readonly string[];
  states?: readonly string[];
  systemCodes?: readonly string[];
  afterId?: string;
  limit: number;
}

export async function findParticipant(queryable: Queryable, id: string, lock = ''): Promise<ParticipantRecord | undefined> {
  const [row] = await queryable.query<ParticipantRecord>(`SELECT ${columns} FROM participant WHERE id = $1 ${lock}`, [id]);
  return row;
}

/** In order of id, which is the order in which they came. */
export const listParticipants = (queryable: Queryable, search: ParticipantSearch): Promise<ParticipantRecord[]> =>
  queryable.query<ParticipantRecord>(`
    SELECT ${columns} FROM participant
    WHERE ($1::text[] IS NULL OR name = ANY ($1)) AND ($2::text[] IS NULL OR state = ANY ($2))
      AND ($3::text[] IS NULL OR system_code = ANY ($3)) AND ($4::uuid IS NULL OR id > $4)
    ORDER BY id LIMIT $5`,
  [search.names ?? null, search.states ?? null, search.systemCodes ?? null, search.afterId ?? null, search.limit]);

/** Inserts the first version, or writes the next one over a row the caller holds. */
export async function saveParticipant(
  tx: Queryable, participant: Omit<ParticipantRecord, 'createdAt' | 'updatedAt'>,
): Promise<ParticipantRecord> {
  const { id, name, systemCode, state, contact, version } = participant;
  const [row] = await tx.query<ParticipantRecord>(`
    INSERT INTO participant (id, name, system_code, state, contact, version) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET name = $2, system_code = $3, state = $4, contact = $5, version = $6, updated_at = clock_timestamp()
    RETURNING ${columns}`,
  [id, name, systemCode, state, contact === null ? null : JSON.stringify(contact), version]);
  return row!;
}
