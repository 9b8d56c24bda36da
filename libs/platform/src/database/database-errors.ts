import { AppError, conflict, invalid, unavailable } from '../errors/app-error.js';

interface PostgresError extends Error { code?: string; constraint?: string }

/** Classes of SQLSTATE, and of Node's own connection errors, that mean "the database is not there just now". */
const unavailableCodes = /^(08|53|57P0[1-5]|57014|55P03|58|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/;
const unavailableTexts = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|pool after calling end/;

/** What a PostgreSQL error means to a caller. Its text never leaves the process: it may name tables, columns or values. */
export function toAppError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const { code = '', constraint } = error as PostgresError;
  if (unavailableCodes.test(code) || unavailableTexts.test(error.message)) {
    return unavailable('database.unavailable', 'The database does not answer at the moment.', 2, error);
  }
  if (code === '40001' || code === '40P01') {
    return new AppError('conflict', 'database.conflict', 'Another change came first; send the request again.', { cause: error });
  }
  if (code === '23505') {
    return new AppError('conflict', 'record.exists', 'A record with this key exists already.', { details: { constraint }, cause: error });
  }
  if (code === '23503') return conflict('record.referenced', 'A record that this one refers to does not exist.');
  if (code === '23514' || code === '23502') {
    return invalid('The values do not fit together.', [{ pointer: '#', code: 'value.refused', detail: 'The store refuses this combination of values.' }]);
  }
  if (/^22(021|P05|P02|003|007|008)$/.test(code)) {
    return invalid('A value cannot be stored as it is.', [{ pointer: '#', code: 'value.unstorable', detail: 'The value is outside what the store can hold.' }]);
  }
  return error;
}
