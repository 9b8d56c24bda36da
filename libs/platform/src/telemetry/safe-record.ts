/**
 * Makes any value fit to stand in a log line: bounded, free of secrets, and unable to forge a line or steer a terminal. JSON escapes
 * CR, LF and ESC by itself; what it leaves alone (C1 controls, line separators, bidirectional overrides) is escaped here.
 */
const textCharsMax = 2_048;
const depthMax = 8;
const entriesMax = 64;
/** Bytes one record's values may take together, so that the line stays below `lineBytesMax` with its frame. */
const recordBytesMax = 12_000;
const redacted = '[redacted]';
const cut = '[truncated]';

const secretWord = 'authorization|cookie|secret|passw(?:or)?d|signature|api[-_]?key|private[-_]?key|dpop';
const secretName = new RegExp(`(?:${secretWord})|(?:tokens?|assertion|jwt)$`, 'i');
const suspicious = new RegExp(`${secretWord}|token|assertion|bearer|basic|eyj|://`, 'i');
const secretEnd = `(?:${secretWord}|token|assertion)[\\w-]{0,40}`;
const secretField = `[\\w-]{0,40}${secretEnd}`;
/** Every pattern is bounded or cannot backtrack, because its input comes from outside. */
const secretTexts: readonly [RegExp, string][] = [
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)\s{0,4}[:=][^\r\n]*/gi, `$1: ${redacted}`],
  // A value in JSON; in JSON inside a JSON text, where every quote has a backslash; and after any other "name:" or "name=".
  [new RegExp(`("${secretField}"\\s{0,4}:\\s{0,4}")(?:[^"\\\\]|\\\\.)*`, 'gi'), `$1${redacted}`],
  [new RegExp(`(\\\\"${secretField}\\\\"\\s{0,4}:\\s{0,4}\\\\")(?:[^"\\\\]|\\\\\\\\(?:\\\\["\\\\])?)*`, 'gi'), `$1${redacted}`],
  [new RegExp(`(${secretEnd}[\\\\"']{0,16}\\s{0,4}[:=][\\s\\\\"']{0,16})[^"'\\\\,;}&\\s]+`, 'gi'), `$1${redacted}`],
  [/\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}/gi, `$1 ${redacted}`],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g, redacted],
  [/(:\/\/[^\s:/@]{0,100}:)[^\s@]{1,1000}@/g, `$1${redacted}@`],
];
const unsafeChars = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export const isSecretName = (name: string): boolean => secretName.test(name);

/** A text as it may stand in a log value: at most 2,048 characters, secrets and unsafe characters replaced. */
export function safeText(text: string): string {
  const bounded = text.length > textCharsMax ? `${text.slice(0, textCharsMax)}${cut}` : text;
  const clean = suspicious.test(bounded)
    ? secretTexts.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), bounded)
    : bounded;
  return clean.replace(unsafeChars, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The fields of a record, safe to log. Names the log itself uses get a leading underscore, so that nobody can write them twice. */
export function safeFields(fields: object): Record<string, unknown> {
  const budget = { bytes: recordBytesMax };
  const safe = safeValue(fields, budget, 0, new Set());
  if (typeof safe !== 'object' || safe === null || Array.isArray(safe)) return { value: safe };
  return Object.fromEntries(Object.entries(safe).map(([key, value]) => [reservedNames.has(key) ? `_${key}` : key, value]));
}

const reservedNames = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'v']);

interface Budget {
  bytes: number;
}

function safeValue(value: unknown, budget: Budget, depth: number, above: Set<object>): unknown {
  if (budget.bytes <= 0) return cut;
  switch (typeof value) {
    case 'string': return spend(safeText(value), budget);
    case 'bigint': return spend(String(value).slice(0, 100), budget);
    case 'number':
    case 'boolean': return value;
    case 'object': return value === null ? null : safeObject(value, budget, depth, above);
    default: return undefined;
  }
}

/** Takes the text from the budget; what does not fit is cut. Escapes cost up to six bytes for one character. */
function spend(text: string, budget: Budget): string {
  const bytes = Buffer.byteLength(JSON.stringify(text));
  if (bytes <= budget.bytes) {
    budget.bytes -= bytes;
    return text;
  }
  const kept = text.slice(0, Math.floor(budget.bytes / 6));
  budget.bytes = 0;
  return `${kept}${cut}`;
}

function safeObject(value: object, budget: Budget, depth: number, above: Set<object>): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (above.has(value)) return '[circular]';
  if (depth >= depthMax) return cut;
  above.add(value);
  const result = Array.isArray(value) || value instanceof Set
    ? safeList([...value].slice(0, entriesMax), budget, depth, above)
    : safeEntries(entriesOf(value), budget, depth, above);
  above.delete(value);
  return result;
}

/** A list; after an element that is a secret's name (raw header lists) the value is replaced. */
function safeList(list: unknown[], budget: Budget, depth: number, above: Set<object>): unknown[] {
  return list.map((value, i) => {
    const before = list[i - 1];
    const named = typeof value === 'string' && typeof before === 'string' && before.length < 64 && isSecretName(before);
    return named ? redacted : safeValue(value, budget, depth + 1, above);
  });
}

function safeEntries(entries: [string, unknown][], budget: Budget, depth: number, above: Set<object>) {
  const safe: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries.slice(0, entriesMax)) {
    if (budget.bytes <= 0) break;
    const key = spend(safeText(name.slice(0, 128)), budget);
    const secret = typeof value !== 'boolean' && value !== null && value !== undefined && isSecretName(name);
    safe[key] = secret ? redacted : safeValue(value, budget, depth + 1, above);
  }
  return safe;
}

function entriesOf(value: object): [string, unknown][] {
  if (value instanceof Map) return [...value].map(([key, entry]) => [String(key), entry]);
  if (!(value instanceof Error)) return Object.entries(value);
  const { name, message, stack, cause } = value;
  const lines = stack?.split('\n').slice(1, 12).join('\n');
  return Object.entries({ ...value, name, message, stack: lines, cause });
}
