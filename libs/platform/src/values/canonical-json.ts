/**
 * Canonical JSON: keys sorted by UTF-16 code unit, no white space, absent values left out. The same value always gives the same bytes, so that it can
 * be hashed. (As RFC 8785, save that decimals are strings here and numbers are safe integers only.)
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(object).sort()) {
    const part = object[key];
    if (part !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(part)}`);
  }
  return `{${parts.join(',')}}`;
}
