const jsonNumber = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** A double holds every decimal of up to 15 digits. */
const shortDecimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const shortCharactersMax = 15;

/**
 * What is wrong with a number token: `syntax` when it is no JSON number, a problem when a double cannot hold exactly what is written.
 * So a decimal attribute may take a JSON number: the number it sees is the one that was sent, digit for digit.
 */
export function numberProblem(token: string): { code: string; detail: string } | 'syntax' | undefined {
  if (token.length <= shortCharactersMax && shortDecimal.test(token) && Number(token) !== 0) return undefined;
  if (/^-?(?:NaN|Infinity)$/.test(token)) {
    return { code: 'number.not-finite', detail: 'NaN and Infinity are no numbers here.' };
  }
  const parts = jsonNumber.exec(token);
  if (!parts) return 'syntax';
  const value = Number(token);
  if (Object.is(value, -0)) return { code: 'number.minus-zero', detail: 'Minus zero is not a value.' };
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER || !sameDigits(parts, value)) {
    return { code: 'number.inexact', detail: 'This number cannot be kept exactly; send it as a decimal in a string.' };
  }
  return undefined;
}

/** Whether the shortest text of the double is the number that was written. */
function sameDigits(written: RegExpExecArray, value: number): boolean {
  const printed = jsonNumber.exec(String(value).replace('e+', 'e'));
  return printed !== null && significant(written) === significant(printed);
}

/** Digits without zeros at either end, and the power of ten they are multiplied with. */
function significant([, , whole = '', fraction = '', exponent = '0']: RegExpExecArray): string {
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  if (end === 0) return '0';
  return `${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
