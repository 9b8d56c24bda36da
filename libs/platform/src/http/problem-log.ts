import type { AppError } from '../errors/app-error.js';
import { errorKinds } from '../errors/error-kinds.js';

/** One link of the chain of causes. */
export interface LoggedCause {
  name: string;
  message: string;
  code?: string;
  stack?: string;
}

/** What is logged, once, about a request that failed. */
export interface ProblemLogEntry {
  level: 'debug' | 'info' | 'warn' | 'error';
  code: string;
  status: number;
  requestId: string;
  method: string;
  route: string;
  errorId: string;
  details: Record<string, unknown>;
  /** From the error itself down to the first cause. */
  causes: LoggedCause[];
}

export type ProblemLogger = (entry: ProblemLogEntry) => void;

const causesMax = 10;
const textMax = 4_000;

export function problemLogEntry(
  error: AppError, request: { id: string; method: string; route: string },
): ProblemLogEntry {
  const { level } = errorKinds[error.kind];
  return {
    level,
    code: error.code,
    status: error.status,
    requestId: request.id,
    method: request.method,
    route: request.route,
    errorId: error.id,
    details: error.details,
    causes: causesOf(error, level === 'warn' || level === 'error'),
  };
}

/** Stacks are for what a person must look into; a caller's mistake needs none. */
function causesOf(error: unknown, withStack: boolean): LoggedCause[] {
  const causes: LoggedCause[] = [];
  for (let link = error; link !== undefined && link !== null && causes.length < causesMax;) {
    if (!(link instanceof Error)) {
      causes.push({ name: typeof link, message: String(link).slice(0, textMax) });
      break;
    }
    const { code } = link as { code?: unknown };
    causes.push({
      name: link.name,
      message: link.message.slice(0, textMax),
      ...(typeof code === 'string' ? { code } : {}),
      ...(withStack && link.stack ? { stack: link.stack.slice(0, textMax) } : {}),
    });
    link = link.cause;
  }
  return causes;
}
