import fs from 'node:fs';
import { median } from './measure.js';
import { memoryMiB } from './machine.js';
import { explosionSql } from './peers/explode.js';
import type { Servers } from './servers.js';
import type { Stage } from './stage.js';

export interface ExplosionResult {
  lines: number;
  megabytes: number;
  /** Seconds, medians: the gateway's stream, the hand-written service, and the statement alone with all its rows read by a client. */
  gateway: number;
  handWritten: number;
  sql: number;
  /** Highest resident memory of the gateway while it answered, MiB. */
  gatewayPeakMiB: number | undefined;
  handWrittenPeakMiB: number | undefined;
}

const runs = 5;

/** The whole explosion of the deep BOM, once each in turns. */
export async function measureExplosion(stage: Stage, servers: Servers): Promise<ExplosionResult> {
  const { id, lines } = stage.data.top;
  const seconds = { gateway: [] as number[], handWritten: [] as number[], sql: [] as number[] };
  let bytes = 0;
  forgetPeak(servers.gateway.pid);
  forgetPeak(servers['hand-written'].pid);
  for (let run = 0; run <= runs; run += 1) {
    const ours = await timed(() => read(`http://127.0.0.1:${servers.gateway.port}/v1/items/${id}/bom-explosion?mode=multilevel`, servers.token));
    const theirs = await timed(() => read(`http://127.0.0.1:${servers['hand-written'].port}/items/${id}/explosion`));
    const plain = await timed(() => stage.runtime.database.query(explosionSql, [id, new Date().toISOString().slice(0, 10)]));
    if (plain.value.length !== lines) throw new Error(`the statement found ${plain.value.length} lines of ${lines}`);
    if (run === 0) checkSame(ours.value, theirs.value, lines);
    else {
      seconds.gateway.push(ours.seconds);
      seconds.handWritten.push(theirs.seconds);
      seconds.sql.push(plain.seconds);
    }
    bytes = ours.value.length;
  }
  return {
    lines, megabytes: bytes / 1e6, gateway: median(seconds.gateway), handWritten: median(seconds.handWritten), sql: median(seconds.sql),
    gatewayPeakMiB: memoryMiB(servers.gateway.pid)?.peak, handWrittenPeakMiB: memoryMiB(servers['hand-written'].pid)?.peak,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const began = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - began) / 1_000 };
}

async function read(url: string, token?: string): Promise<string> {
  const answer = await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
  return text;
}

interface Exploded { data: { level: number; position: number; itemId: string; quantity: { value: string } }[] }

/** Line by line the same component in the same quantity. */
function checkSame(ours: string, theirs: string, lines: number): void {
  const [a, b] = [ours, theirs].map((text) => (JSON.parse(text) as Exploded).data.map((row) => `${row.level} ${row.position} ${row.itemId} ${row.quantity.value}`));
  if (a!.length !== lines) throw new Error(`the gateway sent ${a!.length} lines of ${lines}`);
  const differs = a!.findIndex((row, i) => row !== b![i]);
  if (differs >= 0) throw new Error(`the explosions differ in row ${differs}: ${a![differs]} against ${b![differs]}`);
}

/** Linux forgets the highest resident memory when asked; elsewhere, or when it refuses, the peak counts from the start. */
function forgetPeak(pid: number): void {
  try {
    fs.writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the figure is too high, never too low.
  }
}
