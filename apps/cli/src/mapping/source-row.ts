import { usage } from '../cli-error.js';
import type { CodeLists } from './transforms.js';

/** A row of a source: column → cell; an empty cell is the empty text. NDJSON sources keep their types. */
export type SourceRow = Readonly<Record<string, unknown>>;
/** What an expression makes of a row. Undefined: there is no value, and the attribute is left out. Null: it is cleared. */
export type Value = unknown;
export type Evaluate = (row: SourceRow) => Value;

export interface ExpressionContext extends CodeLists {
  /** Columns of the file, for finding misspellings before the first row is read; undefined when the source names none. */
  columns: ReadonlySet<string> | undefined;
  /** Small tables of the pack, by name: key → row. */
  tables: Readonly<Record<string, ReadonlyMap<string, SourceRow>>>;
}

/** A value as text; what has parts (in NDJSON sources) as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The cell of a column; an empty one is no value. @throws CliError when the file has no such column */
export function cellOf(column: string, { columns }: ExpressionContext): Evaluate {
  if (columns && !columns.has(column)) throw usage(`The file has no column "${column}"; it has ${[...columns].join(', ')}.`);
  return (row) => {
    const value = row[column];
    return value === '' || value === null ? undefined : value;
  };
}
