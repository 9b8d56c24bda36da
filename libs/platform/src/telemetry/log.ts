import { pino, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from '../config/config.js';
import { safeFields, safeText } from './safe-record.js';

export type Logger = PinoLogger;

/** Bytes of one line, its newline included. */
export const lineBytesMax = 16_384;

export interface LogSettings {
  level: LogLevel;
  /** Which process writes: `gateway`, `worker`, `server`. */
  name?: string;
  /** Where lines go; standard output unless a test says otherwise. */
  destination?: { write(line: string): unknown };
}

/**
 * The logger: one JSON object per line, at most 16 kB, secrets replaced wherever they stand. Lines are written synchronously, so that the
 * last words of a crashing process are not lost.
 */
export function createLogger({ level, name, destination = pino.destination({ dest: 1, sync: true }) }: LogSettings): Logger {
  const bounded = { write: (line: string) => void destination.write(boundedLine(line)) };
  const made = pino(
    {
      level,
      base: { pid: process.pid, ...(name ? { name } : {}) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }), log: safeFields },
      hooks: {
        logMethod(args, method) {
          method.apply(this, safeArguments(args) as Parameters<typeof method>);
        },
      },
    },
    bounded,
  );
  return withSafeChildren(made);
}

/** pino writes a child's fields past the formatters, so they are made safe where they come in. Children inherit this. */
function withSafeChildren(made: Logger): Logger {
  const { child } = made;
  made.child = function safeChild(this: Logger, fields: object, ...options: unknown[]) {
    return Reflect.apply(child, this, [safeFields(fields), ...options]) as never;
  };
  return made;
}

/** An error given without a message would lend the record its own text unseen: it is made safe and handed over here. */
function safeArguments(args: unknown[]): unknown[] {
  const [first, ...rest] = args;
  const fields = first instanceof Error ? { err: first } : first;
  const safe = [fields, ...rest].map(safeArgument);
  const error = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined;
  if (rest.length === 0 && error instanceof Error) safe.push(safeText(error.message));
  return safe;
}

const safeArgument = (argument: unknown, index: number): unknown => {
  if (typeof argument === 'string') return safeText(argument);
  // Values for %o and %j are printed by the logger itself, past the formatter: they are made safe here.
  return index > 0 && typeof argument === 'object' && argument !== null ? safeFields(argument) : argument;
};

/** The last line of defence: a record that is still too long is replaced by its head. */
function boundedLine(line: string): string {
  if (line.length * 3 <= lineBytesMax || Buffer.byteLength(line) <= lineBytesMax) return line;
  const { level, time, pid, name, msg, requestId } = JSON.parse(line) as Record<string, unknown>;
  const head = typeof msg === 'string' ? msg.slice(0, 1_000) : undefined;
  return `${JSON.stringify({ level, time, pid, name, requestId, msg: head, truncatedFromBytes: Buffer.byteLength(line) })}\n`;
}

let current: Logger = createLogger({ level: 'info' });

/** The process's logger. It may be asked for before `useLogger`, and then writes JSON lines to standard output. */
export const logger = (): Logger => current;

/** Makes `next` the logger of the process; returns the one before it. */
export function useLogger(next: Logger): Logger {
  const before = current;
  current = next;
  return before;
}
