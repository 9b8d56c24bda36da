import { invalid } from '@datum/platform';
import { Exact } from './exact.js';
import { units } from './unit.js';

const factors = new Map<string, Exact>();

/**
 * What one `from` is in `to`, exactly; undefined when they measure different things or have no exact factor. A unit is always one of itself, known or not:
 * packages (Rec 21) convert to nothing else.
 */
export function conversionFactor(from: string, to: string): Exact | undefined {
  if (from === to) return Exact.one;
  const key = `${from} ${to}`;
  const known = factors.get(key);
  if (known) return known;
  const [source, target] = [units.get(from), units.get(to)];
  if (!source || !target || source.dimension !== target.dimension) return undefined;
  const factor = source.factor.over(target.factor);
  factors.set(key, factor);
  return factor;
}

/** @throws AppError invalid `unit.not-convertible` */
export function convertExactly(value: Exact, from: string, to: string): Exact {
  const factor = conversionFactor(from, to);
  if (!factor) throw notConvertible(from, to);
  return value.times(factor);
}

/**
 * A decimal in another unit: `convert('220', 'LBR', 'KGM')` is `'99.7903214'`. Computed exactly; where the result has no finite decimal (an inch in feet),
 * it is rounded half to even at 18 places.
 * @throws AppError invalid `unit.not-convertible`
 */
export const convert = (value: string, from: string, to: string): string => convertExactly(Exact.of(value), from, to).toDecimal();

const notConvertible = (from: string, to: string) => {
  const sentence = `${nameOf(from)} cannot be converted to ${nameOf(to)} by a fixed factor.`;
  return invalid(sentence, [{ pointer: '#/unit', code: 'unit.not-convertible', detail: sentence }], 'unit.not-convertible');
};

const nameOf = (code: string): string => {
  const unit = units.get(code);
  return unit ? `${code} (${unit.name})` : code;
};
