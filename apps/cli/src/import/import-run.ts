import fs from 'node:fs';
import path from 'node:path';
import type { ApiClient } from '../api-client.js';
import type { Io } from '../io.js';
import type { SourceRow } from '../mapping/source-row.js';
import type { ImportStep, Pack, SourceFormat } from '../mapping/pack.js';
import { usage } from '../cli-error.js';
import type { ImportState, Part } from './import-state.js';
import { LineFile } from './line-file.js';
import { buildParts } from './part-builder.js';
import { PartSender } from './part-sender.js';
import { plainMapping } from './plain-mapping.js';
import { progressOf } from './progress.js';
import { stepMapping, type RowMapping } from './row-mapping.js';
import { openSource, type Source } from './source.js';
import { summaryOf, type StepSummary } from './summary.js';

/** One file that goes into one collection, or into none when it is only checked. */
export interface Step { name: string; collection: string | undefined; file: string; format: SourceFormat; mappingFor(source: Source): Promise<RowMapping> }

/** Operations of one sender are worked off one after the other; while one is, the next may already be on its way. */
const partsUnderway = 2;

/** The steps of a pack over the files that were given. @throws CliError when a file is missing */
export async function packSteps(pack: Pack, files: readonly string[]): Promise<Step[]> {
  const byName = new Map(files.map((file) => [path.basename(file), file]));
  const find = (name: string): string => byName.get(name) ?? missing(name, [...byName.keys()]);
  const tables = Object.fromEntries(await Promise.all(Object.entries(pack.tables ?? {})
    .filter(([, { file, optional }]) => !optional || byName.has(file))
    .map(async ([name, table]) => [name, await readTable(find(table.file), table.key, table)] as const)));
  return pack.imports.filter(({ file, optional }) => !optional || byName.has(file)).map((step) => ({
    name: step.name, collection: step.record, file: find(step.file), format: formatOf(step),
    mappingFor: async ({ columns }) => stepMapping(step, { columns: columns && new Set(columns), tables, codes: pack.codes ?? {} }),
  }));
}

const formatOf = ({ format, delimiter, encoding, guarded }: ImportStep): SourceFormat => ({ format, delimiter, encoding, guarded });

/** Files whose columns are attribute names. */
export function plainSteps(client: ApiClient, collection: string, files: readonly string[], format: SourceFormat): Step[] {
  return files.map((file) => ({
    name: path.basename(file), collection, file, format: { guarded: true, ...format },
    mappingFor: ({ columns }) => plainMapping(client, collection, columns),
  }));
}

function missing(name: string, given: readonly string[]): never {
  throw usage(`The pack reads ${name}, which is not among the files${given.length > 0 ? ` (${given.join(', ')})` : ''}.`);
}

const tableRowsMax = 100_000;

/** A small table, wholly in memory. */
async function readTable(file: string, key: string, format: SourceFormat): Promise<ReadonlyMap<string, SourceRow>> {
  const rows = new Map<string, SourceRow>();
  for await (const { row } of (await openSource(file, format)).records) {
    rows.set(String(row[key]), row);
    if (rows.size > tableRowsMax) throw usage(`${path.basename(file)} is too large for a table of a pack (${tableRowsMax} rows).`);
  }
  return rows;
}

export interface RunSettings { client: ApiClient; state: ImportState; io: Io; showProgress: boolean; partRowsMax?: number }

/** Runs one step to its end, from where an earlier run left it. */
export async function runStep(step: Step, { client, state, io, showProgress, partRowsMax }: RunSettings): Promise<StepSummary> {
  const progress = state.step(step.name);
  const bar = progressOf(io, step.name, showProgress);
  const sum = (count: (part: Part) => number): number => progress.parts.reduce((total, part) => total + count(part), 0);
  const doneRows = (): number => sum((part) => (part.done ? part.rows : 0));
  const sender = new PartSender(client, state, { name: step.name, collection: step.collection ?? '' }, (rowsDone) => bar.rows(sum(({ rows }) => rows), doneRows() + rowsDone));
  const underway: Part[] = [];
  const begin = async (part: Part): Promise<void> => {
    if (part.rows === 0 || step.collection === undefined) part.done = { created: 0, updated: 0, unchanged: 0, refused: 0 };
    if (step.collection === undefined) part.checked = part.rows;
    await state.save();
    if (part.done) return;
    await sender.submit(part);
    underway.push(part);
    if (underway.length >= partsUnderway) await sender.settle(underway.shift()!);
  };
  try {
    for (const part of progress.parts) if (!part.done) await begin(part);
    if (!progress.readToEnd) {
      const source = await openSource(step.file, step.format);
      const mapping = await step.mappingFor(source);
      for await (const part of buildParts(source.records, { step: step.name, state, progress, mapping, ...(partRowsMax ? { rowsMax: partRowsMax } : {}) })) {
        progress.parts.push(part);
        await begin(part);
      }
      progress.readToEnd = true;
      await state.save();
    }
    for (const part of underway) await sender.settle(part);
  } finally {
    bar.stop();
  }
  return summaryOf(step.name, path.basename(step.file), progress);
}

/** Maps the whole file without sending anything. */
export async function rehearseStep(step: Step, complaints: LineFile, samples: number): Promise<{ summary: StepSummary; sample: unknown[] }> {
  const source = await openSource(step.file, step.format);
  const mapping = await step.mappingFor(source);
  const part: Part = { number: 0, toRecord: 0, read: 0, rows: 0, refusedHere: 0, skipped: {}, key: '' };
  const sample: unknown[] = [];
  for await (const record of source.records) {
    const mapped = mapping(record);
    part.read += 1;
    if ('line' in mapped) {
      part.rows += 1;
      if (sample.length < samples) sample.push(JSON.parse(mapped.line));
      continue;
    }
    if ('refuse' in mapped) part.refusedHere += 1;
    const reason = 'refuse' in mapped ? mapped.refuse : 'skip' in mapped ? mapped.skip : mapped.duplicate;
    if (!('refuse' in mapped)) part.skipped[reason] = (part.skipped[reason] ?? 0) + 1;
    if (!('duplicate' in mapped)) {
      const outcome = 'refuse' in mapped ? 'refused' : 'skipped';
      await complaints.write(JSON.stringify({ step: step.name, row: record.number, outcome, reason, raw: record.line ?? record.row }));
    }
  }
  // What would be sent counts as created here: what the gateway makes of it shows when it is sent.
  if (step.collection === undefined) part.checked = part.rows;
  part.done = { created: part.rows - (part.checked ?? 0), updated: 0, unchanged: 0, refused: 0 };
  return { summary: summaryOf(step.name, path.basename(step.file), { parts: [part], readToEnd: true }), sample };
}

/** Collects what was skipped and refused, here and there, into one file. Returns how many lines it has; none leaves no file. */
export async function writeComplaints(file: string, state: ImportState, steps: readonly Step[]): Promise<number> {
  const all = await LineFile.create(file);
  let lines = 0;
  for (const step of steps) {
    for (const { number } of state.step(step.name).parts) {
      for (const kind of ['here', 'there'] as const) {
        for await (const line of linesOf(state.file(step.name, number, kind))) {
          lines += 1;
          await all.write(JSON.stringify({ step: step.name, file: path.basename(step.file), ...(JSON.parse(line) as object) }));
        }
      }
    }
  }
  await all.close();
  if (lines === 0) await fs.promises.rm(file, { force: true });
  return lines;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (!fs.existsSync(file)) return;
  let rest = '';
  for await (const chunk of fs.createReadStream(file, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}
