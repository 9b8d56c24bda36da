import type { BenchOptions } from './options.js';
import type { Load } from './load.js';
import { cpuMicros } from './machine.js';
import type { ReadWork } from './read-works.js';
import type { ServerName, Servers } from './servers.js';

export interface Sample { perSecond: number; cpuMicros: number | undefined; p50Ms: number; p99Ms: number }

export interface Measured {
  work: string;
  title: string;
  server: ServerName;
  samples: Sample[];
  /** Medians over the rounds. */
  perSecond: number;
  cpuMicrosPerRequest: number | undefined;
  p50Ms: number;
  p99Ms: number;
  bytesPerAnswer: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** On a busy machine seconds say little about how much of a server is compiled. */
const warmUpAnswers = 4_000;

type Case = { work: ReadWork; server: ServerName; samples: Sample[]; bytesPerAnswer: number };

/** All cases warmed first; then rounds in which each is measured once, so that a disturbance of the machine does not hit one of them only. */
export async function measureReads(servers: Servers, load: Load, works: readonly ReadWork[], options: BenchOptions, say: (text: string) => void): Promise<Measured[]> {
  const cases: Case[] = works.flatMap((work) => (Object.keys(work.requests) as ServerName[]).map((server) => ({ work, server, samples: [], bytesPerAnswer: 0 })));
  for (const each of cases) await sample(servers, load, each, { ...options, seconds: options.warmUpSeconds, answersMin: warmUpAnswers });
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`round ${round} of ${options.rounds}`);
    for (const each of cases) each.samples.push(await sample(servers, load, each, options));
  }
  return cases.map(toMeasured);
}

async function sample(servers: Servers, load: Load, each: Case, { connections, seconds, answersMin }: Pick<BenchOptions, 'connections' | 'seconds'> & { answersMin?: number }): Promise<Sample> {
  const { work, server } = each;
  const process = servers[server];
  const before = cpuMicros(process.pid);
  const report = await load.run({ port: process.port, requests: work.requests[server]!, status: work.status, connections, seconds, answersMin });
  const after = cpuMicros(process.pid);
  const unexpected = Object.entries(report.unexpected);
  if (unexpected.length > 0 || report.answers === 0) throw new Error(`${work.name} on ${server}: ${JSON.stringify(report.unexpected)}, ${report.answers} answers`);
  each.bytesPerAnswer = Math.round(report.bytes / report.answers);
  return {
    perSecond: report.answers / report.seconds,
    cpuMicros: before === undefined || after === undefined ? undefined : (after - before) / report.answers,
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
  };
}

function toMeasured({ work, server, samples, bytesPerAnswer }: Case): Measured {
  const cpu = samples.map((each) => each.cpuMicros).filter((each) => each !== undefined);
  return {
    work: work.name, title: work.title, server, samples, bytesPerAnswer,
    perSecond: median(samples.map((each) => each.perSecond)),
    cpuMicrosPerRequest: cpu.length > 0 ? median(cpu) : undefined,
    p50Ms: median(samples.map((each) => each.p50Ms)),
    p99Ms: median(samples.map((each) => each.p99Ms)),
  };
}
