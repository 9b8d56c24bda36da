import type { Queryable } from '@datum/platform';
import { toWire } from '@datum/governed';
import { policyRecord, type Policy } from './policy.record.js';

/** Every policy, past and future ones included. */
export async function readPolicies(queryable: Queryable): Promise<Policy[]> {
  const rows = await queryable.query<Record<string, unknown>>('SELECT * FROM policy ORDER BY name');
  return rows.map((row) => toWire(policyRecord, row) as unknown as Policy);
}
