import { isGtin } from '@datum/platform';
import { text, type Attribute } from '@datum/governed';

/** A Global Location Number: 13 digits with the check digit of GS1. */
export function gln(group: string): Attribute<string> {
  const attribute = text({ group, description: 'GLN, 13 digits with a valid check digit.', example: '4012345000009', filter: true, maxLength: 13 });
  return checked(attribute, (value) => value.length === 13 && isGtin(value), 'gln.check-digit', 'A GLN of 13 digits with a right check digit is expected.');
}

/** An account number [ISO 13616], without spaces. */
export function iban(group: string): Attribute<string> {
  const attribute = text({ group, description: 'IBAN without spaces.', example: 'DE89370400440532013000', maxLength: 34 });
  return checked(attribute, isIban, 'iban.check-digits', 'An IBAN with right check digits is expected.');
}

export function isIban(value: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(value)) return false;
  const digits = (value.slice(4) + value.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}

function checked(attribute: Attribute<string>, holds: (value: string) => boolean, code: string, detail: string): Attribute<string> {
  return { ...attribute, parse: (value) => {
    const parsed = attribute.parse(value);
    return 'problem' in parsed || holds(parsed.value) ? parsed : { problem: { code, detail } };
  } };
}
