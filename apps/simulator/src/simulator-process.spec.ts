import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';
import type { Effect } from './control/effects.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
// Inside node_modules, so that the built file finds the packages.
const built = join(root, 'node_modules', '.cache', `datum-simulator-${process.pid}`);
const token = 'token-of-the-process-test';

interface Running {
  child: ChildProcess;
  url: string;
}

describe('the simulator as a process', () => {
  const children: ChildProcess[] = [];
  let dir = '';

  beforeAll(async () => {
    await build({
      root, configFile: false, logLevel: 'error',
      build: { ssr: 'apps/simulator/src/main.ts', outDir: built, emptyOutDir: true, rollupOptions: { output: { entryFileNames: 'main.js' } } },
    });
    dir = mkdtempSync(join(tmpdir(), 'datum-simulator-'));
  });
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
  afterAll(() => {
    rmSync(built, { recursive: true, force: true });
    rmSync(dir, { recursive: true, force: true });
  });

  async function start(environment: Record<string, string> = {}): Promise<Running> {
    const child = spawn(process.execPath, [join(built, 'main.js')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, SIM_TOKENS: JSON.stringify({ [token]: { name: 'gateway' } }), ...environment },
    });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, url: (JSON.parse(line) as { url: string }).url };
  }

  const ended = async (child: ChildProcess): Promise<number | null> => ((await once(child, 'exit')) as [number | null])[0];
  const call = (url: string, method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url + path, {
      method, headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  const effectsOf = async (url: string): Promise<Effect[]> =>
    ((await (await fetch(`${url}/sim/effects`)).json()) as { effects: Effect[] }).effects;

  it('loses nothing it acknowledged to a kill -9, and has no effect twice afterwards', async () => {
    const data = join(dir, 'data.json');
    writeFileSync(data, JSON.stringify({ items: [{ number: '100500', name: 'Actuator 500 mm' }] }));
    const environment = { SIM_DATA: data, SIM_JOURNAL: join(dir, 'killed') };
    const first = await start(environment);
    const key = { 'x-idempotency-key': 'intent-1' };
    const created = await call(first.url, 'POST', '/ce/v1/items', { itemNo: 'K-1', descEn: 'Kept' }, key);
    expect(created.status).toBe(201);
    const patched = await call(first.url, 'PATCH', '/ce/v1/items/by-number/100500', { descEn: 'Changed' }, { 'if-match': '"r1"' });
    expect(patched.status).toBe(200);
    const acknowledged = await effectsOf(first.url);
    first.child.kill('SIGKILL');
    await ended(first.child);
    appendFileSync(join(dir, 'killed.corporate.jsonl'), '{"sequence":3,"kind":"crea');

    const second = await start(environment);
    expect(await effectsOf(second.url)).toEqual(acknowledged);
    const kept = await call(second.url, 'GET', '/ce/v1/items/by-number/K-1');
    expect(kept.headers.get('etag')).toBe('"r1"');
    expect(await kept.json()).toMatchObject({ descEn: 'Kept' });
    expect(await (await call(second.url, 'GET', '/ce/v1/items/by-number/100500')).json()).toMatchObject({ descEn: 'Changed', rev: 2 });
    const again = await call(second.url, 'POST', '/ce/v1/items', { itemNo: 'K-1', descEn: 'Kept' }, key);
    expect(again.status).toBe(201);
    expect(await effectsOf(second.url)).toHaveLength(2);
    expect((await call(second.url, 'POST', '/ce/v1/items', { itemNo: 'K-2', descEn: 'Next' })).status).toBe(201);
    const lines = readFileSync(join(dir, 'killed.corporate.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Effect).sequence)).toEqual([1, 2, 3]);
  });

  it('stops on SIGTERM, and with its parent when told to', async () => {
    const told = await start();
    told.child.kill('SIGTERM');
    expect(await ended(told.child)).toBe(0);
    const orphan = await start({ SIM_STOP_WITH_PARENT: '1' });
    orphan.child.stdin!.end();
    expect(await ended(orphan.child)).toBe(0);
  });

  it('has the effect of a call whose answer it drops, and says so in its ledger', async () => {
    const { url } = await start();
    await call(url, 'PUT', '/sim/faults', { dropReplyRate: 1 });
    const deduplicationKey = randomUUID();
    const lost = call(url, 'POST', '/ce/v1/items', { itemNo: 'D-1', descEn: 'Dropped' }, { 'x-idempotency-key': deduplicationKey });
    await expect(lost).rejects.toThrow();
    expect(await effectsOf(url)).toMatchObject([{ sequence: 1, kind: 'create', key: 'D-1', caller: 'gateway', deduplicationKey }]);
  });

  it('draws the same faults again from the same seed', async () => {
    const { url } = await start();
    const outcomes = async (seed: number): Promise<number[]> => {
      await call(url, 'PUT', '/sim/faults', { seed, refuseRate: 0.5, apply: 'all' });
      const statuses: number[] = [];
      for (let time = 0; time < 20; time += 1) statuses.push((await call(url, 'GET', '/ce/v1/ping')).status);
      return statuses;
    };
    const first = await outcomes(7);
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await outcomes(7)).toEqual(first);
    expect(await outcomes(8)).not.toEqual(first);
  });

  it('answers 429 above its rate, nothing while it is down, and counts what it sees', async () => {
    const { url } = await start();
    await call(url, 'PUT', '/sim/faults', { callsPerSecondMax: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(url, 'GET', '/ce/v1/ping')));
    const throttled = answers.filter(({ status }) => status === 429);
    expect(throttled.length).toBeGreaterThan(0);
    expect(throttled[0]!.headers.get('retry-after')).toBe('1');
    await call(url, 'PUT', '/sim/faults', { down: true });
    await expect(call(url, 'GET', '/ce/v1/ping')).rejects.toThrow();
    const calls = (await (await fetch(`${url}/sim/calls`)).json()) as { calls: number; perSecondMax: number; parallelMax: number };
    expect(calls.calls).toBe(21);
    expect(calls.perSecondMax).toBeGreaterThan(5);
    expect(calls.parallelMax).toBeGreaterThanOrEqual(1);
  });
});
