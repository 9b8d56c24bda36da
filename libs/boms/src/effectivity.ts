/** Half-open span of days; null is open. Days compare as text. */
export interface Span { from: string | null; to: string | null }

/** What two spans share; undefined when nothing. */
export function intersection(a: Span, b: Span): Span | undefined {
  const from = a.from === null || (b.from !== null && b.from > a.from) ? b.from : a.from;
  const to = a.to === null || (b.to !== null && b.to < a.to) ? b.to : a.to;
  return from !== null && to !== null && from >= to ? undefined : { from, to };
}

/**
 * Order of serial or lot numbers as people count them: runs of digits by value, the rest by text. `SN-9` comes before `SN-10`.
 */
export function compareSerials(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const order = compareParts(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const partsOf = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];

function compareParts(a: string, b: string): number {
  const bothNumbers = /^\d/.test(a) && /^\d/.test(b);
  if (!bothNumbers) return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whether a line limited to a range counts for the number asked. Without a range it always does; with one, only when a number in it was named. */
export function inRange(range: { from: string | null; to: string | null }, asked: string | undefined): boolean {
  if (range.from === null && range.to === null) return true;
  if (asked === undefined) return false;
  return (range.from === null || compareSerials(asked, range.from) >= 0) && (range.to === null || compareSerials(asked, range.to) <= 0);
}
