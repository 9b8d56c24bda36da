import type { LoggerService } from '@nestjs/common';
import { causeChain } from './log-error.js';
import { logger } from './log.js';

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/**
 * Nest's own messages as lines of our log. Nest calls every method as (message, ...details, context), and `error` as
 * (message, stack?, context?). What Nest says while it wires an application is noise to an operator: it goes to debug.
 */
export class NestLogger implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    write('debug', message, rest);
  }
}

function write(level: Level, message: unknown, rest: unknown[]): void {
  const last = rest.at(-1);
  const source = typeof last === 'string' && !last.includes('\n') ? last : undefined;
  const details = source === undefined ? rest : rest.slice(0, -1);
  const given = details.filter((detail) => detail !== undefined);
  const errors = [message, ...given].filter((value) => value instanceof Error).flatMap(causeChain);
  const others = given.filter((value) => !(value instanceof Error));
  const fields = {
    ...(source ? { source: `nest:${source}` } : { source: 'nest' }),
    ...(errors.length > 0 ? { errors } : {}),
    ...(others.length > 0 ? { details: others } : {}),
    ...(typeof message === 'object' && message !== null && !(message instanceof Error) ? { message } : {}),
  };
  logger()[level](fields, textOf(message));
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'object' ? 'Nest' : String(message);
}
