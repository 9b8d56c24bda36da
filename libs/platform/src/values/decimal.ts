import { Decimal } from 'decimal.js';
import type { FieldProblem } from '../errors/app-error.js';

/** How many digits a decimal may have, as it is written: in all, and behind the point. */
export interface DecimalLimits {
  maxDigits: number;
  maxScale: number;
}

/** What a `numeric` column without limits of its own takes here. Sums and products of such values stay exact. */
export const defaultDecimalLimits: DecimalLimits = { maxDigits: 38, maxScale: 18 };

// No result of one addition or multiplication of allowed values needs more than 2 × 38 digits; nothing is ever rounded.
const Exact = Decimal.clone({ precision: 400, toExpNeg: -9e15, toExpPos: 9e15 });
const decimalPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * The canonical form of a decimal: no exponent, no plus sign, no leading zeros, no trailing zeros behind the point.
 * Undefined when the text is no plain decimal, is minus zero, or has more digits than allowed: exact or refused.
 */
export function parseDecimal(text: string, limits: DecimalLimits = defaultDecimalLimits): string | undefined {
  if (text.length > limits.maxDigits + 2 || !decimalPattern.test(text)) return undefined;
  const negative = text.startsWith('-');
  const [whole = '', written = ''] = (negative ? text.slice(1) : text).split('.');
  if (written.length > limits.maxScale || whole.length + written.length > limits.maxDigits) return undefined;
  const fraction = withoutTrailingZeros(written);
  if (negative && whole === '0' && fraction === '') return undefined;
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * The canonical decimal of a value from a JSON body: a string, or a number. A number is exact here, because the body parser lets only numbers
 * pass that a double holds digit for digit. Undefined for everything else.
 */
export function decimalOf(value: unknown, limits: DecimalLimits = defaultDecimalLimits): string | undefined {
  if (typeof value === 'string') return parseDecimal(value, limits);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Object.is(value, -0) ? undefined : parseDecimal(new Exact(value).toFixed(), limits);
}

/** The problem with `text` as a decimal, for a 422 answer; undefined when it is one. */
export function decimalProblem(text: string, pointer: string, limits = defaultDecimalLimits): FieldProblem | undefined {
  if (parseDecimal(text, limits) !== undefined) return undefined;
  const { maxDigits, maxScale } = limits;
  const detail = `Expected a decimal such as "12.5" with at most ${maxDigits} digits, ${maxScale} of them behind the point.`;
  return { pointer, code: 'decimal.invalid', detail };
}

/** -1, 0 or 1, by value: `1.50` equals `1.5`. */
export const compareDecimals = (a: string, b: string): number => new Exact(a).cmp(b);

export const addDecimals = (a: string, b: string): string => canonicalZero(new Exact(a).add(b));

export const subtractDecimals = (a: string, b: string): string => canonicalZero(new Exact(a).sub(b));

export const multiplyDecimals = (a: string, b: string): string => canonicalZero(new Exact(a).mul(b));

/** decimal.js knows a minus zero; the wire does not. */
const canonicalZero = (value: Decimal): string => (value.isZero() ? '0' : value.toFixed());

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
