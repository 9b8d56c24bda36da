import { usage } from '../cli-error.js';

/** What is wrong with a value of a row, in a sentence. */
export class RowProblem extends Error {}

/** A step of a value on its way; never called with an empty value. Null: there is no value. */
export type Transform = (value: string | number | boolean) => string | number | boolean | null;

export interface CodeLists { codes: Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>> }

const decimalText = /^[+-]?\d+(?:\.\d+)?$/;
const isoDay = /^\d{4}-\d{2}-\d{2}$/;

/** Builds the transform that stands under its name in a pack: `trim`, or `{date: "dd.MM.yyyy"}`. @throws CliError when there is none of the name */
export function transformOf(step: string | Record<string, unknown>, lists: CodeLists): Transform {
  const [name, option] = typeof step === 'string' ? [step, undefined] : (Object.entries(step)[0] ?? ['', undefined]);
  const make = factories[name];
  if (!make) throw usage(`There is no transform "${name}"; known are ${Object.keys(factories).join(', ')}.`);
  return make(option, lists);
}

const factories: Record<string, (option: unknown, lists: CodeLists) => Transform> = {
  trim: () => (value) => text(value).trim() || null,
  upper: () => (value) => text(value).toUpperCase(),
  lower: () => (value) => text(value).toLowerCase(),
  prefix: (option) => (value) => `${String(option)}${text(value)}`,
  suffix: (option) => (value) => `${text(value)}${String(option)}`,
  /** Spellings of "nothing" in this source: NULL, -, n/a. */
  empty: (option) => {
    const nothing = new Set((option as string[]).map(String));
    return (value) => (nothing.has(text(value)) ? null : value);
  },
  integer: () => (value) => {
    const plain = text(value).replace(/\.0+$/, '');
    if (!/^[+-]?\d{1,15}$/.test(plain)) throw new RowProblem(`"${text(value)}" is no whole number.`);
    return Number(plain) + 0;
  },
  decimal: (option) => decimal((option ?? {})),
  boolean: (option) => boolean((option ?? {})),
  date: (option) => dateOf(typeof option === 'string' ? option : 'yyyy-MM-dd'),
  instant: (option) => instantOf(typeof option === 'string' ? option : 'yyyy-MM-dd HH:mm:ss'),
  /** The last day that counts becomes the first that no longer does: ends are exclusive in Datum. */
  dayAfter: () => (value) => {
    if (!isoDay.test(text(value))) throw new RowProblem(`"${text(value)}" is no day; put the date transform first.`);
    const day = new Date(`${text(value)}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + 1);
    return day.toISOString().slice(0, 10);
  },
  code: (option, { codes }) => {
    const name = String(option);
    const list = codes[name];
    if (!list) throw usage(`The pack has no code list "${name}".`);
    return (value) => {
      if (!Object.hasOwn(list, text(value))) throw new RowProblem(`"${text(value)}" is not in the code list "${name}".`);
      return list[text(value)]!;
    };
  },
};

const text = (value: string | number | boolean): string => String(value);

/** `{point: ",", group: "."}` reads 1.234,50. Exact: digits are moved, never calculated. */
function decimal({ point = '.', group }: { point?: string; group?: string }): Transform {
  return (value) => {
    const plain = (group === undefined ? text(value) : text(value).replaceAll(group, '')).replace(point, '.');
    if (!decimalText.test(plain)) throw new RowProblem(`"${text(value)}" is no decimal number.`);
    const [whole = '', fraction = ''] = plain.replace(/^[+-]/, '').split('.');
    const digits = whole.replace(/^0+(?=\d)/, '');
    const kept = fraction.replace(/0+$/, '');
    const isZero = /^0*$/.test(digits + kept);
    return `${plain.startsWith('-') && !isZero ? '-' : ''}${digits}${kept === '' ? '' : `.${kept}`}`;
  };
}

function boolean({ true: yes = ['1', 'true', 'TRUE', 'True', 'Y', 'y', 'yes'], false: no = ['0', 'false', 'FALSE', 'False', 'N', 'n', 'no'] }): Transform {
  const known = new Map([...yes.map((each) => [String(each), true] as const), ...no.map((each) => [String(each), false] as const)]);
  return (value) => {
    const found = known.get(text(value));
    if (found === undefined) throw new RowProblem(`"${text(value)}" is neither yes nor no.`);
    return found;
  };
}

const parts: Record<string, string> = { yyyy: '(?<year>\\d{4})', MM: '(?<month>\\d{2})', M: '(?<month>\\d{1,2})', dd: '(?<day>\\d{2})', d: '(?<day>\\d{1,2})', HH: '(?<hour>\\d{2})', mm: '(?<minute>\\d{2})', ss: '(?<second>\\d{2})' };

/** A format like `dd.MM.yyyy` or `yyyy-MM-dd HH:mm:ss` as a pattern for the whole text. */
function patternOf(format: string): RegExp {
  const source = format.replace(/yyyy|MM|dd|HH|mm|ss|[A-Za-z]|[^A-Za-z]/g, (token) => parts[token] ?? (/[A-Z]/i.test(token) ? token : `\\u${token.charCodeAt(0).toString(16).padStart(4, '0')}`));
  const pattern = new RegExp(`^${source}$`);
  if (!source.includes('year') || !source.includes('month') || !source.includes('day')) throw usage(`The date format "${format}" needs yyyy, MM and dd.`);
  return pattern;
}

function read(pattern: RegExp, format: string, value: string | number | boolean): { day: string; time: string } {
  const found = pattern.exec(text(value))?.groups;
  if (!found) throw new RowProblem(`"${text(value)}" is no date of the form ${format}.`);
  const { year = '', month = '', day = '', hour = '00', minute = '00', second = '00' } = found;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso) throw new RowProblem(`"${text(value)}" is a day that does not exist.`);
  return { day: iso, time: `${hour}:${minute}:${second}` };
}

/** The day of it; a time of day, if there is one, must be midnight, or it would be lost. */
function dateOf(format: string): Transform {
  const pattern = patternOf(format);
  return (value) => {
    const { day, time } = read(pattern, format, value);
    if (time !== '00:00:00') throw new RowProblem(`"${text(value)}" has a time of day, which a date would lose.`);
    return day;
  };
}

/** The instant of it, taken as UTC. */
function instantOf(format: string): Transform {
  const pattern = patternOf(format);
  return (value) => {
    const { day, time } = read(pattern, format, value);
    return `${day}T${time}Z`;
  };
}
