import { AppError, invalid, malformed } from '../errors/app-error.js';
import { JsonScanner } from './json-scanner.js';

export { jsonDepthMax, jsonKeysMax, jsonObjectKeysMax, jsonValuesMax } from './json-scanner.js';

/**
 * Parses a JSON body strictly. Text comes out in Unicode NFC; numbers are only those a double holds exactly as written.
 * @throws AppError malformed (400): not UTF-8, not JSON, deeper than 32, more than 1,000 keys in an object, 10,000 keys or 100,000 values in all, a duplicate key,
 * a key that reaches a prototype; invalid (422) with pointers: control characters, lone surrogates, inexact numbers
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  return parseJsonText(decodeUtf8(bytes));
}

/** As `parseJsonBody`, for text that is decoded already: a line of NDJSON, a Kafka value. */
export function parseJsonText(text: string): unknown {
  const scanner = new JsonScanner(text);
  const value = scanner.read();
  if (scanner.problems.length > 0) throw invalid('The body holds values that cannot be kept as they are.', scanner.problems);
  return value;
}

/** @throws AppError malformed `body.not-utf8` */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const problem = { pointer: '#', code: 'body.not-utf8', detail: 'The bytes are not UTF-8.' };
    throw malformed('body.not-utf8', 'The body is not valid UTF-8.', [problem]);
  }
}

export const tooLarge = (limitBytes: number): AppError =>
  new AppError('tooLarge', 'body.too-large', `The body is larger than ${limitBytes} bytes.`);
