import type { RequestContext } from '@datum/platform';
import { RecordWriter, type RecordChange } from '@datum/governed';
import { defaultMatrix, OwnershipService, type MatrixEntry } from '@datum/ownership';
import { ownershipRuleRecord } from './ownership-rule.record.js';

export interface SeedOwnership { effectiveFrom: string; stewardDomain: string; matrix?: readonly MatrixEntry[] }

/** Puts the default ownership matrix in force from a business time on. Entries that have a rule from that time already are left as they are. */
export async function seedOwnership(
  { writer, ownership }: { writer: RecordWriter; ownership: OwnershipService }, context: RequestContext, seed: SeedOwnership,
): Promise<number> {
  const { effectiveFrom, stewardDomain, matrix = defaultMatrix } = seed;
  const changes = matrix.map((entry): RecordChange => ({
    op: 'create',
    validFrom: effectiveFrom,
    attributes: {
      domain: entry.domain, attributeGroup: entry.group, owner: entry.owner, conflictPolicy: entry.conflictPolicy, mode: 'enforce',
      steward: `${entry.steward}@${stewardDomain}`, deputySteward: `${entry.deputy}@${stewardDomain}`, effectiveFrom,
    },
  }));
  const results = await writer.applyBatch(context, ownershipRuleRecord, changes);
  for (const result of results) {
    if (result.status === 'refused' && result.error.kind !== 'conflict') throw result.error;
  }
  await ownership.refresh();
  return results.filter((result) => result.status === 'created').length;
}
