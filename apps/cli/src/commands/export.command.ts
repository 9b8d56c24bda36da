import fs from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { ApiClient } from '../api-client.js';
import { usage } from '../cli-error.js';
import { Contract } from '../contract.js';
import { guardCell } from '../csv-guard.js';
import type { Io } from '../io.js';
import { sessionOf, type Session } from './session.js';

interface ExportOptions { format: string; output?: string; filter: string[] }
type Row = Record<string, unknown>;
type Write = (text: string) => Promise<void> | void;

export function addExport(program: Command, io: Io): void {
  program.command('export')
    .description('export a collection, all pages; CSV cells that a spreadsheet would run are guarded')
    .argument('<collection>', 'items, suppliers, …')
    .option('--format <format>', 'ndjson or csv', 'ndjson')
    .option('-o, --output <file>', 'file to write (default: standard output)')
    .option('--filter <condition>', 'like type=finished or quantity[gt]=0; may be repeated', (value: string, all: string[]) => [...all, value], [] as string[])
    .action(async (collection: string, options: ExportOptions, command: Command) => runExport(sessionOf(io, command), collection, options));
}

async function runExport(session: Session, collection: string, options: ExportOptions): Promise<void> {
  if (options.format !== 'ndjson' && options.format !== 'csv') throw usage('--format takes ndjson or csv.');
  const client = await session.client();
  const columns = [...(await Contract.of(client)).readable(collection).keys()];
  const pages = pagesOf(client, collection, options.filter.map(filterOf));
  if (options.output === undefined) {
    await writePages(pages, { ...options, columns }, (text) => session.io.out(text));
    return;
  }
  const file = path.resolve(session.io.cwd, options.output);
  const handle = await fs.open(file, 'w');
  try {
    const rows = await writePages(pages, { ...options, columns }, async (text) => void (await handle.write(text)));
    session.print({ rows, file }, `${rows} rows written to ${file}.`);
  } finally {
    await handle.close();
  }
}

async function writePages(pages: AsyncIterable<Row[]>, { format, columns }: { format: string; columns: string[] }, write: Write): Promise<number> {
  let rows = 0;
  if (format === 'csv') await write(stringify([columns]));
  for await (const page of pages) {
    rows += page.length;
    await write(format === 'csv' ? stringify(page.map((row) => columns.map((name) => cellOf(row[name])))) : page.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  return rows;
}

/** What has parts is JSON in its cell, which begins with a bracket and is no formula. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? guardCell(value) : JSON.stringify(value);
}

async function* pagesOf(client: ApiClient, collection: string, filters: readonly string[]): AsyncGenerator<Row[]> {
  let cursor: string | null = null;
  do {
    const query: string = ['limit=500', ...filters, ...(cursor === null ? [] : [`cursor=${encodeURIComponent(cursor)}`])].join('&');
    const { body } = await client.get<{ data: Row[]; page: { nextCursor: string | null } }>(`/v1/${collection}?${query}`);
    if (body.data.length > 0) yield body.data;
    cursor = body.page.nextCursor;
  } while (cursor !== null);
}

function filterOf(condition: string): string {
  const found = /^(?<field>\w+)(?:\[(?<op>\w+)\])?=(?<value>.*)$/s.exec(condition)?.groups;
  if (!found) throw usage(`A filter is field=value or field[op]=value, not "${condition}".`);
  return `filter[${found.field}][${found.op ?? 'eq'}]=${encodeURIComponent(found.value ?? '')}`;
}
