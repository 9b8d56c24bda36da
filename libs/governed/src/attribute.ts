import { compareDecimals, decimalOf, isUuid, parseDate, parseInstant } from '@datum/platform';

export type AttributeKind =
  | 'text' | 'localized' | 'int' | 'decimal' | 'boolean' | 'date' | 'instant' | 'enum' | 'reference' | 'money' | 'quantity' | 'textList' | 'map' | 'objectList';

/** Decimals are strings on the wire; so are the parts of money and quantity. */
export interface Money { amount: string; currency: string }
export interface Quantity { value: string; unit: string }
/** Language tag → text. */
export type LocalizedText = Record<string, string>;

interface AttributeOptions {
  /** The attribute group it belongs to: what ownership is decided by. */
  group: string;
  description: string;
  example: unknown;
  /** Needed on create; can never be cleared. */
  required?: boolean;
  /** Given on create, never changed afterwards. */
  fixed?: boolean;
  /** Written by the gateway only; refused with 422 in any request. */
  computed?: boolean;
  /** Offered as `filter[name]` and, where `sort` is set, in `sort=`. Only where an index carries it. */
  filter?: boolean;
  sort?: boolean;
  /** Database column; default: the name in snake_case. */
  column?: string;
}

/** What is wrong with a value, and where inside it. */
export interface ValueProblem { at?: string; code: string; detail: string }
export type Parsed<T> = { value: T } | { problem: ValueProblem };

export interface Attribute<out T = unknown> extends AttributeOptions {
  kind: AttributeKind;
  /** For `enum`: the values a writer may send. Readers must expect more. */
  values?: readonly string[];
  /** For `reference`: the record type it points to. */
  refers?: string;
  maxLength?: number;
  /** For `objectList`: the OpenAPI schema of one object, and how many there may be. */
  itemSchema?: object;
  maxItems?: number;
  /** Checks one wire value (never null) and gives its canonical form. */
  parse(value: unknown): Parsed<T>;
  /** Only for type inference; never set. */
  readonly valueType?: T;
}

const problem = (code: string, detail: string, at?: string): { problem: ValueProblem } => ({ problem: { at, code, detail } });

export function text(options: AttributeOptions & { maxLength?: number; pattern?: RegExp; values?: readonly string[] }): Attribute<string> {
  const maxLength = options.maxLength ?? 200;
  return { ...options, kind: 'text', maxLength, parse: (value) => {
    if (typeof value !== 'string') return problem('type.text', 'A text is expected.');
    if (value.length === 0) return problem('text.empty', 'An empty text is not a value; send null to clear.');
    if (value.length > maxLength) return problem('text.too-long', `At most ${maxLength} characters.`);
    if (options.pattern && !options.pattern.test(value)) return problem('text.pattern', `Must look like ${String(options.example)}.`);
    return { value };
  } };
}

export function enumeration(options: AttributeOptions & { values: readonly string[] }): Attribute<string> {
  const allowed = new Set(options.values);
  return { ...options, kind: 'enum', parse: (value) =>
    typeof value === 'string' && allowed.has(value) ? { value } : problem('enum.unknown', `Must be one of ${options.values.join(', ')}.`) };
}

export function localized(options: AttributeOptions & { maxLength?: number }): Attribute<LocalizedText> {
  const maxLength = options.maxLength ?? 400;
  return { ...options, kind: 'localized', maxLength, parse: (value) => {
    if (!isPlainObject(value)) return problem('type.localized', 'An object of language tag to text is expected, like {"en": "Bolt"}.');
    for (const [tag, part] of Object.entries(value)) {
      if (!/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/.test(tag)) return problem('localized.tag', 'Not a language tag.', tag);
      if (typeof part !== 'string' || part.length === 0) return problem('type.text', 'A text is expected.', tag);
      if (part.length > maxLength) return problem('text.too-long', `At most ${maxLength} characters.`, tag);
    }
    return { value: value as LocalizedText };
  } };
}

export function integer(options: AttributeOptions & { min?: number; max?: number }): Attribute<number> {
  const { min = -2147483648, max = 2147483647 } = options;
  return { ...options, kind: 'int', parse: (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || Object.is(value, -0)) return problem('type.int', 'A whole number is expected.');
    return value < min || value > max ? problem('number.range', `Must be from ${min} to ${max}.`) : { value };
  } };
}

interface DecimalOptions { maxDigits?: number; maxScale?: number; min?: string; max?: string }

export function decimal(options: AttributeOptions & DecimalOptions): Attribute<string> {
  return { ...options, kind: 'decimal', parse: (value) => parseDecimalValue(value, options) };
}

export function boolean(options: AttributeOptions): Attribute<boolean> {
  return { ...options, kind: 'boolean', parse: (value) => (typeof value === 'boolean' ? { value } : problem('type.boolean', 'true or false is expected.')) };
}

export function date(options: AttributeOptions): Attribute<string> {
  return { ...options, kind: 'date', parse: (value) => {
    const parsed = typeof value === 'string' ? parseDate(value) : undefined;
    return parsed === undefined ? problem('type.date', 'A date like 2026-03-04 is expected.') : { value: parsed };
  } };
}

export function instant(options: AttributeOptions): Attribute<string> {
  return { ...options, kind: 'instant', parse: (value) => {
    const parsed = typeof value === 'string' ? parseInstant(value) : undefined;
    return parsed === undefined ? problem('type.instant', 'An RFC 3339 instant like 2026-03-04T14:00:00Z is expected.') : { value: parsed };
  } };
}

/** A reference to another record, by id. Writers may name it by its keys instead (see reference-lookup.ts). */
export function reference(options: AttributeOptions & { refers: string }): Attribute<string> {
  return { ...options, kind: 'reference', parse: (value) =>
    typeof value === 'string' && isUuid(value) ? { value } : problem('type.reference', 'An id, {"code": …} or {"system": …, "code": …} is expected.') };
}

export function money(options: AttributeOptions & DecimalOptions): Attribute<Money> {
  return { ...options, kind: 'money', parse: (value) => {
    if (!isPlainObject(value)) return problem('type.money', 'Money like {"amount": "12.50", "currency": "USD"} is expected.');
    const unknown = Object.keys(value).find((key) => key !== 'amount' && key !== 'currency');
    if (unknown) return problem('field.unknown', 'Not a part of money.', unknown);
    if (typeof value.currency !== 'string' || !/^[A-Z]{3}$/.test(value.currency)) return problem('money.currency', 'An ISO 4217 code is expected.', 'currency');
    const amount = parseDecimalValue(value.amount, options);
    return 'problem' in amount ? problem(amount.problem.code, amount.problem.detail, 'amount') : { value: { amount: amount.value, currency: value.currency } };
  } };
}

export function quantity(options: AttributeOptions & DecimalOptions): Attribute<Quantity> {
  return { ...options, kind: 'quantity', parse: (value) => {
    if (!isPlainObject(value)) return problem('type.quantity', 'A quantity like {"value": "4", "unit": "C62"} is expected.');
    const unknown = Object.keys(value).find((key) => key !== 'value' && key !== 'unit');
    if (unknown) return problem('field.unknown', 'Not a part of a quantity.', unknown);
    if (typeof value.unit !== 'string' || !/^[A-Z0-9]{2,3}$/.test(value.unit)) return problem('unit.code', 'A UN/ECE Rec 20 unit code is expected.', 'unit');
    const amount = parseDecimalValue(value.value, options);
    return 'problem' in amount ? problem(amount.problem.code, amount.problem.detail, 'value') : { value: { value: amount.value, unit: value.unit } };
  } };
}

export function textList(options: AttributeOptions & { maxItems?: number }): Attribute<string[]> {
  const maxItems = options.maxItems ?? 50;
  return { ...options, kind: 'textList', parse: (value) => {
    if (!Array.isArray(value) || value.length > maxItems) return problem('type.list', `A list of at most ${maxItems} texts is expected.`);
    const bad = value.findIndex((part) => typeof part !== 'string' || part.length === 0 || part.length > 200);
    return bad >= 0 ? problem('type.text', 'A text of at most 200 characters is expected.', String(bad)) : { value: value as string[] };
  } };
}

/** Free attribute → text pairs of a classification or a system's own making. At most 100 entries. */
export function map(options: AttributeOptions & { allowed?: readonly string[] }): Attribute<Record<string, string>> {
  return { ...options, kind: 'map', parse: (value) => {
    if (!isPlainObject(value) || Object.keys(value).length > 100) return problem('type.map', 'An object of at most 100 texts is expected.');
    for (const [key, part] of Object.entries(value)) {
      if (key.length > 60 || typeof part !== 'string' || part.length > 400) return problem('type.text', 'A text of at most 400 characters is expected.', key);
      if (options.allowed && !options.allowed.includes(part)) return problem('enum.unknown', `Must be one of ${options.allowed.join(', ')}.`, key);
    }
    return { value: value as Record<string, string> };
  } };
}

/** A list of objects whose inner form the record's own guard checks; written and replaced as a whole. */
export function objectList(options: AttributeOptions & { itemSchema: object; maxItems?: number }): Attribute<Record<string, unknown>[]> {
  const maxItems = options.maxItems ?? 100;
  return { ...options, kind: 'objectList', maxItems, parse: (value) => {
    if (!Array.isArray(value) || value.length > maxItems) return problem('type.list', `A list of at most ${maxItems} objects is expected.`);
    const bad = value.findIndex((part) => !isPlainObject(part));
    return bad >= 0 ? problem('type.object', 'An object is expected.', String(bad)) : { value: value as Record<string, unknown>[] };
  } };
}

function parseDecimalValue(value: unknown, limits: DecimalOptions): Parsed<string> {
  const { maxDigits = 24, maxScale = 10 } = limits;
  const parsed = decimalOf(value, { maxDigits, maxScale });
  if (parsed === undefined) return problem('type.decimal', `A decimal as a string is expected, like "12.50": at most ${maxDigits} digits, ${maxScale} after the point.`);
  if (limits.min !== undefined && compareDecimals(parsed, limits.min) < 0) return problem('number.range', `Must be at least ${limits.min}.`);
  if (limits.max !== undefined && compareDecimals(parsed, limits.max) > 0) return problem('number.range', `Must be at most ${limits.max}.`);
  return { value: parsed };
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
