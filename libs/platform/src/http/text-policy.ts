import type { FieldProblem } from '../errors/app-error.js';

/**
 * What text may not contain, in every channel: NUL and the other C0 controls except tab, line feed and carriage return (PostgreSQL cannot hold
 * NUL; the rest has no place in master data), DEL, and halves of surrogate pairs, which no encoding can carry.
 */
const forbidden = /[\0-\x08\v\f\x0e-\x1f\x7f]/;
const loneSurrogate = /\p{Surrogate}/u;
/**
 * More than 30 marks on one character are no text of any language [UAX #15, Stream-Safe Text Format], and sorting them for NFC takes time with
 * the square of their number (measured: 40 kB took 0.5 s).
 */
const tooManyMarks = /\p{M}{31}/u;
const nonAscii = /[^\0-\x7f]/;

/** The problem with a text, or undefined. */
export function checkText(value: string, pointer: string): FieldProblem | undefined {
  const control = forbidden.exec(value);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    return { pointer, code: 'text.control-character', detail: `The control character U+${code} is not allowed.` };
  }
  if (!nonAscii.test(value)) return undefined;
  if (loneSurrogate.test(value)) {
    return { pointer, code: 'text.lone-surrogate', detail: 'Half a surrogate pair is not a character.' };
  }
  if (tooManyMarks.test(value)) {
    return { pointer, code: 'text.too-many-marks', detail: 'A character carries more than 30 combining marks.' };
  }
  return undefined;
}

/** The form in which text is kept and compared: Unicode NFC. Applied to every text that comes in, after `checkText`. */
export const normalText = (value: string): string => (nonAscii.test(value) ? value.normalize('NFC') : value);
