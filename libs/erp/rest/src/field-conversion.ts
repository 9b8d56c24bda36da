import { ErpFailure } from '@datum/write-back';
import type { RestConversion, RestField, RestRecordType } from './rest-configuration.js';

/** Thrown when the ERP's value is not of the configured form: the whole answer is then not believed. */
export class UnexpectedValue extends Error {}

const decimalForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Canonical attributes of one row. @throws UnexpectedValue */
export function toAttributes(type: RestRecordType, row: Record<string, unknown>): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = 'languages' in field ? toLocalized(field.languages, row) : toCanonical(field.conversion, row[field.field]);
    if (value !== undefined) attributes[field.attribute] = value;
  }
  return attributes;
}

/** The ERP's members for canonical attributes. @throws ErpFailure `validation` with the attribute that cannot be written */
export function toMembers(
  type: RestRecordType, attributes: Record<string, unknown>, purpose: 'create' | 'update',
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [attribute, value] of Object.entries(attributes)) {
    const field = type.fields.find((candidate) => candidate.attribute === attribute);
    if (!field || field.write === 'never' || (field.write === 'create' && purpose === 'update')) {
      throw refused(attribute, `${attribute} cannot be written in this ERP.`);
    }
    if (value === null && field.required) throw refused(attribute, `${attribute} cannot be empty in this ERP.`);
    Object.assign(members, 'languages' in field
      ? fromLocalized(field.attribute, field.languages, value)
      : { [field.field]: value === null ? null : fromCanonical(field, field.conversion, value) });
  }
  return members;
}

function toCanonical(conversion: RestConversion, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (value === null) return null;
  switch (conversion.kind) {
    case 'string':
      return text(value);
    case 'decimal':
      return toDecimal(value);
    case 'boolean':
      if (value === conversion.yes) return true;
      if (value === conversion.no) return false;
      throw new UnexpectedValue();
    case 'enum':
      // A code nobody has mapped is not guessed at: the attribute stays unknown.
      return Object.entries(conversion.codes).find(([, code]) => code === text(value))?.[0];
  }
}

function toDecimal(value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  const written = typeof value === 'number' ? exactNumber(value) : text(value);
  if (!decimalForm.test(written)) throw new UnexpectedValue();
  return written;
}

/** A JSON number of at most 15 significant digits survives the way through a double. */
function exactNumber(value: number): string {
  const written = String(value);
  if (written.replace(/[-.]/g, '').replace(/^0+/, '').length > 15) throw new UnexpectedValue();
  return written;
}

function fromCanonical(field: RestField, conversion: RestConversion, value: unknown): unknown {
  const wrong = (): ErpFailure => refused(field.attribute, `${field.attribute} has a value this ERP cannot hold.`);
  if (conversion.kind === 'boolean') {
    if (typeof value !== 'boolean') throw wrong();
    return value ? conversion.yes : conversion.no;
  }
  if (typeof value !== 'string') throw wrong();
  if (conversion.kind === 'string') return value;
  if (conversion.kind === 'enum') {
    if (!Object.hasOwn(conversion.codes, value)) throw wrong();
    return conversion.codes[value];
  }
  if (!decimalForm.test(value)) throw wrong();
  if (conversion.as === 'string') return value;
  if (value.replace(/[-.]/g, '').replace(/^0+/, '').length > 15) throw wrong();
  return Number(value);
}

function toLocalized(languages: Record<string, string>, row: Record<string, unknown>): unknown {
  const texts: Record<string, string> = {};
  let known = false;
  for (const [language, field] of Object.entries(languages)) {
    const value = row[field];
    known ||= value !== undefined;
    if (value !== undefined && value !== null && value !== '') texts[language] = text(value);
  }
  if (!known) return undefined;
  return Object.keys(texts).length > 0 ? texts : null;
}

/** The value is the whole text: a language it does not name is cleared. */
function fromLocalized(attribute: string, languages: Record<string, string>, value: unknown): Record<string, unknown> {
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw refused(attribute, `${attribute} must be given by language.`);
  }
  const texts = (value ?? {}) as Record<string, unknown>;
  for (const [language, written] of Object.entries(texts)) {
    if (!Object.hasOwn(languages, language) && written !== null) {
      throw refused(attribute, `This ERP has no ${attribute} in the language ${language}.`);
    }
    if (written !== null && typeof written !== 'string') throw refused(attribute, `${attribute} must be text.`);
  }
  return Object.fromEntries(Object.entries(languages).map(([language, field]) => [field, texts[language] ?? null]));
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new UnexpectedValue();
  return value;
}

const refused = (field: string, message: string): ErpFailure => new ErpFailure('validation', message, { field });
