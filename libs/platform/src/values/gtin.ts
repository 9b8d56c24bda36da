/** The lengths of a GTIN: GTIN-8, -12 (UPC-A), -13 (EAN-13) and -14. */
const gtinLengths: readonly number[] = [8, 12, 13, 14];

/** A GTIN-8, -12, -13 or -14 with a correct check digit [GS1 General Specifications 7.9]. */
export const isGtin = (text: string): boolean => gtinLengths.includes(text.length) && hasGs1CheckDigit(text);

/** A Global Location Number: 13 digits with a correct check digit. */
export const isGln = (text: string): boolean => text.length === 13 && hasGs1CheckDigit(text);

/** A Serial Shipping Container Code: 18 digits with a correct check digit. */
export const isSscc = (text: string): boolean => text.length === 18 && hasGs1CheckDigit(text);

/** The 14-digit form in which GTINs of different lengths are compared; undefined for what is no GTIN. */
export const gtin14 = (text: string): string | undefined => (isGtin(text) ? text.padStart(14, '0') : undefined);

/**
 * The GS1 check digit of the digits before it: weights 3 and 1 from the right, modulo 10.
 * @param digits 1 to 17 digits, without the check digit
 * @throws RangeError for anything else
 */
export function gs1CheckDigit(digits: string): string {
  if (!/^\d{1,17}$/.test(digits)) throw new RangeError('Expected 1 to 17 digits.');
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const weight = (digits.length - i) % 2 === 1 ? 3 : 1;
    sum += Number(digits[i]) * weight;
  }
  return String((10 - (sum % 10)) % 10);
}

function hasGs1CheckDigit(text: string): boolean {
  return /^\d{2,18}$/.test(text) && gs1CheckDigit(text.slice(0, -1)) === text.at(-1);
}
