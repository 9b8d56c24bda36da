import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';
import { parseDecimal } from '../values/decimal.js';
import { parseDate, parseInstant } from '../values/instant.js';

interface TextScalar {
  name: string;
  description: string;
  specifiedByURL?: string;
  /** The value in normal form, or undefined when the text is none. */
  parse: (text: string) => string | undefined;
  /** What the program may hand out: the text, or undefined when it is no such value. */
  print: (value: unknown) => string | undefined;
  example: string;
}

/** A scalar that is a string on the wire, in both directions. Numbers are refused: they may have lost digits on their way. */
function textScalar(options: TextScalar): GraphQLScalarType<string, string> {
  const parse = (value: unknown): string => {
    const parsed = typeof value === 'string' ? options.parse(value) : undefined;
    if (parsed === undefined) throw new GraphQLError(`${options.name} is a string such as "${options.example}".`);
    return parsed;
  };
  return new GraphQLScalarType({
    name: options.name,
    description: options.description,
    specifiedByURL: options.specifiedByURL,
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.STRING ? node.value : undefined),
    serialize: (value: unknown) => {
      const text = options.print(value);
      if (text === undefined) throw new TypeError(`Not a ${options.name}: ${typeof value}`);
      return text;
    },
  });
}

const matching = (pattern: RegExp) => (value: unknown): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;

/** An exact decimal as a string: no exponent, no sign of plus. */
export const DecimalScalar = textScalar({
  name: 'Decimal',
  description: 'An exact decimal number as a string, without exponent: "12.5". At most 38 digits, 18 of them behind the point.',
  parse: (text) => parseDecimal(text),
  print: matching(/^-?\d+(?:\.\d+)?$/),
  example: '12.5',
});

/** An instant, RFC 3339, answered in UTC. */
export const DateTimeScalar = textScalar({
  name: 'DateTime',
  description: 'An instant as RFC 3339 writes it; answered in UTC: "2026-11-02T15:00:00Z".',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  parse: parseInstant,
  print: (value) => parseInstant(value instanceof Date ? isoOf(value) : String(value)),
  example: '2026-11-02T15:00:00Z',
});

/** A calendar day. */
export const DateScalar = textScalar({
  name: 'Date',
  description: 'A calendar day: "2026-11-02".',
  parse: parseDate,
  print: (value) => (typeof value === 'string' ? parseDate(value) : undefined),
  example: '2026-11-02',
});

/** A 64-bit integer as a string. */
export const BigIntScalar = textScalar({
  name: 'BigInt',
  description: 'A signed 64-bit integer as a string: "9007199254740993".',
  parse: parseBigInt,
  print: (value) => (typeof value === 'string' || typeof value === 'bigint' ? parseBigInt(String(value)) : undefined),
  example: '9007199254740993',
});

type JsonObject = Record<string, unknown>;

/** A JSON object whose keys are data, not structure: attribute maps. Everything else has a type of its own. */
export const JsonScalar = new GraphQLScalarType<JsonObject, JsonObject>({
  name: 'JSON',
  description: 'A JSON object whose keys are data, such as a map of attributes.',
  parseValue: jsonObject,
  parseLiteral: (node, variables) => jsonObject(node.kind === Kind.OBJECT ? valueFromASTUntyped(node, variables) : undefined),
  serialize: jsonObject,
});

type LocalizedText = string | Record<string, string>;

/** A text, or one text per language. */
export const LocalizedTextScalar = new GraphQLScalarType<LocalizedText, LocalizedText>({
  name: 'LocalizedText',
  description: 'A text, or one text per language tag: {"en": "Bracket", "de-DE": "Halter"}.',
  parseValue: (value) => localizedText(value),
  // Validation looks at literals before the variables in them have values.
  parseLiteral: (node, variables) => localizedText(valueFromASTUntyped(node, variables), !variables),
  serialize: (value) => localizedText(value),
});

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

function parseBigInt(text: string): string | undefined {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= int64Min && value <= int64Max ? text : undefined;
}

const isoOf = (date: Date): string => (Number.isNaN(date.getTime()) ? '' : date.toISOString());

function jsonObject(value: unknown): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new GraphQLError('JSON is an object.');
  return value as JsonObject;
}

const languageTag = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;

function localizedText(value: unknown, mayMiss = false): LocalizedText {
  const isText = (text: unknown) => typeof text === 'string' || (mayMiss && text === undefined);
  if (isText(value)) return value as string;
  const isMap = value !== null && typeof value === 'object' && !Array.isArray(value);
  if (isMap && Object.entries(value).every(([tag, text]) => languageTag.test(tag) && isText(text))) {
    return value as Record<string, string>;
  }
  throw new GraphQLError('LocalizedText is a string, or an object with one string per language tag such as {"en": "Bracket"}.');
}
