import type { FastifyRequest } from 'fastify';
import { AppError, malformed } from '../errors/app-error.js';
import type { OperationRequest } from './admission.js';

const responseTypes = ['application/json', 'application/graphql-response+json'] as const;
export type ResponseType = (typeof responseTypes)[number];

/** Whether a person with a browser asks for a page, not a program for data. */
export const wantsPage = (request: FastifyRequest): boolean =>
  request.method === 'GET' && /\btext\/html\b/.test(request.headers.accept ?? '')
  && (request.query as { query?: unknown }).query === undefined;

/**
 * Refuses, before the body is read, what a foreign page could send without asking first (CSRF): GET without a header of its own, POST that is
 * not JSON. @throws AppError malformed `graphql.csrf`; unsupportedMedia `request.unsupported-media-type`
 */
export function checkOrigin(request: FastifyRequest): void {
  if (request.method === 'POST') {
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
    if (type !== 'application/json') {
      throw new AppError('unsupportedMedia', 'request.unsupported-media-type', 'Send the operation as application/json.');
    }
    return;
  }
  const asked = ['authorization', ...preflightHeaders].some((name) => (request.headers[name] ?? '') !== '');
  if (!asked) throw malformed('graphql.csrf', 'A GET needs an Authorization header, or GraphQL-Require-Preflight: 1.');
}

/** Headers that a browser sends to a foreign origin only after asking. */
export const preflightHeaders = ['graphql-require-preflight', 'apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * The operation in a request [GraphQL over HTTP]: JSON body of a POST, or query of a GET.
 * @throws AppError malformed `graphql.batch` for an array of operations, `graphql.request` for every other shape
 */
export function operationRequest(request: FastifyRequest): OperationRequest {
  const source = request.method === 'GET' ? fromQuery(request.query as Record<string, unknown>) : request.body;
  if (Array.isArray(source)) throw malformed('graphql.batch', 'Send one operation per request, not an array.');
  if (!isRecord(source)) throw malformed('graphql.request', 'Expected an object with a "query".');
  const { query, operationName, variables, extensions } = source;
  if (typeof query !== 'string' || query === '') throw malformed('graphql.request', '"query" must be a text that is not empty.');
  if (!isAbsent(operationName) && typeof operationName !== 'string') throw malformed('graphql.request', '"operationName" must be a text.');
  if (!isAbsent(variables) && !isRecord(variables)) throw malformed('graphql.request', '"variables" must be an object.');
  if (!isAbsent(extensions) && !isRecord(extensions)) throw malformed('graphql.request', '"extensions" must be an object.');
  if (isRecord(extensions) && 'persistedQuery' in extensions) {
    throw malformed('graphql.request', 'Persisted queries are not supported: send the text of the operation.');
  }
  return {
    query,
    operationName: operationName ? String(operationName) : undefined,
    variables: (variables ?? undefined) as OperationRequest['variables'],
  };
}

function fromQuery(query: Record<string, unknown>): Record<string, unknown> {
  const { variables, extensions } = query;
  return { ...query, variables: jsonParameter('variables', variables), extensions: jsonParameter('extensions', extensions) };
}

function jsonParameter(name: string, text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return text === '' ? undefined : text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('graphql.request', `"${name}" must be JSON.`);
  }
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The media type of the answer by `Accept`; JSON when nothing is said. Undefined when neither type is accepted. */
export function responseType(accept: string | undefined): ResponseType | undefined {
  if (accept === undefined || accept.trim() === '') return 'application/json';
  const ranges = accept.toLowerCase().split(',').slice(0, 20).map(readRange);
  const scored = responseTypes.map((type) => ({ type, quality: qualityOf(type, ranges) })).filter(({ quality }) => quality > 0);
  scored.sort((a, b) => b.quality - a.quality);
  return scored[0]?.type;
}

interface Range { range: string; quality: number }

function readRange(text: string): Range {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { range, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
}

/** The most specific range that names the type decides [RFC 9110, 12.5.1]. */
function qualityOf(type: ResponseType, ranges: Range[]): number {
  for (const range of [type, 'application/*', '*/*']) {
    const found = ranges.find((one) => one.range === range);
    if (found) return found.quality;
  }
  return 0;
}
