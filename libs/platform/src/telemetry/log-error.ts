import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../context/request-context.js';
import { AppError } from '../errors/app-error.js';
import { errorKinds } from '../errors/error-kinds.js';
import { logger } from './log.js';

const chainMax = 8;
const loggedErrors = new WeakMap<object, string>();

/**
 * Logs an error with its whole cause chain, once: a second call with the same error writes nothing. The level comes from the table of error
 * kinds; what is not an AppError is a bug.
 * @param context the request's context, or plain fields such as the name of a loop
 * @returns the error's id, which stands in the line and may be shown to the caller
 */
export function logError(error: unknown, context: RequestContext | Record<string, unknown> = {}): string {
  const known = typeof error === 'object' && error !== null ? loggedErrors.get(error) : undefined;
  if (known) return known;
  const errorId = error instanceof AppError ? error.id : randomUUID();
  if (typeof error === 'object' && error !== null) loggedErrors.set(error, errorId);
  const level = levelOf(error);
  const chain = causeChain(error);
  logger()[level]({ ...fieldsOf(context), errorId, errors: chain }, chain[0]?.message ?? 'error');
  return errorId;
}

function levelOf(error: unknown): 'debug' | 'info' | 'warn' | 'error' {
  return errorKinds[error instanceof AppError ? error.kind : 'bug'].level;
}

interface LoggedError {
  type: string;
  message: string;
  code?: unknown;
  details?: unknown;
  stack?: string;
}

/** The error and its causes, outermost first; the parts of an AggregateError stand after it. */
export function causeChain(error: unknown): LoggedError[] {
  const chain: LoggedError[] = [];
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  while (queue.length > 0 && chain.length < chainMax) {
    const next = queue.shift();
    if (next === undefined || next === null || seen.has(next)) continue;
    seen.add(next);
    chain.push(toLoggedError(next));
    if (next instanceof AggregateError) queue.push(...next.errors.slice(0, chainMax));
    if (next instanceof Error) queue.push(next.cause);
  }
  return chain;
}

/** An expected refusal needs no stack: who acts is the caller, and the code says where it came from. */
function toLoggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code } = error as { code?: unknown };
  const expected = error instanceof AppError && error.kind !== 'bug';
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error instanceof AppError && Object.keys(error.details).length > 0 ? { details: error.details } : {}),
    ...(expected ? {} : { stack: error.stack?.split('\n').slice(1, 12).map((line) => line.trim()).join('\n') }),
  };
}

function fieldsOf(context: RequestContext | Record<string, unknown>): Record<string, unknown> {
  if (!isRequestContext(context)) return context;
  const { requestId, correlationId, channel, actor } = context;
  return { requestId, correlationId, channel, participant: actor.clientId };
}

const isRequestContext = (context: RequestContext | Record<string, unknown>): context is RequestContext =>
  'actor' in context && 'requestId' in context;
