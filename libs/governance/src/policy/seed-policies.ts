import type { RequestContext } from '@datum/platform';
import { RecordWriter, type RecordCatalogue, type RecordChange } from '@datum/governed';
import { defaultPolicies, type DefaultPolicy } from './default-policies.js';
import { policyRecord } from './policy.record.js';

export interface SeedPolicies { validFrom: string; policies?: readonly DefaultPolicy[]; mode?: 'observe' | 'enforce' }

/**
 * Puts the default policies in force from a business time on: those about record types that the installation has. A policy that exists already is left as
 * it is, whatever became of it. Gives how many were added.
 */
export async function seedPolicies(
  { writer, catalogue }: { writer: RecordWriter; catalogue: RecordCatalogue }, context: RequestContext, seed: SeedPolicies,
): Promise<number> {
  const { validFrom, policies = defaultPolicies, mode = 'enforce' } = seed;
  const wanted = policies.filter(({ recordTypes }) => recordTypes.every((type) => catalogue.find(type)));
  const changes = wanted.map((policy): RecordChange => ({ op: 'create', validFrom, attributes: { ...policy, mode, validFrom } }));
  const results = await writer.applyBatch(context, policyRecord, changes);
  for (const result of results) if (result.status === 'refused' && result.error.kind !== 'conflict') throw result.error;
  return results.filter(({ status }) => status === 'created').length;
}
