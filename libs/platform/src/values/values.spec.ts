import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals, compareDecimals, decimalOf, decimalProblem, multiplyDecimals, parseDecimal, subtractDecimals,
} from './decimal.js';
import { gs1CheckDigit, gtin14, isGln, isGtin, isSscc } from './gtin.js';
import { compareInstants, parseDate, parseInstant } from './instant.js';

/** Any decimal with up to 20 digits, from an integer and a scale. */
const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
  .map(([value, scale]) => ({ value, scale, text: plain(value, scale) }));

function plain(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
}

describe('decimals', () => {
  it('[SEC3] keeps 30 digits and the sum of 0.1 and 0.2 exactly', () => {
    const long = '123456789012345678901234.567891';
    expect(parseDecimal(long)).toBe(long);
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(multiplyDecimals(long, '3')).toBe('370370367037037036703703.703673');
    expect(compareDecimals('9007199254740993', '9007199254740992')).toBe(1);
  });

  it.each(['', '1e5', '1E400', '1e100000', 'NaN', 'Infinity', '-Infinity', '-0', '-0.00', '+1', '01', '.5', '1.', ' 1', '1 ', '0x10',
    '1,5', '१', '9'.repeat(39), `0.${'0'.repeat(18)}1`, '9'.repeat(100_000)])('[SEC3] refuses %.20s', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
    expect(decimalProblem(text, '#/price')).toMatchObject({ pointer: '#/price', code: 'decimal.invalid' });
  });

  it('[SEC3] agrees with integer arithmetic on sums, differences, products and order', () => {
    fc.assert(fc.property(decimal, decimal, (a, b) => {
      const scale = Math.max(a.scale, b.scale);
      const [left, right] = [a.value * 10n ** BigInt(scale - a.scale), b.value * 10n ** BigInt(scale - b.scale)];
      const canonical = (value: bigint, at: number): string => parseDecimal(plain(value, at), { maxDigits: 100, maxScale: 50 })!;
      expect(addDecimals(a.text, b.text)).toBe(canonical(left + right, scale));
      expect(subtractDecimals(a.text, b.text)).toBe(canonical(left - right, scale));
      expect(multiplyDecimals(a.text, b.text)).toBe(canonical(a.value * b.value, a.scale + b.scale));
      expect(compareDecimals(a.text, b.text)).toBe(left < right ? -1 : left > right ? 1 : 0);
    }));
  });

  it('gives one spelling per value, and that spelling again', () => {
    expect(parseDecimal('1.500')).toBe('1.5');
    expect(parseDecimal('0.00')).toBe('0');
    fc.assert(fc.property(decimal, ({ value, scale, text }) => {
      fc.pre(!(value === 0n && text.startsWith('-')));
      const canonical = parseDecimal(text)!;
      expect(parseDecimal(canonical)).toBe(canonical);
      expect(parseDecimal(plain(value * 10n, scale + 1))).toBe(canonical);
    }));
  });

  it('takes the number a JSON body may hold', () => {
    expect(decimalOf(12.5)).toBe('12.5');
    expect(decimalOf(1e-7)).toBe('0.0000001');
    expect(decimalOf('7.10')).toBe('7.1');
    for (const value of [NaN, Infinity, -0, true, null, {}, '1e5']) expect(decimalOf(value)).toBeUndefined();
  });
});

describe('instants and dates', () => {
  it.each([
    ['2026-03-04T14:00:00Z', '2026-03-04T14:00:00Z'],
    ['2026-03-04t15:00:00.120+01:00', '2026-03-04T14:00:00.12Z'],
    ['2026-03-04T14:00:00.123456Z', '2026-03-04T14:00:00.123456Z'],
    ['2026-03-04T14:00:00.000Z', '2026-03-04T14:00:00Z'],
    ['2024-02-29T23:59:59-00:30', '2024-03-01T00:29:59Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('normalises %s', (text, normal) => expect(parseInstant(text)).toBe(normal));

  it.each(['0000-01-01T00:00:00Z', '9999-12-31T00:00:00Z', '300000-01-01T00:00:00Z', '+300000-01-01T00:00:00Z', '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z', '2016-12-31T23:59:60Z', '2026-01-01T00:00:00+25:00', '2026-01-01T00:00:00+01:60', '2026-01-01T24:00:00Z',
    '0001-01-01T00:00:00+01:00', '9998-12-31T23:30:00-01:00', '2026-01-01', '2026-01-01T00:00:00', '2026-13-01T00:00:00Z',
    '2026-01-01T00:00:00.1234567Z', '2026-01-01 00:00:00Z', ''])('[SEC4] refuses the instant %s', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it.each(['0000-01-01', '9999-12-31', '2026-02-30', '2026-00-10', '2026-1-1', '300000-01-01', '2026-01-01T00:00:00Z'])(
    '[SEC4] refuses the date %s', (text) => expect(parseDate(text)).toBeUndefined());

  it('[SEC4] agrees with the calendar on every day and keeps order', () => {
    const date = fc.date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-01-01T00:00:00Z'), noInvalidDate: true });
    fc.assert(fc.property(date, date, (a, b) => {
      const [left, right] = [parseInstant(a.toISOString())!, parseInstant(b.toISOString())!];
      expect(Date.parse(left)).toBe(a.getTime());
      expect(parseInstant(left)).toBe(left);
      expect(parseDate(a.toISOString().slice(0, 10))).toBe(a.toISOString().slice(0, 10));
      expect(Math.sign(compareInstants(left, right))).toBe(Math.sign(a.getTime() - b.getTime()));
    }));
  });
});

describe('GS1 keys', () => {
  it('accepts known keys and refuses a wrong check digit', () => {
    expect(isGtin('4006381333931')).toBe(true);
    expect(isGtin('4006381333932')).toBe(false);
    expect(isGtin('96385074')).toBe(true);
    expect(isGtin('036000291452')).toBe(true);
    expect(isSscc('106141412345678908')).toBe(true);
    expect(isGln('4006381333931')).toBe(true);
    expect(isGln('96385074')).toBe(false);
    expect(gtin14('96385074')).toBe('00000096385074');
    expect(isGtin('400638133393a')).toBe(false);
  });

  it('finds every wrong single digit', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 13, maxLength: 13 });
    fc.assert(fc.property(digits, fc.nat(13), fc.integer({ min: 1, max: 9 }), (body, position, shift) => {
      const gtin = body.join('') + gs1CheckDigit(body.join(''));
      expect(isGtin(gtin)).toBe(true);
      const wrong = [...gtin];
      wrong[position] = String((Number(wrong[position]) + shift) % 10);
      expect(isGtin(wrong.join(''))).toBe(false);
    }));
  });
});
