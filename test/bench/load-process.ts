import { setTimeout as sleep } from 'node:timers/promises';
import { LoadConnection, type Answers } from './load-connection.js';

/** What the parent asks for; `requests` are whole HTTP requests as text. */
export interface LoadOrder { port: number; requests: string[]; status: number; connections: number; seconds: number; /** Go on until so many are answered, for at most 20 s. */ answersMin?: number }

export interface LoadReport {
  answers: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  bytes: number;
  /** What came that was not expected, by kind. */
  unexpected: Record<string, number>;
}

const answersMinMs = 20_000;

async function run(order: LoadOrder): Promise<LoadReport> {
  const answers: Answers = { latencies: [], unexpected: new Map(), bytes: 0 };
  const target = { port: order.port, status: order.status, requests: order.requests.map((text) => Buffer.from(text)) };
  const began = performance.now();
  const connections = Array.from({ length: order.connections }, (_, i) => new LoadConnection(target, answers, i * 104_729));
  await sleep(order.seconds * 1_000);
  while (answers.latencies.length < (order.answersMin ?? 0) && performance.now() - began < answersMinMs) await sleep(50);
  const seconds = (performance.now() - began) / 1_000;
  const count = answers.latencies.length;
  for (const connection of connections) connection.stop();
  const sorted = Float64Array.from(answers.latencies).sort();
  const percentile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { answers: count, seconds, p50Ms: percentile(0.5), p99Ms: percentile(0.99), bytes: answers.bytes, unexpected: Object.fromEntries(answers.unexpected) };
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((report) => process.send!(report));
});
process.on('disconnect', () => process.exit(0));
