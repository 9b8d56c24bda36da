/** Endings that say what a company is in law, not who it is. */
const legalForms = new Set([
  'ab', 'ag', 'as', 'asa', 'aps', 'bv', 'bvba', 'co', 'company', 'corp', 'corporation', 'cv', 'de', 'doo', 'ek', 'eg', 'ev', 'gbr', 'gmbh', 'inc', 'incorporated',
  'kft', 'kg', 'kgaa', 'limited', 'llc', 'llp', 'lp', 'ltd', 'ltda', 'mbh', 'nv', 'ohg', 'oo', 'oy', 'oyj', 'plc', 'pte', 'pty', 'sa', 'sarl', 'sas', 'se', 'sl',
  'slu', 'sp', 'spa', 'spj', 'srl', 'sro', 'ug', 'und', 'and', 'z', 'zoo', 'zrt',
]);

/** Letters that decomposition leaves as they are. */
const plainLetters: Record<string, string> = { ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i' };

/** A company name as matching compares it: without accents, case, punctuation and legal form. The same for the same text everywhere. */
export function comparableName(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[ßøæœđðłþı]/g, (letter) => plainLetters[letter]!);
  const words = plain.replace(/[.'’]/g, '').split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  let end = words.length;
  while (end > 1 && legalForms.has(words[end - 1]!)) end -= 1;
  return words.slice(0, end).join(' ').slice(0, 200);
}

/** A tax number as matching compares it: capitals and digits alone. */
export const comparableTaxId = (taxId: string): string => taxId.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** Dice's coefficient over the trigrams of the words, whatever their order: 0 to 1. Works on comparable names. */
export function nameSimilarity(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1;
  const left = trigrams(a);
  const right = trigrams(b);
  let shared = 0;
  for (const [gram, count] of left) shared += Math.min(count, right.get(gram) ?? 0);
  const all = size(left) + size(right);
  return all === 0 ? 0 : (2 * shared) / all;
}

function trigrams(name: string): Map<string, number> {
  const grams = new Map<string, number>();
  for (const word of name.split(' ').filter((each) => each !== '')) {
    const letters = [...`  ${word} `];
    for (let i = 0; i + 3 <= letters.length; i += 1) {
      const gram = letters.slice(i, i + 3).join('');
      grams.set(gram, (grams.get(gram) ?? 0) + 1);
    }
  }
  return grams;
}

const size = (grams: Map<string, number>): number => [...grams.values()].reduce((sum, count) => sum + count, 0);
