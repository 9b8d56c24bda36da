import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@datum/platform';
import { verifyAudit } from '@datum/platform/offline';
import { ServerProcess } from '../support/server-process.js';
import { seeded } from '../support/random.js';

/** R1 at CI scale. DATUM_CHAOS_WRITES and DATUM_CHAOS_KILLS enlarge it; the seed is printed, and a run can be repeated with it. */
const writes = Number(process.env.DATUM_CHAOS_WRITES ?? 10_000);
const kills = Number(process.env.DATUM_CHAOS_KILLS ?? 20);
const seed = Number(process.env.DATUM_CHAOS_SEED ?? Date.now() % 1_000_000);
const writeRequests = Math.floor(writes / 10);
const workers = 16;

interface Job { key: string; kind: 'create' | 'request'; n: number; code: string }

let home: string;
let postgres: EmbeddedPostgres;
let server: ServerProcess;
const random = seeded(seed);
const acknowledged = { creates: new Map<string, string>(), requests: new Map<string, string>() };

beforeAll(async () => {
  console.log(`chaos seed ${seed}: ${writes} writes, ${writeRequests} of them write requests, ${kills} kills`);
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'datum-chaos-'));
  fs.chmodSync(home, 0o711);
  postgres = await startEmbeddedPostgres({ home, name: 'pg', database: 'datum' });
  server = await start();
}, 180_000);

afterAll(async () => {
  await server?.kill();
  await postgres?.stop();
  fs.rmSync(home, { recursive: true, force: true });
});

const start = (): Promise<ServerProcess> => ServerProcess.start({
  home, databaseUrl: postgres.url, env: { DATUM_RATE_PER_MINUTE: '10000000', DATUM_SHED_DELAY_MS: '0' },
});

describe('kill -9 at random moments', () => {
  it('[R1] loses nothing acknowledged, has no effect twice and leaves no operation stuck', async () => {
    const tokens = { corp: await server.token('corp-erp'), plan: await server.token('planning') };
    await withoutDeduplication();
    const targets = await createTargets(tokens.corp);
    const jobs = makeJobs(targets);
    let done = 0;
    let killing = true;
    const killAt = Array.from({ length: kills }, () => Math.floor(random() * jobs.length * 0.95)).sort((a, b) => a - b);
    const queue = [...jobs];
    const drain = async (): Promise<void> => {
      for (let job = queue.shift(); job; job = queue.shift()) {
        await untilAcknowledged(job, tokens);
        done += 1;
      }
    };
    const killer = (async () => {
      for (const at of killAt) {
        while (done < at && killing) await delay(5);
        await delay(random() * 40);
        await server.kill();
        server = await start();
      }
    })();
    await Promise.all(Array.from({ length: workers }, drain));
    killing = false;
    await killer;
    await everyOperationEnds(tokens.plan);
    await checkRecords(tokens.corp);
    await checkEffects();
    await checkAudit(await server.token('admin'));
  }, 1_500_000);
});

/** Items that exist in the golden record and in the simulated ERP alike, because the ERP got them as creates of its own. */
async function createTargets(token: string): Promise<{ id: string; code: string }[]> {
  const answer = await fetch(`${server.url}/v1/items?limit=500`, { headers: { authorization: `Bearer ${token}` } });
  const { data } = (await answer.json()) as { data: { id: string; code: string }[] };
  return data.filter(({ code }) => code !== 'KIT-MNT');
}

function makeJobs(targets: { id: string; code: string }[]): Job[] {
  const jobs: Job[] = [];
  for (let n = 0; n < writes; n += 1) {
    const isRequest = n % 10 === 9 && jobs.filter((job) => job.kind === 'request').length < writeRequests;
    jobs.push({ key: `chaos-${seed}-${String(n).padStart(6, '0')}`, kind: isRequest ? 'request' : 'create', n, code: isRequest ? targets[n % targets.length]!.id : `CH-${n}` });
  }
  return jobs;
}

/** A caller that does not know whether its request arrived sends it again with the same key, for as long as it takes. */
async function untilAcknowledged(job: Job, tokens: { corp: string; plan: string }): Promise<void> {
  for (;;) {
    const answer = await send(job, tokens).catch(() => undefined);
    if (answer && (answer.status === 201 || answer.status === 202)) {
      const { id } = (await answer.json()) as { id: string };
      (job.kind === 'create' ? acknowledged.creates : acknowledged.requests).set(job.kind === 'create' ? job.code : job.key, id);
      return;
    }
    if (answer && ![401, 409, 429, 503].includes(answer.status)) throw new Error(`${job.kind} ${job.n}: ${answer.status} ${await answer.text()}`);
    if (answer?.status === 401) Object.assign(tokens, await freshTokens(tokens));
    await delay(20 + random() * 40);
  }
}

async function freshTokens(old: { corp: string; plan: string }): Promise<{ corp: string; plan: string }> {
  try {
    return { corp: await server.token('corp-erp'), plan: await server.token('planning') };
  } catch {
    return old;
  }
}

function send(job: Job, tokens: { corp: string; plan: string }): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': job.key };
  if (job.kind === 'create') {
    const body = { code: job.code, type: 'purchased', baseUnit: 'C62', state: 'active', description: { en: `Chaos ${job.n}` } };
    return fetch(`${server.url}/v1/items`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${tokens.corp}` }, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
  }
  const body = { target: { recordType: 'item', id: job.code }, ifMatch: '*', patch: { description: { en: `Requested ${job.n}` } }, reason: 'chaos' };
  return fetch(`${server.url}/v1/write-requests`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${tokens.plan}` }, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
}

async function everyOperationEnds(token: string): Promise<void> {
  const open = new Set(acknowledged.requests.values());
  const states = new Map<string, number>();
  for (let i = 0; i < 600 && open.size > 0; i += 1) {
    for (const id of [...open].slice(0, 200)) {
      const answer = await fetch(`${server.url}/v1/operations/${id}`, { headers: { authorization: `Bearer ${token}` } });
      const { status } = (await answer.json()) as { status: string };
      if (status === 'queued' || status === 'running') continue;
      open.delete(id);
      states.set(status, (states.get(status) ?? 0) + 1);
    }
    if (open.size > 0) await delay(500);
  }
  console.log(`operations: ${JSON.stringify(Object.fromEntries(states))}`);
  expect(open.size, 'operations that are stuck').toBe(0);
  expect(states.get('succeeded'), 'write requests that succeeded').toBe(acknowledged.requests.size);
}

async function checkRecords(token: string): Promise<void> {
  const seen = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer: Response = await fetch(`${server.url}/v1/items?limit=500&filter[code][like]=CH-*${cursor ? `&cursor=${cursor}` : ''}`, { headers: { authorization: `Bearer ${token}` } });
    const { data, page } = (await answer.json()) as { data: { id: string; code: string; version: number }[]; page: { nextCursor: string | null } };
    for (const { id, code, version } of data) {
      seen.set(code, (seen.get(code) ?? 0) + 1);
      expect(acknowledged.creates.get(code), code).toBe(id);
      expect(version, code).toBe(1);
    }
    cursor = page.nextCursor;
  }
  expect(seen.size).toBe(acknowledged.creates.size);
  expect([...seen.values()].every((count) => count === 1)).toBe(true);
}

/**
 * The simulator's own ledger is the oracle. It was told no deduplication keys, so nothing but the gateway keeps an effect from happening twice: each wish has a
 * text of its own, and each text must have been written exactly once.
 */
async function checkEffects(): Promise<void> {
  const lines = fs.readFileSync(path.join(home, 'simulator.corporate.jsonl'), 'utf8').split('\n').filter(Boolean);
  const effects = lines.map((line) => JSON.parse(line) as Effect).filter(({ kind, caller }) => kind === 'update' && caller === 'gateway');
  const times = new Map<string, number>();
  for (const { after } of effects) {
    const wish = /Requested \d+/.exec(JSON.stringify(after))?.[0] ?? 'something else';
    times.set(wish, (times.get(wish) ?? 0) + 1);
  }
  expect([...times].filter(([, count]) => count > 1), 'effects that happened twice').toEqual([]);
  expect(times.size, 'effects in the ERP').toBe(acknowledged.requests.size);
  expect(effects.every(({ deduplicationKey }) => deduplicationKey == null), 'no key was sent').toBe(true);
}

interface Effect { kind: string; caller: string; deduplicationKey?: string | null; after: unknown }

/** Takes the ERP's own protection away, so that the gateway's is what is proven. */
async function withoutDeduplication(): Promise<void> {
  const headers = { authorization: `Bearer ${await server.token('admin')}` };
  const read = await fetch(`${server.url}/v1/systems/CE`, { headers });
  const { capabilities } = (await read.json()) as { capabilities: { adapter: { configuration: { headers: Record<string, string> } } } };
  delete capabilities.adapter.configuration.headers.deduplication;
  const answer = await fetch(`${server.url}/v1/systems/CE`, {
    method: 'PATCH', headers: { ...headers, 'content-type': 'application/merge-patch+json', 'if-match': read.headers.get('etag')! },
    body: JSON.stringify({ capabilities: { adapter: { configuration: { headers: { ...capabilities.adapter.configuration.headers, deduplication: null } } } } }),
  });
  expect(answer.status, await answer.text()).toBe(200);
  // The worker takes a changed adapter up within two polls of a second each.
  await delay(5_000);
}

async function checkAudit(token: string): Promise<void> {
  const answer = await fetch(`${server.url}/v1/audit/export`, { headers: { authorization: `Bearer ${token}` } });
  const lines = readline.createInterface({ input: Readable.fromWeb(answer.body as never) });
  const report = await verifyAudit(lines);
  expect(report.problems).toEqual([]);
  expect(report.ok).toBe(true);
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
