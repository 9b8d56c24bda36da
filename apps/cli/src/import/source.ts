import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { CliError, exitCodes, usage } from '../cli-error.js';
import { unguardCell } from '../csv-guard.js';
import type { SourceRow } from '../mapping/source-row.js';
import type { SourceFormat } from '../mapping/pack.js';

/** One record of a file. `number` is its row as a spreadsheet counts: the header is row 1. Lines of NDJSON count from 1. */
export interface SourceRecord {
  number: number;
  row: SourceRow;
  /** NDJSON: the line as it stands. */
  line?: string;
  /** Why the record cannot be used, whatever a mapping says. */
  problem?: string;
}

export interface Source {
  /** Undefined where rows name their members themselves. */
  columns: readonly string[] | undefined;
  records: AsyncIterable<SourceRecord>;
}

const recordBytesMax = 1024 * 1024;

/** Opens a CSV, TSV or NDJSON file as a stream of records. @throws CliError when it has no header, a column twice, or bytes of another encoding */
export async function openSource(file: string, given: SourceFormat): Promise<Source> {
  const format = given.format ?? formatOf(file);
  const text = textOf(file, given.encoding ?? 'utf-8');
  if (format === 'ndjson') return { columns: undefined, records: jsonRecords(text) };
  return delimited(file, text, { ...given, delimiter: given.delimiter ?? (format === 'tsv' ? '\t' : ',') });
}

function formatOf(file: string): 'csv' | 'tsv' | 'ndjson' {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.tsv' || extension === '.tab') return 'tsv';
  if (extension === '.ndjson' || extension === '.jsonl') return 'ndjson';
  throw usage(`What ${file} holds cannot be told from its name; say --format csv, tsv or ndjson.`);
}

/** Decoded strictly: a byte that does not belong to the encoding must not silently become another character. */
async function* textOf(file: string, encoding: string): AsyncGenerator<string> {
  let bytes = 0;
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    for await (const chunk of fs.createReadStream(file)) {
      const text = decoder.decode(chunk as Buffer, { stream: true });
      bytes += (chunk as Buffer).length;
      yield text;
    }
    yield decoder.decode();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES') throw usage(`${file} cannot be read: ${(error as Error).message}`);
    if (code === 'ERR_ENCODING_NOT_SUPPORTED' || error instanceof RangeError) throw usage(`There is no encoding "${encoding}".`);
    if (error instanceof TypeError) throw usage(`${file} is not ${encoding} (behind byte ${bytes}). Say what it is with --encoding, for example windows-1252.`);
    throw error;
  }
}

async function delimited(file: string, text: AsyncIterable<string>, format: SourceFormat): Promise<Source> {
  const parser = parse({ delimiter: format.delimiter!, relax_column_count: true, max_record_size: recordBytesMax });
  const input = Readable.from(text);
  input.on('error', (error) => parser.destroy(error));
  const records = input.pipe(parser)[Symbol.asyncIterator]() as AsyncIterator<string[]>;
  const first = await nextOf(records, file);
  if (!first) throw usage(`${file} is empty: a header row is expected.`);
  const columns = first.map((name) => name.trim());
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw usage(`${file} has the column "${twice}" twice.`);
  return { columns, records: rowsOf(file, { columns, records, guarded: format.guarded ?? false }) };
}

async function* rowsOf(
  file: string, { columns, records, guarded }: { columns: string[]; records: AsyncIterator<string[]>; guarded: boolean },
): AsyncGenerator<SourceRecord> {
  let number = 1;
  for (let cells = await nextOf(records, file); cells; cells = await nextOf(records, file)) {
    number += 1;
    // A blank line is no row.
    if (cells.length === 1 && cells[0] === '' && columns.length > 1) continue;
    const row = Object.fromEntries(columns.map((name, i) => [name, guarded ? unguardCell(cells[i] ?? '') : (cells[i] ?? '')]));
    const problem = cells.length === columns.length ? undefined : `The row has ${cells.length} cells, and the header ${columns.length}.`;
    yield problem === undefined ? { number, row } : { number, row, problem };
  }
}

async function nextOf(records: AsyncIterator<string[]>, file: string): Promise<string[] | undefined> {
  try {
    const { done, value } = await records.next();
    return done ? undefined : value;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(exitCodes.usage, `${file} cannot be read further: ${(error as Error).message}`);
  }
}

async function* jsonRecords(text: AsyncIterable<string>): AsyncGenerator<SourceRecord> {
  let rest = '';
  let number = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > recordBytesMax) throw usage(`Line ${number + lines.length + 1} is longer than ${recordBytesMax} characters.`);
    for (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield jsonRecord(number, line);
    }
  }
  if (rest.trim() !== '') yield jsonRecord(number + 1, rest);
}

function jsonRecord(number: number, line: string): SourceRecord {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return { number, row: row as SourceRow, line };
    return { number, row: {}, line, problem: 'The line is no JSON object.' };
  } catch (error) {
    return { number, row: {}, line, problem: `The line is no JSON: ${(error as Error).message}` };
  }
}
