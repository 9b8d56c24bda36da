import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { toAppError } from '../database/database-errors.js';
import { AppError, type FieldProblem } from '../errors/app-error.js';
import { errorKinds, type ErrorKind } from '../errors/error-kinds.js';
import { problemSlug, problemText } from './problem-texts.js';

/** A refusal as it goes over the wire [RFC 9457]. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  code: string;
  requestId: string;
  errors?: FieldProblem[];
  [member: string]: unknown;
}

export const problemMediaType = 'application/problem+json; charset=utf-8';
const errorsMax = 50;
/** Answers to bad requests stay small, whatever was sent. */
const errorsCharactersMax = 6_000;
const textMax = 1_000;

/** Types that are registered for everybody [draft-ietf-httpapi-ratelimit-headers]. */
const registered: Readonly<Record<string, string>> = {
  limit: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
  'capacity.reduced': 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
};

const codesByStatus: Readonly<Record<number, [ErrorKind, string]>> = {
  400: ['malformed', 'request.malformed'],
  401: ['unauthenticated', 'request.unauthenticated'],
  403: ['forbidden', 'request.forbidden'],
  404: ['notFound', 'route.not-found'],
  405: ['methodNotAllowed', 'route.method-not-allowed'],
  406: ['notAcceptable', 'request.not-acceptable'],
  409: ['conflict', 'request.conflict'],
  410: ['gone', 'request.gone'],
  412: ['stale', 'precondition.failed'],
  413: ['tooLarge', 'body.too-large'],
  415: ['unsupportedMedia', 'media-type.unsupported'],
  422: ['invalid', 'request.invalid'],
  428: ['preconditionMissing', 'precondition.required'],
  429: ['limit', 'rate.limited'],
  503: ['unavailable', 'service.unavailable'],
};

/** Whatever was thrown, as an AppError. The text of a foreign error never reaches the caller: it gets the text of its status. */
export function asAppError(error: unknown): AppError {
  const known = toAppError(error);
  if (known instanceof AppError) return known;
  const status = statusOf(known);
  const [kind, code] = codesByStatus[status] ?? (status < 500 ? codesByStatus[400]! : ['bug', 'internal'] as const);
  if (kind === 'bug') return new AppError('bug', 'internal', 'Something went wrong on our side.', { cause: error });
  const text = problemText(code)?.text ?? STATUS_CODES[status] ?? 'The request is not accepted.';
  return new AppError(kind, code, text, { status, cause: error });
}

/** The status that Nest, Fastify and http-errors put on their errors; 500 for everything else. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  const isRefusal = error instanceof Error && typeof status === 'number' && status >= 400 && status < 500;
  return isRefusal ? status : 500;
}

/** The problem document of an error. Only what the error marks as safe is in it. */
export function toProblem(error: AppError, instance: string | undefined, requestId: string): Problem {
  const { errors, left } = boundedErrors(error.errors);
  const more = left > 0 ? ` (${left} more problems are not listed)` : '';
  return {
    ...safeDetails(error),
    type: registered[error.kind] ?? registered[error.code] ?? `/problems/${problemSlug(error.code)}`,
    title: problemText(error.code)?.title ?? errorKinds[error.kind].title,
    status: error.status,
    detail: cut(error.message, textMax) + more,
    ...(instance === undefined ? {} : { instance: cut(instance, textMax) }),
    code: error.code,
    requestId,
    ...(errors.length > 0 ? { errors } : {}),
  };
}

/** The problem of one row of a batch: the same document, without an address of its own. */
export const problemOf = (error: unknown, requestId: string): Problem => toProblem(asAppError(error), undefined, requestId);

/** Headers of a refusal: its own, and Retry-After where the error says when to come back. */
export function problemHeaders(error: AppError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (error.status === 401) headers['WWW-Authenticate'] = 'Bearer';
  if (error.retryAfterSeconds !== undefined) headers['Retry-After'] = String(Math.ceil(error.retryAfterSeconds));
  return { ...headers, ...error.headers };
}

/** Details for the caller. A constraint's name is for the log: it names tables and columns. */
function safeDetails({ details }: AppError): Record<string, unknown> {
  const { constraint: _constraint, ...safe } = details;
  return safe;
}

function boundedErrors(all: readonly FieldProblem[]): { errors: FieldProblem[]; left: number } {
  const errors: FieldProblem[] = [];
  let characters = 0;
  for (const { pointer, code, detail } of all.slice(0, errorsMax)) {
    const entry = { pointer: cut(pointer, 300), code, detail: cut(detail, 300) };
    characters += Buffer.byteLength(JSON.stringify(entry));
    if (characters > errorsCharactersMax) break;
    errors.push(entry);
  }
  return { errors, left: all.length - errors.length };
}

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);
