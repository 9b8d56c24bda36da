import { describe, expect, it } from 'vitest';
import { etagOf, matchesIfNoneMatch, parseIfMatch, satisfies } from './etag.js';

describe('entity tags', () => {
  it('spell the version, and the variant as a hash', () => {
    expect(etagOf(17)).toBe('"v17"');
    expect(etagOf(17, 'include=local')).toMatch(/^"v17-[\w-]{16}"$/);
    expect(etagOf(17, 'include=local')).not.toBe(etagOf(17, 'include=provenance'));
  });

  it('compares If-Match by version, whatever the variant', () => {
    const precondition = parseIfMatch(`${etagOf(17, 'include=local')}, "v18"`)!;
    expect(precondition).toEqual({ versions: [17, 18] });
    expect(satisfies(precondition, 17)).toBe(true);
    expect(satisfies(precondition, 19)).toBe(false);
    expect(satisfies(precondition, undefined)).toBe(false);
    expect(parseIfMatch(undefined)).toBeUndefined();
    expect(parseIfMatch('*')).toBe('*');
    expect(satisfies('*', undefined)).toBe(false);
  });

  it('lets weak and foreign tags match nothing', () => {
    expect(parseIfMatch('W/"v17", "abc", "v0", "v017"')).toEqual({ versions: [] });
  });

  it.each(['', 'v17', '"v17', '"a" "b"', '""v""', 'w/"v17"', '"v1"\u0001', Array(60).fill('"v1"').join(',')])('refuses %s', (header) => {
    expect(() => parseIfMatch(header)).toThrow(expect.objectContaining({
      status: 400, errors: [expect.objectContaining({ pointer: '#/header/If-Match' })],
    }));
  });

  it('matches If-None-Match weakly', () => {
    expect(matchesIfNoneMatch('W/"v17"', '"v17"')).toBe(true);
    expect(matchesIfNoneMatch('"v16", "v17"', '"v17"')).toBe(true);
    expect(matchesIfNoneMatch('*', '"v17"')).toBe(true);
    expect(matchesIfNoneMatch('"v16"', '"v17"')).toBe(false);
    expect(matchesIfNoneMatch(undefined, '"v17"')).toBe(false);
  });
});
