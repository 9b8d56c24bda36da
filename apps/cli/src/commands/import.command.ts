import fs from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { CliError, exitCodes, usage } from '../cli-error.js';
import type { Io } from '../io.js';
import { ImportState } from '../import/import-state.js';
import { packSteps, plainSteps, rehearseStep, runStep, writeComplaints, type Step } from '../import/import-run.js';
import { LineFile } from '../import/line-file.js';
import { summaryText, type StepSummary } from '../import/summary.js';
import { cliHome } from '../login-store.js';
import { isPackFile, readPack, type SourceFormat } from '../mapping/pack.js';
import { sessionOf, type Session } from './session.js';

interface ImportOptions extends SourceFormat { dryRun?: boolean; errors: string; restart?: boolean; partRows?: number; guard: boolean; sample: number }

export function addImport(program: Command, io: Io): void {
  program.command('import')
    .description('import files: by a mapping pack, or with columns named like the attributes. Started again after a break, it goes on where it was')
    .argument('<target>', 'a collection (items, suppliers, …), or a pack.yaml')
    .argument('<files...>', 'CSV, TSV or NDJSON files; a directory stands for the files in it')
    .option('--dry-run', 'read and map everything, send nothing')
    .option('--sample <rows>', 'with --dry-run: mapped rows to show per file', wholeNumber, 2)
    .option('--errors <file>', 'where rows that were skipped or refused are written, with their number, raw content and reason', 'datum-import-errors.ndjson')
    .option('--format <format>', 'csv, tsv or ndjson, where the name of the file does not tell')
    .option('--delimiter <character>', 'what stands between cells')
    .option('--encoding <name>', 'encoding of the files (default: utf-8)')
    .option('--no-guard', 'without a pack: take a leading apostrophe as it stands instead of as the formula guard of `datum export`')
    .option('--restart', 'forget how far an earlier run came')
    .option('--part-rows <rows>', 'rows per operation, at most 50000', wholeNumber)
    .action(async (target: string, files: string[], options: ImportOptions, command: Command) =>
      runImport(sessionOf(io, command), { target, files, options }));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number is expected.');
  return Number(text);
}

interface ImportCall { target: string; files: string[]; options: ImportOptions }

async function runImport(session: Session, { target, files, options }: ImportCall): Promise<void> {
  const { io } = session;
  if (options.partRows !== undefined && (options.partRows < 1 || options.partRows > 50_000)) throw usage('--part-rows takes 1 to 50000.');
  const paths = await expanded(io, files);
  const client = await session.client();
  const { steps, mapping } = isPackFile(target)
    ? await readPack(path.resolve(io.cwd, target)).then(async ({ pack, text }) => ({ steps: await packSteps(pack, paths), mapping: text }))
    : { steps: plainSteps(client, target, paths, formatOf(options)), mapping: JSON.stringify(formatOf(options)) };
  const errors = path.resolve(io.cwd, options.errors);
  if (options.dryRun) return rehearse(session, steps, { errors, samples: options.sample });
  const identity = { url: client.url, clientId: client.clientId, target, mapping, files: paths };
  const state = await ImportState.open(cliHome(io), identity, { restart: options.restart ?? false });
  try {
    if (state.resumed && !session.options.json) io.err('An earlier run of this import was not finished; going on where it was.\n');
    const summaries: StepSummary[] = [];
    for (const step of steps) {
      const summary = await runStep(step, { client, state, io, showProgress: !session.options.json, ...(options.partRows ? { partRowsMax: options.partRows } : {}) });
      summaries.push(summary);
      if (!session.options.json) io.out(`${summaryText(summary)}\n`);
    }
    const complaints = await writeComplaints(errors, state, steps);
    await state.remove();
    conclude(session, summaries, complaints > 0 ? errors : undefined);
  } finally {
    await state.unlock();
  }
}

async function rehearse(session: Session, steps: readonly Step[], { errors, samples }: { errors: string; samples: number }): Promise<void> {
  const complaints = await LineFile.create(errors);
  const summaries: StepSummary[] = [];
  for (const step of steps) {
    const { summary, sample } = await rehearseStep(step, complaints, samples);
    summaries.push(summary);
    if (session.options.json) continue;
    session.io.out(`${summaryText(summary).replace('created', 'to send')}\n`);
    for (const row of sample) session.io.out(`  ${JSON.stringify(row)}\n`);
  }
  const { bytes } = complaints;
  await complaints.close();
  if (bytes === 0) await fs.rm(errors, { force: true });
  conclude(session, summaries, bytes > 0 ? errors : undefined, 'Nothing was sent. ');
}

function conclude(session: Session, steps: readonly StepSummary[], errors: string | undefined, remark = ''): void {
  const total = (name: 'read' | 'refused' | 'lost' | 'skippedRows' | 'checked'): number => steps.reduce((sum, step) => sum + step[name], 0);
  const imported = steps.reduce((sum, { created, updated, unchanged }) => sum + created + updated + unchanged, 0);
  const whole = { read: total('read'), imported, checked: total('checked'), skipped: total('skippedRows'), refused: total('refused'), lost: total('lost') };
  const where = errors ? ` Every row that was left out stands in ${errors}.` : '';
  session.print({ steps, total: whole, errors: errors ?? null },
    `${remark}${whole.read} rows read: ${imported} imported, ${whole.skipped} skipped, ${whole.refused} refused, ${whole.lost} lost.${where}`);
  if (whole.lost !== 0) throw new CliError(exitCodes.internal, 'The figures do not add up: rows were lost. Please report this.');
  if (whole.refused > 0) throw new CliError(exitCodes.rowsRefused, `${whole.refused} rows were refused.`);
}

const formatOf = ({ format, delimiter, encoding, guard }: ImportOptions): SourceFormat =>
  ({ ...(format ? { format } : {}), ...(delimiter ? { delimiter } : {}), ...(encoding ? { encoding } : {}), guarded: guard });

async function expanded(io: Io, given: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(given.map(async (each) => {
    const file = path.resolve(io.cwd, each);
    const stat = await fs.stat(file).catch(() => { throw usage(`${each} is not there.`); });
    if (!stat.isDirectory()) return [file];
    return (await fs.readdir(file)).filter((name) => /\.(?:csv|tsv|tab|ndjson|jsonl)$/i.test(name)).sort().map((name) => path.join(file, name));
  }));
  return lists.flat();
}
