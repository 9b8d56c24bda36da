import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { decimal, defineRecord, integer, money, text, textList } from '@datum/governed';
import { CompiledPolicy, type PolicyRule } from './compiled-policy.js';
import { predicateLimits } from './policy-analysis.js';
import { sentenceProblem } from './policy-sentence.js';
import type { PolicyQuestion } from './policy-variables.js';

const part = defineRecord({
  type: 'part', typeName: 'Part', domain: 'item', collection: 'parts', table: 'part', summary: 'A part.', key: ['code'], site: 'site',
  groups: { main: 'All of it.', money: 'What it costs.' },
  attributes: {
    code: text({ group: 'main', description: 'Code.', example: 'P' }),
    site: text({ group: 'main', description: 'Site.', example: 'A' }),
    days: integer({ group: 'main', description: 'Days.', example: 1 }),
    stock: decimal({ group: 'main', description: 'Stock.', example: '1' }),
    cost: money({ group: 'money', description: 'Cost.', example: { amount: '1', currency: 'USD' } }),
    tags: textList({ group: 'main', description: 'Tags.', example: ['a'], maxItems: 1000 }),
  },
});
const rule = (predicate: string, more: Partial<PolicyRule> = {}): PolicyRule => ({ when: 'both', channels: null, sentence: 'No.', predicate, ...more });
const compile = (predicate: string, more?: Partial<PolicyRule>) => CompiledPolicy.of(rule(predicate, more), [part]);
const empty = { code: 'P', site: 'A', days: null, stock: null, cost: null, tags: null };
const question = (after: object = {}, before: object | null = {}, more: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  definition: part, before: before && { ...empty, ...before }, after: { ...empty, ...after }, changed: Object.keys(after),
  actor: { systemCode: 'LEG1', clientId: 'c', scopes: new Set(['item.write']), sites: ['A'] }, channel: 'rest', now: '2026-03-04T14:00:00Z', ...more,
});
const says = (predicate: string, ...asked: Parameters<typeof question>) => compile(predicate).ask(question(...asked)).says;

describe('a predicate', () => {
  it('sees the change, who makes it, where and when', () => {
    expect(says('after.days > 365', { days: 366 })).toBe('hit');
    expect(says('after.days + 1 == 366', { days: 365 })).toBe('hit');
    expect(says('before == null', {}, null)).toBe('hit');
    expect(says('"money" in groups && !("main" in groups)', { cost: null })).toBe('hit');
    expect(says('actor.system == "LEG1" && "item.write" in actor.scopes && actor.sites.exists(s, s == site)')).toBe('hit');
    expect(says('timestamp(now) > timestamp("2026-03-04T13:59:59Z") && recordType == "part" && channel == "rest"')).toBe('hit');
    expect(says('after.tags.all(t, t.matches("^[a-z]{1,8}$"))', { tags: ['abc', 'd'] })).toBe('hit');
  });

  it('compares and reckons with decimals exactly', () => {
    expect(says('decCompare(after.stock, "10") > 0', { stock: '9' })).toBe('pass');
    expect(says('decAdd("0.1", "0.2") == "0.3" && decSubtract("1", "0.9") == "0.1" && decMultiply("1.1", "1.1") == "1.21" && decAbs("-2") == dec(2)')).toBe('hit');
    expect(says('changePercent("3", "4") == "33.3333333334" && changePercent("4", "2") == "-50"')).toBe('hit');
    expect(says('changesMoreThan("100", "150", "50")')).toBe('pass');
    expect(says('changesMoreThan("100", "150.0000000000000001", "50") && changesMoreThan("0", "0.01", "1000") && !changesMoreThan("0", "0", "0")')).toBe('hit');
  });

  it('fails instead of answering wrongly: decimals compared as texts, empty values, what is no boolean', () => {
    expect(compile('after.stock < "10"').ask(question({ stock: '9' }))).toEqual({ says: 'failed', sentence: expect.stringContaining('decCompare') });
    expect(says('after.days > 1')).toBe('failed');
    expect(says('after.days', { days: 3 })).toBe('failed');
    expect(says('decCompare(after.stock, "a") > 0', { stock: '9' })).toBe('failed');
    expect(says('changePercent("0", "1") == "1"')).toBe('failed');
  });

  it('is asked only about the kind of change and the channels that it names', () => {
    expect(compile('true', { when: 'update' }).ask(question({}, null)).says).toBe('pass');
    expect(compile('true', { when: 'create' }).ask(question({}, {})).says).toBe('pass');
    expect(compile('true').ask(question({}, {}, { channel: 'erp' })).says).toBe('pass');
    expect(compile('true', { channels: ['erp'] }).ask(question({}, {}, { channel: 'erp' })).says).toBe('hit');
  });

  it.each([
    ['after.day > 1', 'A part has no day.'],
    ['after["day"] > 1', 'A part has no day.'],
    ['actor.name == "x"', 'actor has no name'],
    ['process.exit()', 'exit() is not known'],
    ['x == 1', 'x is not known'],
    ['after.tags.exists(t, u == "a")', 'u is not known'],
    ['google.protobuf.Any{}', 'google.protobuf.Any is not known'],
    ['after.code.matches(after.site)', 'must stand in the predicate itself'],
    ['after.code.matches("a(")', 'missing closing )'],
    ['after.days >', 'At 1:12'],
  ])('is not accepted when it names what there is not: %s', (predicate, sentence) => {
    expect(() => compile(predicate)).toThrow(sentence);
  });

  it('fills its sentence with the values of the change, and accepts no placeholder that means nothing', () => {
    const asked = question({ cost: { amount: '12', currency: 'USD' }, days: 3 }, { cost: null });
    const answer = compile('true', { sentence: 'From {before.cost} to {after.cost} in {after.days} days at {site} ({changed}).' }).ask(asked);
    expect(answer).toEqual({ says: 'hit', sentence: 'From nothing to 12 USD in 3 days at A (cost, days).' });
    expect(sentenceProblem('{after.nope}', [part])).toMatch(/names no attribute/);
    expect(sentenceProblem('{constructor}', [part])).toMatch(/not known/);
    expect(sentenceProblem('{after.days', [part])).toMatch(/looks like/);
    expect(sentenceProblem('{after.days} {after.cost.amount} {now}', [part])).toBeUndefined();
  });
});

describe('what a predicate may cost', () => {
  const deep = (n: number, open: string, close: string) => `${open.repeat(n)}true${close.repeat(n)}`;
  const wide = `[${Array.from({ length: 150 }, (_, i) => i).join(',')}]`;

  it.each([
    ['walks inside walks', 'after.tags.all(a, after.tags.all(b, after.tags.all(c, a == b || b == c)))'],
    ['walks over what was added together', `(${wide} + ${wide}).all(a, (after.tags + after.tags + after.tags).all(b, b == "x"))`],
    ['more parts than a policy needs', `after.days in [${Array.from({ length: 600 }, (_, i) => i).join(',')}]`],
    ['deep nesting', deep(60, 'dec(', ')')],
    ['nesting that breaks the parser', deep(390, 'dec(', ')')],
    ['a long pattern', `after.code.matches("${'a'.repeat(101)}")`],
    ['a pattern that unfolds', 'after.code.matches("((a{20}){20}){20}")'],
    ['a pattern of many repetitions', 'after.code.matches("[A-Z]{90}[a-z]{90}")'],
  ])('[SEC8] is bounded before anything is evaluated: %s', (_name, predicate) => {
    const startMs = performance.now();
    expect(() => compile(predicate)).toThrow();
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it.each(['^(a+)+$', '(a|a)*b', '(a|aa)+$', '(.*a){20}', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a|b)*a(a|b){50}$'])(
    '[SEC8] a pattern that would hang a backtracking engine is answered at once: %s', (pattern) => {
      const compiled = compile(`after.code.matches("${pattern}")`);
      const code = `${'ab'.repeat(200)}${'a'.repeat(500)}!`;
      const startMs = performance.now();
      expect(['hit', 'pass']).toContain(compiled.ask(question({ code })).says);
      // A backtracking engine needs longer than the age of the universe; the bound is ten times what a slow machine takes.
      expect(performance.now() - startMs).toBeLessThan(5_000);
    });

  it('[SEC8] neither long texts are matched nor long lists walked over', () => {
    expect(says('after.code.matches("a")', { code: 'a'.repeat(1001) })).toBe('failed');
    const tags = Array.from({ length: predicateLimits.listSize + 1 }, () => 'a');
    expect(says('after.tags.exists(t, t == "a")', { tags })).toBe('failed');
    expect(says('"a" in after.tags', { tags })).toBe('hit');
  });
});
