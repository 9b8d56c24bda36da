import type { ExplosionResult } from './explosion-work.js';
import type { ImportResult } from './import-work.js';
import type { Machine } from './machine.js';
import { median, type Measured, type Sample } from './measure.js';
import type { BenchOptions } from './options.js';

export interface BenchReport {
  at: string;
  machine: Machine;
  /** Load average before the first and after the last measurement: on a shared machine above 0.5 before, trust ratios of CPU time rather than of rates. */
  loadAverage: { before: number; after: number };
  options: BenchOptions;
  gateway: { startMs: number; idleRssMiB: number | undefined; rssAfterMiB: number | undefined };
  reads: Measured[];
  explosion?: ExplosionResult;
  import?: ImportResult;
  /** What could not be measured, and why. */
  left: string[];
}

const goals: Record<string, string> = {
  hot: '≥ 2.0', conditional: '≥ 1.7', list: '≥ 1.0', 'graphql-sites': '≥ 0.9', 'graphql-bom': '≥ 0.9',
};

const whole = (value: number | undefined): string => (value === undefined ? '–' : Math.round(value).toLocaleString('en-US'));
const ratio = (a: number | undefined, b: number | undefined): string => (a === undefined || b === undefined ? '–' : (a / b).toFixed(2));
/** The median of the ratios of each round: what disturbs a round disturbs both sides of it. */
function roundRatio(a: Measured | undefined, b: Measured | undefined, of: (sample: Sample) => number | undefined): string {
  const ratios = (a?.samples ?? []).map((sample, i) => of(sample)! / of(b?.samples[i] ?? sample)!).filter((each) => Number.isFinite(each));
  return b === undefined || ratios.length === 0 ? '–' : median(ratios).toFixed(2);
}
const rate = (sample: Sample): number => sample.perSecond;
const cpu = (sample: Sample): number | undefined => sample.cpuMicros;

const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** The report as Markdown. Rates and times are medians over the rounds, ratios medians of the rounds' ratios. They are ours to theirs, so that more is better, for rates and for CPU alike. */
export function toMarkdown(report: BenchReport): string {
  const { machine, loadAverage, gateway, options } = report;
  return [
    `Measured ${report.at.slice(0, 10)} on ${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}`
      + `${machine.pinned ? ', server on one core, load and PostgreSQL on the rest' : ', nothing pinned'}; load average ${loadAverage.before} before, ${loadAverage.after} after; `
      + `${options.rounds} interleaved rounds of ${options.seconds} s, ${options.connections} connections. (c) is a hand-written Fastify + pg service over the same tables without authentication, ownership or limits; node:http answers the same bytes from memory. `
      + 'Ratios are medians of the rounds; on a machine with other work take those below about 1.5 as undecided. '
      + 'Where the time goes: [decision 40](docs/adr/0040-where-the-time-goes.md).',
    '',
    ...readTable(report.reads),
    '',
    ...otherLines(report),
    `- Gateway: ready ${whole(gateway.startMs)} ms after its start, ${gateway.idleRssMiB ?? '–'} MiB resident when idle, ${gateway.rssAfterMiB ?? '–'} MiB after everything.`,
    ...report.left.map((text) => `- Not measured: ${text}`),
    '',
  ].join('\n');
}

function readTable(reads: readonly Measured[]): string[] {
  if (reads.length === 0) return [];
  const find = (work: string, server: string): Measured | undefined => reads.find((each) => each.work === work && each.server === server);
  return [
    row('work', 'gateway req/s', 'CPU µs/req', 'p50 / p99 ms', '(c) req/s', '(c) CPU µs/req', 'rate ÷ (c)', 'CPU: (c) ÷ ours', 'goal', 'rate ÷ node:http', 'CPU: node:http ÷ ours'),
    row(...Array.from({ length: 11 }, (_, i) => (i === 0 || i === 3 ? '---' : '---:'))),
    ...[...new Set(reads.map((each) => each.work))].map((work) => {
      const [ours, theirs, bare] = [find(work, 'gateway')!, find(work, 'hand-written'), find(work, 'node:http')];
      return row(
        ours.title, whole(ours.perSecond), whole(ours.cpuMicrosPerRequest), `${ours.p50Ms.toFixed(1)} / ${ours.p99Ms.toFixed(1)}`, whole(theirs?.perSecond), whole(theirs?.cpuMicrosPerRequest),
        roundRatio(ours, theirs, rate), theirs ? roundRatio(theirs, ours, cpu) : '–', goals[work] ?? '–',
        roundRatio(ours, bare, rate), bare ? roundRatio(bare, ours, cpu) : '–',
      );
    }),
  ];
}

function otherLines({ explosion, import: imported }: BenchReport): string[] {
  const lines: string[] = [];
  if (explosion) {
    const { gateway, sql, handWritten } = explosion;
    lines.push(`- Full explosion of a 10-level BOM of ${whole(explosion.lines)} lines (${explosion.megabytes.toFixed(1)} MB of JSON): ${gateway.toFixed(2)} s; the statement alone ${sql.toFixed(2)} s (ours ${(gateway / sql).toFixed(2)} ×, goal ≤ 2), (c) ${handWritten.toFixed(2)} s; memory at most ${explosion.gatewayPeakMiB ?? '–'} MiB (goal ≤ 250), (c) ${explosion.handWrittenPeakMiB ?? '–'} MiB.`);
  }
  if (imported) {
    lines.push(`- Import of ${whole(imported.rows)} items with history through \`:batch\`: ${whole(imported.perSecond)} items/s, ${whole(imported.gatewayCpuMicrosPerRow)} CPU µs per item; COPY of the same rows into the same indexes ${whole(imported.copyPerSecond)} rows/s (ours ${ratio(imported.perSecond, imported.copyPerSecond)} ×, goal ≥ 0.35); ${imported.gatewayRssMiB ?? '–'} MiB afterwards.`);
  }
  return lines;
}
