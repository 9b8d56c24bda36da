import { Decimal } from 'decimal.js';
import { celEnv, celFunc, celMethod, CelScalar, isCelError, parse, plan } from '@bufbuild/cel';
import { addDecimals, compareDecimals, multiplyDecimals, parseDecimal, subtractDecimals } from '@datum/platform';

const { BOOL, DYN, INT, STRING } = CelScalar;
/** Decimals that a predicate computes; far beyond what a record can hold, and bounded all the same. */
const limits = { maxDigits: 200, maxScale: 100 };
/** Texts of at most this length are matched: a pattern's time grows with the text. */
const matchedTextMax = 1_000;

/** The canonical decimal of an argument. @throws Error: what it is instead, for the one who wrote the predicate */
function decimalFrom(value: unknown): string {
  const parsed = typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? parseDecimal(value, limits) : undefined;
  if (parsed === undefined) throw new Error(typeof value === 'string' ? `"${value.slice(0, 40)}" is no decimal` : 'a decimal is a text such as "12.5", or a whole number');
  return parsed;
}

const absolute = (decimal: string): string => (decimal.startsWith('-') ? decimal.slice(1) : decimal);

// A percentage is rounded away from zero, so that no change ever looks smaller than it is.
const Percent = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_UP, toExpNeg: -9e15, toExpPos: 9e15 });

function changePercent(before: string, after: string): string {
  const [from, to] = [new Percent(before), new Percent(after)];
  if (from.isZero()) {
    if (to.isZero()) return '0';
    throw new Error('there is no percentage of nothing; ask changesMoreThan(before, after, percent)');
  }
  const percent = to.sub(from).mul(100).div(from.abs()).toDecimalPlaces(10);
  return percent.isZero() ? '0' : percent.toFixed();
}

/** Exact, without a division; whatever comes from nothing has changed by more than any percentage. */
function changesMoreThan(before: string, after: string, percent: string): boolean {
  const difference = absolute(subtractDecimals(after, before));
  return compareDecimals(multiplyDecimals(difference, '100'), multiplyDecimals(absolute(before), percent)) > 0;
}

const decimalFunctions = [
  celFunc('dec', [DYN], STRING, (value) => decimalFrom(value)),
  celFunc('decCompare', [DYN, DYN], INT, (a, b) => BigInt(compareDecimals(decimalFrom(a), decimalFrom(b)))),
  celFunc('decAdd', [DYN, DYN], STRING, (a, b) => addDecimals(decimalFrom(a), decimalFrom(b))),
  celFunc('decSubtract', [DYN, DYN], STRING, (a, b) => subtractDecimals(decimalFrom(a), decimalFrom(b))),
  celFunc('decMultiply', [DYN, DYN], STRING, (a, b) => multiplyDecimals(decimalFrom(a), decimalFrom(b))),
  celFunc('decAbs', [DYN], STRING, (a) => absolute(decimalFrom(a))),
  celFunc('changePercent', [DYN, DYN], STRING, (before, after) => changePercent(decimalFrom(before), decimalFrom(after))),
  celFunc('changesMoreThan', [DYN, DYN, DYN], BOOL, (before, after, percent) =>
    changesMoreThan(decimalFrom(before), decimalFrom(after), decimalFrom(percent))),
];

/** Decimals are texts on the wire, and "9" comes after "10" as a text: comparing two of them like that is refused instead of answered wrongly. */
function ordered(compare: (a: string, b: string) => boolean): (a: string, b: string) => boolean {
  return (a, b) => {
    if (parseDecimal(a, limits) !== undefined && parseDecimal(b, limits) !== undefined) {
      throw new Error('< and > compare texts letter by letter; compare decimals with decCompare(a, b)');
    }
    return compare(a, b);
  };
}

const textOrder = [
  celFunc('_<_', [STRING, STRING], BOOL, ordered((a, b) => a < b)),
  celFunc('_<=_', [STRING, STRING], BOOL, ordered((a, b) => a <= b)),
  celFunc('_>_', [STRING, STRING], BOOL, ordered((a, b) => a > b)),
  celFunc('_>=_', [STRING, STRING], BOOL, ordered((a, b) => a >= b)),
];

// CEL's own matches(): RE2 semantics, in time linear in the text.
const plainMatch = plan(celEnv(), parse('text.matches(pattern)'));

/** Whether the pattern occurs in the text. @throws Error when it is no pattern of RE2, or the text is too long */
export function matchesPattern(text: string, pattern: string): boolean {
  if (text.length > matchedTextMax) throw new Error(`only texts of at most ${matchedTextMax} characters are matched`);
  const result = plainMatch({ text, pattern });
  if (isCelError(result)) throw new Error(result.message);
  return result === true;
}

const bounded = [celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
  return matchesPattern(this, pattern);
})];

/** What predicates are written in: CEL with exact decimals, without the orders and the patterns that would go wrong. */
export const policyLanguage = celEnv({ funcs: [...decimalFunctions, ...textOrder, ...bounded] });
