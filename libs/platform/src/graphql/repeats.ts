import { Kind, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * How many pairs of fields of an operation stand at the same place of the answer. Validation compares each pair [GraphQL 5.3.2], which is
 * quadratic: `{a{b} a{b} …}` with 450 repetitions held up the process for 0.7 s. Stops counting beyond `max`. The time is that of the expanded
 * operation, whose size is bounded before.
 */
export function repeatedPairs(set: SelectionSetNode, fragments: Fragments, max: number): number {
  let pairs = 0;
  const open: SelectionSetNode[][] = [[set]];
  for (let group = open.pop(); group && pairs <= max; group = open.pop()) {
    for (const { count, sets } of placesOf(group, fragments).values()) {
      pairs += (count * (count - 1)) / 2;
      if (sets.length > 0) open.push(sets);
    }
  }
  return pairs;
}

interface Place { count: number; sets: SelectionSetNode[] }

/** The fields of selections that are merged into one object, by their key in the answer. */
function placesOf(group: readonly SelectionSetNode[], fragments: Fragments): Map<string, Place> {
  const places = new Map<string, Place>();
  const spread = new Set<string>();
  const open = [...group];
  for (let set = open.pop(); set; set = open.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) open.push(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment && !spread.has(selection.name.value)) open.push(fragment.selectionSet);
        spread.add(selection.name.value);
      } else {
        const key = (selection.alias ?? selection.name).value;
        const place = places.get(key) ?? { count: 0, sets: [] };
        place.count += 1;
        if (selection.selectionSet) place.sets.push(selection.selectionSet);
        places.set(key, place);
      }
    }
  }
  return places;
}
