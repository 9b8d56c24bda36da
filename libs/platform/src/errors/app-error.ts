import { randomUUID } from 'node:crypto';
import { errorKinds, type ErrorKind } from './error-kinds.js';

/** One problem inside an error: which part of the input, and what is wrong with it. */
export interface FieldProblem {
  /** JSON pointer into the request, as a URI fragment: `#/price/amount`. Query parameters: `#/query/limit`. */
  pointer: string;
  code: string;
  detail: string;
}

export interface AppErrorOptions {
  /** Safe to show to the caller. */
  details?: Record<string, unknown>;
  errors?: FieldProblem[];
  /** Seconds after which the caller may try again (429 and 503). */
  retryAfterSeconds?: number;
  /** Response headers that belong to this refusal, for example `ETag` of the current state. */
  headers?: Record<string, string>;
  /** Overrides the status of the kind, within the kind's own family (422 instead of 400). */
  status?: number;
  cause?: unknown;
}

/** The base of every error the product raises on purpose. `code` is stable: `item.not-found`, `ownership.violation`. */
export class AppError extends Error {
  readonly id: string = randomUUID();
  readonly details: Record<string, unknown>;
  readonly errors: FieldProblem[];
  readonly retryAfterSeconds?: number;
  readonly headers: Record<string, string>;
  readonly status: number;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.details = options.details ?? {};
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
    this.status = options.status ?? errorKinds[kind].status;
  }
}

export const malformed = (code: string, message: string, errors: FieldProblem[] = []) =>
  new AppError('malformed', code, message, { errors });

export const invalid = (message: string, errors: FieldProblem[], code = 'request.invalid') =>
  new AppError('invalid', code, message, { errors });

export const notFound = (code: string, message: string) => new AppError('notFound', code, message);

export const conflict = (code: string, message: string, details: Record<string, unknown> = {}) =>
  new AppError('conflict', code, message, { details });

export const forbidden = (code: string, message: string, details: Record<string, unknown> = {}) =>
  new AppError('forbidden', code, message, { details });

export const unavailable = (code: string, message: string, retryAfterSeconds = 2, cause?: unknown) =>
  new AppError('unavailable', code, message, { retryAfterSeconds, cause });
