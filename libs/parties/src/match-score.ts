import { comparableName, comparableTaxId, nameSimilarity } from './name-similarity.js';

/** From here on a source record is linked without asking. */
export const autoThreshold = 0.95;
/** From here on a steward is asked; below it is not worth asking. */
export const stewardThreshold = 0.7;

export interface Party { name: string; gln: string | null; taxIds: readonly string[]; country: string | null }
export interface MatchScore { score: number; explanation: string[] }

/**
 * How likely two records mean the same company. A shared GLN or tax number decides; a name alone never gets beyond a steward's desk, and different
 * numbers of the same kind keep it from there. Pure and deterministic.
 */
export function matchScore(source: Party, ours: Party): MatchScore {
  const alike = nameSimilarity(comparableName(source.name), comparableName(ours.name));
  const explanation: string[] = [];
  const sameGln = compare(source.gln, ours.gln);
  const sameTax = shared(source.taxIds.map(comparableTaxId), ours.taxIds.map(comparableTaxId));
  const sameCountry = compare(source.country, ours.country);
  if (sameGln !== undefined) explanation.push(sameGln ? `Same GLN ${source.gln}` : 'Different GLN');
  if (sameTax !== undefined) explanation.push(sameTax ? 'Same tax number' : 'Different tax numbers');
  explanation.push(`Name ${Math.round(alike * 100)} % alike`);
  if (sameCountry !== undefined) explanation.push(sameCountry ? `Same country ${source.country}` : `Different country ${source.country} and ${ours.country}`);
  return { score: rounded(scoreOf({ alike, sameGln, sameTax, sameCountry })), explanation };
}

interface Evidence { alike: number; sameGln: boolean | undefined; sameTax: boolean | undefined; sameCountry: boolean | undefined }

function scoreOf({ alike, sameGln, sameTax, sameCountry }: Evidence): number {
  // A number that agrees weighs more than any name, yet a name that has nothing to do with it (a copied number) still goes to a steward.
  if (sameGln) return sameTax === false ? 0.88 : 0.93 + 0.07 * alike;
  if (sameTax) return sameGln === false ? 0.88 : 0.92 + 0.08 * alike;
  const byName = 0.8 * alike + (sameCountry === undefined ? 0.07 : sameCountry ? 0.14 : 0);
  return sameGln === false || sameTax === false ? Math.min(byName, 0.69) : byName;
}

const compare = (a: string | null, b: string | null): boolean | undefined => (a === null || b === null ? undefined : a === b);

const shared = (a: readonly string[], b: readonly string[]): boolean | undefined =>
  a.length === 0 || b.length === 0 ? undefined : a.some((each) => b.includes(each));

const rounded = (score: number): number => Math.round(score * 100) / 100;
