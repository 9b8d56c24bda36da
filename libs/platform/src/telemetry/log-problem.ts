import type { ProblemLogEntry } from '../http/problem-log.js';
import { logger } from './log.js';

/** Writes what the problem filter reports to the process's log. */
export function logProblem({ level, ...fields }: ProblemLogEntry): void {
  logger()[level](fields, fields.causes[0]?.message ?? fields.code);
}
