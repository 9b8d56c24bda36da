import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecimals, compareDecimals, multiplyDecimals, subtractDecimals } from '@datum/platform';
import { conversionFactor, convert, dimensions, Exact, units } from './index.js';

const decimalText = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 })).map(([n, scale]) => {
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
  return `${n < 0n ? '-' : ''}${scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`}`;
});
const plain = (text: string): string => Exact.of(text).toDecimal();

describe('units', () => {
  it.each([
    ['1', 'LBR', 'KGM', '0.45359237'], ['220', 'LBR', 'KGM', '99.7903214'], ['1', 'KGM', 'GRM', '1000'], ['1', 'FOT', 'MTR', '0.3048'], ['12', 'INH', 'FOT', '1'],
    ['1', 'GLL', 'INQ', '231'], ['1', 'BLL', 'GLL', '42'], ['1', 'GLI', 'PTI', '8'], ['2', 'DZN', 'C62', '24'], ['1', 'GRO', 'DZN', '12'], ['1', 'STN', 'LBR', '2000'],
    ['1', 'LTN', 'LBR', '2240'], ['16', 'ONZ', 'LBR', '1'], ['7000', 'GRN', 'LBR', '1'], ['1', 'WEE', 'HUR', '168'], ['1', 'YDK', 'FTK', '9'], ['1', 'SMI', 'YRD', '1760'],
    ['3', 'XBX', 'XBX', '3'], ['0', 'LBR', 'KGM', '0'], ['-2.50', 'H87', 'EA', '-2.5'],
  ])('%s %s is %s of another unit, exactly: %s → %s', (value, from, to, expected) => {
    expect(convert(value, from, to)).toBe(expected);
  });

  it('220 kg are 485.02 lb, rounded only when printed', () => {
    expect(Exact.of('220').times(conversionFactor('KGM', 'LBR')!).toFixed(2)).toBe('485.02');
  });

  it('do not convert between what is measured differently, nor what has no fixed factor', () => {
    for (const [from, to] of [['KGM', 'MTR'], ['XBX', 'C62'], ['C62', 'KGM'], ['MON', 'DAY']] as const) {
      expect(conversionFactor(from, to)).toBeUndefined();
      expect(() => convert('1', from, to)).toThrow(expect.objectContaining({ code: 'unit.not-convertible' }));
    }
  });

  it('go there and back without losing anything, for every pair of a dimension', () => {
    for (const dimension of dimensions) {
      const codes = [...units.values()].filter((unit) => unit.dimension === dimension).map(({ code }) => code);
      for (const from of codes) {
        for (const to of codes) {
          const there = Exact.of('7.13').times(conversionFactor(from, to)!);
          expect(there.times(conversionFactor(to, from)!).toDecimal()).toBe('7.13');
        }
      }
    }
  });
});

describe('exact numbers', () => {
  it('add, subtract, multiply and compare as the decimals of the platform do', () => {
    fc.assert(fc.property(decimalText, decimalText, (a, b) => {
      const [x, y] = [Exact.of(a), Exact.of(b)];
      expect(x.plus(y).toDecimal()).toBe(addDecimals(a, b));
      expect(x.minus(y).toDecimal()).toBe(subtractDecimals(a, b));
      expect(x.times(y).toDecimal()).toBe(multiplyDecimals(a, b));
      expect(x.compare(y)).toBe(compareDecimals(a, b));
    }));
  });

  it('divide and multiply back to the same number, whatever the divisor', () => {
    fc.assert(fc.property(decimalText, decimalText, (a, b) => {
      fc.pre(!Exact.of(b).isZero);
      expect(Exact.of(a).over(Exact.of(b)).times(Exact.of(b)).toDecimal()).toBe(plain(a));
    }));
  });

  it('say when they have no finite decimal, and round only when printed', () => {
    const third = Exact.ratio('56', '3');
    expect(third.isFiniteDecimal).toBe(false);
    expect(third.toFraction()).toBe('56/3');
    expect(third.toFixed(3)).toBe('18.667');
    expect(third.toDecimal(6)).toBe('18.666667');
    expect(third.times(Exact.of('3')).toDecimal()).toBe('56');
    expect(Exact.ratio('7', '8').toDecimal()).toBe('0.875');
    expect(Exact.ratio('-1', '8').toFixed(2)).toBe('-0.13');
    expect(Exact.of('-0.001').toFixed(2)).toBe('0.00');
    expect(() => Exact.of('1e5')).toThrow(RangeError);
    expect(() => Exact.one.over(Exact.zero)).toThrow(RangeError);
  });
});
