import { GraphQLError, type SourceLocation } from 'graphql';
import { AppError } from '../errors/app-error.js';
import { asAppError, problemHeaders, toProblem } from '../http/problem.js';
import { DocumentError } from './admission.js';

/** One GraphQL error as it leaves the house: `message` is the problem's `detail`, `extensions` hold the rest of problem+json. */
export interface WireError {
  message: string;
  locations?: readonly SourceLocation[];
  path?: readonly (string | number)[];
  extensions: { code: string; status: number; requestId: string; [member: string]: unknown };
}

/** A request that got no data: its HTTP status, headers and errors. */
export interface Refusal {
  status: number;
  headers: Record<string, string>;
  errors: WireError[];
}

/** Told of every error, with the whole chain of causes, once. */
export type ErrorLog = (error: AppError, requestId: string) => void;

/** Turns errors into their wire form and logs them; the only place that does, for GraphQL. */
export class WireErrors {
  constructor(private readonly path: string, private readonly log: ErrorLog) {}

  /**
   * An error raised by a resolver or by the execution. Only errors that are meant for the caller speak for themselves; whatever else is
   * ours, and is answered as `internal` without its text.
   */
  fieldError(error: unknown, requestId: string): WireError {
    return { ...this.content(appErrorOf(originOf(error)), requestId), ...placeOf(error) };
  }

  /** The refusal of a whole request: authentication, limits, parsing, validation, or an error on the way to the execution. */
  refusal(error: unknown, requestId: string): Refusal {
    if (error instanceof DocumentError) {
      const errors = error.errors.map((one) => ({ ...this.content(documentProblem(error, one), requestId), ...placeOf(one) }));
      return { status: 400, headers: {}, errors };
    }
    const known = appErrorOf(originOf(error));
    return { status: known.status, headers: problemHeaders(known), errors: [this.content(known, requestId)] };
  }

  private content(error: AppError, requestId: string): WireError {
    this.log(error, requestId);
    const { title: _title, detail, instance: _instance, ...members } = toProblem(error, this.path, requestId);
    return { message: detail, extensions: members };
  }
}

/** graphql-js helps with names from the schema; a caller who guesses gets none. */
export const withoutSuggestion = (message: string): string => message.replace(/ ?Did you mean [\s\S]*\?$/, '');

const documentProblem = ({ code }: DocumentError, error: GraphQLError): AppError =>
  new AppError('malformed', code, withoutSuggestion(error.message));

/** An argument can turn out wrong only with its variables in place: that is the caller's, and graphql-js says it well. */
function appErrorOf(error: unknown): AppError {
  const isArgument = error instanceof GraphQLError && error.message.startsWith('Argument "');
  if (isArgument) return new AppError('malformed', 'graphql.argument', withoutSuggestion(error.message));
  return asAppError(error);
}

function placeOf(error: unknown): Pick<WireError, 'locations' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  return {
    ...(error.locations?.length ? { locations: error.locations.map(({ line, column }) => ({ line, column })) } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
}

/** The error that the resolver raised, below the wrappers that say where. */
function originOf(error: unknown): unknown {
  let origin = error;
  for (let level = 0; level < 10 && origin instanceof GraphQLError && origin.originalError; level += 1) origin = origin.originalError;
  return origin;
}
