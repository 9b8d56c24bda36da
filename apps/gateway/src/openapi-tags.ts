import type { AnyRecord } from '@datum/governed';

/** What stands behind each tag that is not a collection of governed records. */
const described: Record<string, string> = {
  audit: 'The sealed ledger, to be taken away and verified elsewhere.',
  demo: 'Business time of a demo. Real installations only read it.',
  health: 'Whether the process lives, has started and is ready.',
  inventory: 'Stock and its value as one picture, across sites.',
  'item-sites': 'What one site adds to an item.',
  metrics: 'What the process measures, for Prometheus.',
  oauth: 'Access tokens, and what a client must know to get and check them.',
  operations: 'What became of work that was accepted and goes on.',
  ownership: 'Which system decides what, as rules and as sentences.',
  registry: 'Sites, systems, participants and their credentials.',
  'write-requests': 'Wishes for values that another system decides.',
};

/** One spelling per tag. A route without one gets the first part of its address. */
export function tagsOf(path: string, tags: readonly string[] | undefined): string[] {
  const own = (tags ?? []).map((tag) => tag.toLowerCase().replace(/^ownership\/.*/, 'ownership'));
  if (own.length > 0) return [...new Set(own)];
  const first = path.replace(/^\/v\d+/, '').split(/[/:]/)[1];
  return first ? [first] : [];
}

/** Descriptions of the tags in use: a collection's is its record type's own summary. The lint refuses a tag that nobody described. */
export function describeTags(used: ReadonlySet<string>, records: readonly AnyRecord[]): { name: string; description?: string }[] {
  return [...used].sort().map((name) => {
    const description = described[name] ?? records.find(({ collection }) => collection === name)?.summary;
    return { name, ...(description === undefined ? {} : { description }) };
  });
}
