import { AppError, forbidden, maySeeSite, type Actor } from '@datum/platform';
import { ruleSentence, type OwnershipService, type OwnershipVerdict } from '@datum/ownership';
import type { Candidate } from './change.js';
import { groupOf, type AnyRecord } from './record-definition.js';

export interface RefusedGroup { group: string; verdict: OwnershipVerdict; attributes: string[] }

/** What an actor may do, asked of a request's own change and not of what follows from one. */
export interface Authority {
  /** The refusal of a change that is aimed at a site which the actor's credential is not for: where the record is now, or where it would be. */
  siteProblem(definition: AnyRecord, current: Record<string, unknown> | undefined, wished: Record<string, unknown>): AppError | undefined;
  /** Asks the one ownership decision for every attribute group that the change touches. */
  decide(candidate: Candidate): void;
}

export const authorityOf = (ownership: OwnershipService, actor: Actor): Authority => ({
  siteProblem(definition, current, wished) {
    for (const record of [current, wished]) {
      const site = record && siteOf(definition, record);
      if (typeof site === 'string' && !maySeeSite(actor, site)) return forbidden('site.forbidden', `This credential is not for site ${site}.`, { site });
    }
    return undefined;
  },
  decide: (candidate) => decideGroups(ownership, actor, candidate),
});

function decideGroups(ownership: OwnershipService, actor: Actor, candidate: Candidate): void {
  const { definition, after, superseded } = candidate;
  const site = siteOf(definition, after);
  const recordSystem = definition.system ? String(after[definition.system]) : null;
  const decided = decidedAttributes(candidate);
  for (const group of new Set(decided.map((name) => groupOf(definition, after, name)))) {
    const question = { actor, domain: definition.domain, group, site, recordSystem };
    let verdict = ownership.decide({ ...question, at: candidate.validFrom });
    // What is dated back and overtaken by nothing stands today as well: whoever decided then must also decide now.
    const standsToday = decided.some((name) => groupOf(definition, after, name) === group && !superseded.has(name));
    if (candidate.change.validFrom !== undefined && standsToday) verdict = stricter(verdict, ownership.decide(question));
    candidate.verdicts.set(group, verdict);
  }
  candidate.error ??= ownershipProblem(candidate, site);
}

const strictness = { accept: 0, observe: 1, refuse: 2 };

/** Of two answers the one that lets less pass; of two alike, today's. */
const stricter = (past: OwnershipVerdict, today: OwnershipVerdict): OwnershipVerdict =>
  (strictness[today.verdict] >= strictness[past.verdict] ? today : past);

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
