import { AppError, forbidden, maySeeSite, type Actor } from '@datum/platform';
import { ruleSentence, type OwnershipService, type OwnershipVerdict } from '@datum/ownership';
import type { Candidate } from './change.js';
import { groupOf, type AnyRecord } from './record-definition.js';

export interface RefusedGroup { group: string; verdict: OwnershipVerdict; attributes: string[] }

/** Asks the one ownership decision for every attribute group that the change touches. */
export function decideGroups(ownership: OwnershipService, actor: Actor, candidate: Candidate): void {
  const { definition, after } = candidate;
  const site = siteOf(definition, after);
  const recordSystem = definition.system ? String(after[definition.system]) : null;
  for (const group of new Set(decidedAttributes(candidate).map((name) => groupOf(definition, after, name)))) {
    candidate.verdicts.set(group, ownership.decide({ actor, domain: definition.domain, group, site, recordSystem, at: candidate.validFrom }));
  }
  candidate.error ??= siteProblem(actor, site) ?? ownershipProblem(candidate, site);
}

/**
 * The attributes that ownership decides about. The key of a new record only says which one is meant: a warehouse may add the part that it owns to an item
 * at its site. When nothing but the key is given, the key is what is decided.
 */
function decidedAttributes({ definition, before, changed }: Candidate): string[] {
  const touched = Object.keys(changed).filter((name) => !definition.attributes[name]!.computed);
  if (before) return touched;
  const beyondKey = touched.filter((name) => !definition.key.includes(name));
  return beyondKey.length > 0 ? beyondKey : touched;
}

export const siteOf = (definition: AnyRecord, record: Record<string, unknown>): string | null =>
  definition.site ? ((record[definition.site] as string | null) ?? null) : null;

function siteProblem(actor: Actor, site: string | null): AppError | undefined {
  if (site === null || maySeeSite(actor, site)) return undefined;
  return forbidden('site.forbidden', `This credential is not for site ${site}.`, { site });
}

function ownershipProblem({ definition, after, changed, verdicts }: Candidate, site: string | null): AppError | undefined {
  const refused: RefusedGroup[] = [...verdicts]
    .filter(([, verdict]) => verdict.verdict === 'refuse')
    .map(([group, verdict]) => ({ group, verdict, attributes: Object.keys(changed).filter((name) => groupOf(definition, after, name) === group) }));
  const first = refused[0];
  if (!first) return undefined;
  const { rule, owners } = first.verdict;
  const sentence = rule ? ruleSentence(rule, owners, site) : `Nobody was given the ${first.group} of ${definition.domain} records.`;
  return new AppError('ownership', 'ownership.violation', `${sentence} The value was not changed.`, {
    details: {
      owner: owners[0] ?? null,
      owners,
      rule: sentence,
      ruleId: rule?.id ?? null,
      attributeGroups: refused.map(({ group }) => group),
      links: { writeRequests: { href: '/v1/write-requests', method: 'POST' } },
    },
    errors: refused.flatMap(({ attributes, verdict }) => attributes.map((name) => ({
      pointer: `#/${name}`, code: 'ownership.violation', detail: `Decided by ${verdict.owners.join(' or ') || 'nobody'}.`,
    }))),
  });
}
