import fs from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureExplosion } from './explosion-work.js';
import { measureImport } from './import-work.js';
import { Load } from './load.js';
import { cores, loadAverage, machine, memoryMiB, pin } from './machine.js';
import { measureReads } from './measure.js';
import { readOptions, type BenchOptions } from './options.js';
import { ask, checkAnswers, readWorks } from './read-works.js';
import { toMarkdown, type BenchReport } from './report.js';
import { writeTable } from './results.js';
import { startGateway, startPeers, tokenFor, type Servers } from './servers.js';
import type { ServerProcess } from './server-process.js';
import { setStage, type Stage } from './stage.js';

const say = (text: string): void => console.error(`[bench] ${text}`);

/** Settles after a start: the first seconds of a Node process are compilation and garbage of its start. */
const idleMs = 3_000;

async function measure(stage: Stage, gateway: ServerProcess, peers: ServerProcess[], options: BenchOptions): Promise<BenchReport> {
  await sleep(idleMs);
  const report: BenchReport = {
    at: new Date().toISOString(), machine: machine(), loadAverage: { before: loadAverage(), after: 0 }, options,
    gateway: { startMs: gateway.startMs, idleRssMiB: memoryMiB(gateway.pid)?.now, rssAfterMiB: undefined }, reads: [], left: [],
  };
  const token = await tokenFor(stage, gateway);
  const sample = await fetch(`http://127.0.0.1:${gateway.port}/v1/items/${stage.data.itemIds[0]}`, { headers: { authorization: `Bearer ${token}` } });
  const started = await startPeers(stage, await sample.text());
  peers.push(...Object.values(started));
  const servers: Servers = { gateway, ...started, token };
  const wants = (name: string): boolean => options.only === undefined || options.only.split(',').some((part) => name.includes(part));

  await readAll(stage, servers, report, wants);
  if (wants('explosion') && (await answers(servers, `/v1/items/${stage.data.top.id}/bom-explosion`))) {
    say('explosion');
    report.explosion = await measureExplosion(stage, servers);
  }
  if (wants('import')) {
    say(`import of ${options.importRows} items`);
    report.import = await measureImport(stage, servers, options.importRows);
  }
  report.gateway.rssAfterMiB = memoryMiB(gateway.pid)?.now;
  report.loadAverage.after = loadAverage();
  return report;
}

async function readAll(stage: Stage, servers: Servers, report: BenchReport, wants: (name: string) => boolean): Promise<void> {
  const hasBoms = await answers(servers, `/v1/items/${stage.data.top.id}/bom-explosion`);
  if (!hasBoms) report.left.push('BOMs: this gateway does not serve them');
  const works = readWorks(stage.data, servers.token, hasBoms).filter(({ name }) => wants(name));
  for (const work of works) await checkAnswers(servers, work);
  if (works.length === 0) return;
  const load = new Load();
  try {
    report.reads = await measureReads(servers, load, works, report.options, say);
  } finally {
    load.stop();
  }
}

const answers = async (servers: Servers, path: string): Promise<boolean> =>
  (await ask(servers, 'gateway', `GET ${path} HTTP/1.1\r\nAuthorization: Bearer ${servers.token}\r\n\r\n`)).status === 200;

async function main(): Promise<void> {
  const options = readOptions(process.argv);
  pin(process.pid, cores.rest);
  say('setting the stage: PostgreSQL, schema, data …');
  const stage = await setStage(options);
  const servers: ServerProcess[] = [];
  try {
    const gateway = await startGateway(stage, options.profile);
    servers.push(gateway);
    const report = await measure(stage, gateway, servers, options);
    const table = toMarkdown(report);
    console.log(`\n${table}`);
    await fs.writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    say(`numbers in ${options.json}`);
    if (options.writeReadme) say(`table in ${await writeTable(table)}`);
  } finally {
    for (const server of servers) await server.stop();
    await stage.close();
  }
}

await main();
