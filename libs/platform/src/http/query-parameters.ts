import { AppError, malformed, type FieldProblem } from '../errors/app-error.js';
import { pointer } from './pointer.js';
import { checkText, normalText } from './text-policy.js';

export const queryParametersMax = 100;

/** The parameters of a query, each at most once. What is not taken is unknown. */
export class QueryParameters {
  private readonly taken = new Set<string>();

  constructor(private readonly values: ReadonlyMap<string, string>) {}

  names(): string[] {
    return [...this.values.keys()];
  }

  take(name: string): string | undefined {
    this.taken.add(name);
    return this.values.get(name);
  }

  untaken(): string[] {
    return this.names().filter((name) => !this.taken.has(name));
  }
}

/**
 * Splits and decodes a raw query strictly.
 * @throws AppError malformed: more than 100 parameters, broken percent-encoding, a repeated parameter; invalid (422): forbidden characters
 */
export function readQuery(rawQuery: string): QueryParameters {
  const values = new Map<string, string>();
  const repeated: FieldProblem[] = [];
  for (const part of splitQuery(rawQuery)) {
    const equals = part.indexOf('=');
    const name = decodeComponent(equals < 0 ? part : part.slice(0, equals), '#/query');
    const value = decodeComponent(equals < 0 ? '' : part.slice(equals + 1), pointer('query', name));
    checkParameter(name, value);
    if (values.has(name)) {
      repeated.push({ pointer: pointer('query', name), code: 'query.repeated', detail: 'This parameter may stand once.' });
    }
    values.set(name, normalText(value));
  }
  if (repeated.length > 0) throw malformed('query.repeated', 'A parameter of the query is repeated.', repeated);
  return new QueryParameters(values);
}

/** The parts of a query between `&`. @throws AppError malformed `query.too-many-parameters` */
export function splitQuery(rawQuery: string): string[] {
  const parts = rawQuery.split('&', queryParametersMax + 1);
  if (parts.length <= queryParametersMax) return parts.filter((part) => part !== '');
  const detail = `At most ${queryParametersMax} parameters are read.`;
  throw malformed('query.too-many-parameters', 'The query has too many parameters.', [
    { pointer: '#/query', code: 'query.too-many-parameters', detail },
  ]);
}

/** @throws AppError malformed `url.encoding` when the percent-encoding or the UTF-8 in it is broken */
export function decodeComponent(text: string, at: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    const problem = { pointer: at, code: 'url.encoding', detail: 'The percent-encoding is broken or not UTF-8.' };
    throw malformed('url.encoding', 'The address is not encoded correctly.', [problem]);
  }
}

function checkParameter(name: string, value: string): void {
  const bad = checkText(name, '#/query') ?? checkText(value, pointer('query', name));
  if (bad) throw new AppError('invalid', 'text.invalid', 'The query contains characters that are not allowed.', { errors: [bad] });
}
