import { z } from 'zod';

/** One environment variable: how it is read, and what people are told about it. */
export interface Variable<T> {
  name: string;
  about: string;
  /** A value that would be accepted. */
  example: string;
  /** Completes the sentence "… is not …". */
  expects: string;
  /** The text that is read when the variable is unset; undefined means the value stays undefined. */
  fallback?: string;
  /** Never printed, and readable from the file named by `<NAME>_FILE`. */
  secret: boolean;
  schema: z.ZodType<T>;
}

export interface VariableText {
  name: string;
  about: string;
  example: string;
  fallback?: string;
}

type Optional<T, V extends VariableText> = V extends { fallback: string } ? Variable<T> : Variable<T | undefined>;

function variable<T, V extends VariableText>(
  text: V,
  expects: string,
  schema: z.ZodType<T>,
  secret = false,
): Optional<T, V> {
  return { ...text, expects, schema, secret };
}

export function wholeNumber<V extends VariableText>(text: V, min: number, max: number) {
  const schema = z.string().regex(/^\d{1,12}$/).transform(Number).pipe(z.number().int().min(min).max(max));
  return variable<number, V>(text, `a whole number from ${min} to ${max}`, schema);
}

export function oneOf<const O extends readonly [string, ...string[]], V extends VariableText>(text: V, options: O) {
  return variable<O[number], V>(text, `one of ${options.join(', ')}`, z.enum(options));
}

export function httpUrl<V extends VariableText>(text: V) {
  const schema = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
  return variable<string, V>(text, 'an http or https URL', schema);
}

export function plainText<V extends VariableText>(text: V) {
  return variable<string, V>(text, 'a text of 1 to 1024 printable characters', z.string().regex(/^\P{Cc}{1,1024}$/u));
}

export function instant<V extends VariableText>(text: V) {
  return variable<string, V>(text, 'an RFC 3339 instant', z.iso.datetime({ offset: true }));
}

/** A PostgreSQL connection URL. It carries a password, so it is a secret. */
export function postgresUrl<V extends VariableText>(text: V) {
  return variable<string, V>(text, 'a postgres:// URL', z.url({ protocol: /^postgres(?:ql)?$/ }), true);
}
