import { Decimal } from 'decimal.js';
import { z } from 'zod';

/** Tryton's JSON forms of values that JSON does not have. Decimals stay strings; times keep their microseconds. */
const decimalForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** A decimal string as Tryton wants it; undefined when it is none. A JSON number would carry binary noise and is refused. */
export function toTrytonDecimal(value: unknown): { __class__: 'Decimal'; decimal: string } | undefined {
  return typeof value === 'string' && decimalForm.test(value) ? { __class__: 'Decimal', decimal: value } : undefined;
}

export const trytonDecimal = z
  .object({ __class__: z.literal('Decimal'), decimal: z.string() })
  .transform(({ decimal }, context) => {
    // Python writes some decimals with an exponent; the others are taken digit by digit.
    if (decimalForm.test(decimal)) return decimal;
    try {
      return new Decimal(decimal).toFixed();
    } catch {
      context.addIssue('not a decimal');
      return z.NEVER;
    }
  });

const two = (part: number): string => String(part).padStart(2, '0');

/** A UTC time without zone, as RFC 3339 with microseconds. */
export const trytonInstant = z
  .object({
    __class__: z.literal('datetime'), year: z.int(), month: z.int(), day: z.int(), hour: z.int(), minute: z.int(), second: z.int(),
    microsecond: z.int().default(0),
  })
  .transform(({ year, month, day, hour, minute, second, microsecond }) =>
    `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`
    + `.${String(microsecond).padStart(6, '0')}Z`);

/** An instant as Tryton compares it. Millisecond precision: only lower bounds are sent. */
export function toTrytonInstant(instant: string): object {
  const at = new Date(instant);
  return {
    __class__: 'datetime', year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(),
    hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), microsecond: at.getUTCMilliseconds() * 1_000,
  };
}
