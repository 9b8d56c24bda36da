const instantPattern = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})$/;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Year 0 does not exist in ISO dates of business, and 9999 stands for "for ever" in ERPs: an open end is null here. */
const firstYear = 1;
const lastYear = 9998;

const minuteMs = 60_000;

/**
 * An RFC 3339 instant in normal form: UTC with `Z`, the fraction as PostgreSQL prints it (up to microseconds, no trailing zeros).
 * Undefined for what is no instant: 30 February, a leap second (the store has none), an offset beyond 23:59, a year outside 1–9998, or
 * digits finer than a microsecond, which could only be rounded.
 */
export function parseInstant(text: string): string | undefined {
  const match = text.length <= 42 ? instantPattern.exec(text) : null;
  if (!match) return undefined;
  const [, date = '', hour = '', minute = '', second = '', fraction = '', zone = ''] = match;
  const dayMs = dateMs(date);
  const offset = offsetMinutes(zone);
  const micros = trimmedMicros(fraction);
  if (dayMs === undefined || offset === undefined || micros === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  const utc = new Date(dayMs + minutes * minuteMs + Number(second) * 1_000);
  if (utc.getUTCFullYear() < firstYear || utc.getUTCFullYear() > lastYear) return undefined;
  return `${utc.toISOString().slice(0, 19)}${micros === '' ? '' : `.${micros}`}Z`;
}

/** An ISO calendar date `YYYY-MM-DD` that exists, in the years 1–9998; undefined otherwise. */
export function parseDate(text: string): string | undefined {
  return text.length === 10 && dateMs(text) !== undefined ? text : undefined;
}

export const isInstant = (text: string): boolean => parseInstant(text) !== undefined;

export const isDate = (text: string): boolean => parseDate(text) !== undefined;

/** Order of two instants in normal form, to the microsecond: negative, zero or positive. */
export function compareInstants(a: string, b: string): number {
  const left = sortable(a);
  const right = sortable(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

const sortable = (instant: string): string => {
  const [seconds = '', fraction = ''] = instant.slice(0, -1).split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}`;
};

function dateMs(text: string): number | undefined {
  const match = datePattern.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < firstYear || year > lastYear) return undefined;
  // Date.UTC takes the years 0–99 for 1900–1999, setUTCFullYear does not.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function trimmedMicros(fraction: string): string | undefined {
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end -= 1;
  return end > 6 ? undefined : fraction.slice(0, end);
}
