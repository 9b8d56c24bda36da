/** One segment of a JSON pointer in a URI fragment [RFC 6901 section 6], cut to a length that fits into a problem. */
export function pointerSegment(name: string): string {
  const cut = name.length > 64 ? `${name.slice(0, 64)}…` : name;
  const escaped = cut.replace(/\p{Surrogate}/gu, '\ufffd').replaceAll('~', '~0').replaceAll('/', '~1');
  return encodeURIComponent(escaped).replaceAll('%5B', '[').replaceAll('%5D', ']');
}

/** `pointer('query', 'limit')` → `#/query/limit` */
export const pointer = (...segments: string[]): string => `#/${segments.map(pointerSegment).join('/')}`;
