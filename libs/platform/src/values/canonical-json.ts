/**
 * Canonical JSON: keys sorted by UTF-16 code unit, no white space, absent values left out. The same value always gives the same bytes, so that it can
 * be hashed. (As RFC 8785, save that decimals are strings here and numbers are safe integers only.)
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Record<string, unknown>;
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const part = object[key];
    if (part !== undefined) text += `${text === '' ? '' : ','}${quotedKey(key)}:${canonicalJson(part)}`;
  }
  return `{${text}}`;
}

/** Attribute names come again with every record. Names that callers make up fill the memory once and no further. */
const quotedKeys = new Map<string, string>();
const quotedKeysMax = 2_000;

function quotedKey(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const quoted = JSON.stringify(key);
  if (quotedKeys.size < quotedKeysMax) quotedKeys.set(key, quoted);
  return quoted;
}
