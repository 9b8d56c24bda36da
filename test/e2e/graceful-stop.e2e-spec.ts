import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gracefulStop } from '@datum/platform';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';
import { unlimited } from './security/callers.js';

let gateway: TestGateway;
let corp: TestClient;
let origin: string;
const agent = new Agent({ connections: 24, pipelining: 1 });

beforeAll(async () => {
  gateway = await testGateway({ env: unlimited });
  corp = await gateway.client('CE', ['item.read', 'item.write']);
  await gateway.app.listen(0, '127.0.0.1');
  origin = `http://127.0.0.1:${(gateway.app.getHttpServer() as { address(): AddressInfo }).address().port}`;
});
afterAll(async () => {
  await agent.close();
  await gateway?.close();
});

type Seen = { at: number; status: number; code?: string } | { at: number; failed: string };

const item = (code: string) => ({ code, type: 'finished', baseUnit: 'C62', state: 'active' });

async function send(path: string, body?: object, change?: object): Promise<number> {
  const content = body ?? change;
  const { statusCode, body: answer } = await request(`${origin}${path}`, {
    dispatcher: agent, method: body ? 'POST' : change ? 'PATCH' : 'GET', ...(content ? { body: JSON.stringify(content) } : {}),
    headers: {
      authorization: `Bearer ${corp.token}`,
      ...(content ? { 'content-type': 'application/json', 'if-match': '*', 'idempotency-key': `load-${crypto.randomUUID()}` } : {}),
    },
  });
  await answer.text();
  return statusCode;
}

/** Writes and reads without a pause for as long as a load balancer would send it here. */
async function load(worker: number, seen: Seen[], isSent: () => boolean): Promise<void> {
  for (let i = 0; isSent(); i += 1) {
    const at = performance.now();
    const code = `LOAD-${worker}-${i}`;
    try {
      if (i % 2 === 0) seen.push({ at, code, status: await send('/v1/items', item(code)) });
      else seen.push({ at, status: await send('/v1/items?limit=5') });
    } catch (error) {
      seen.push({ at, failed: String((error as { code?: string }).code ?? error) });
      await delay(10);
    }
  }
}

/** An item whose row is locked by somebody else until it is let go. */
async function heldRow(): Promise<{ id: string; release: () => Promise<void> }> {
  const client = await gateway.db.database.connect();
  await client.query('BEGIN');
  const { rows } = await client.query<{ id: string }>('SELECT id FROM item ORDER BY id LIMIT 1 FOR UPDATE');
  return { id: rows[0]!.id, release: async () => { await client.query('COMMIT'); client.release(); } };
}

/** How it stands, on a connection of its own; undefined when nobody answers. */
async function readiness(): Promise<number | undefined> {
  return request(`${origin}/health/ready`, { headers: { connection: 'close' } }).then(async ({ statusCode, body }) => {
    await body.text();
    return statusCode;
  }, () => undefined);
}

it('[R16] a stop under load: readiness goes first, every request that was taken is answered, what was acknowledged is kept', async () => {
  const stop = gracefulStop({ app: gateway.app, health: gateway.runtime.health, drainMs: 2_000, steps: [] });
  const seen: Seen[] = [];
  let ready: number | undefined = await readiness();
  expect(ready).toBe(200);
  const workers = Array.from({ length: 8 }, (_, worker) => load(worker, seen, () => ready === 200));
  while (seen.length < 100) await delay(20);
  const signalled = performance.now();
  const stopped = stop.stop('test');
  const drained = await readiness();
  ready = drained;
  // Long work that was taken while the listener was open, and outlives it: the row it waits for is let go only when nobody listens any more.
  const held = await heldRow();
  const long = send(`/v1/items/${held.id}`, undefined, { productLine: 'Drives' });
  while ((await readiness()) !== undefined) await delay(50);
  await held.release();
  const status = await long;
  await Promise.all([stopped, ...workers]);
  stop.dispose();
  expect(drained, 'not ready while it still answers').toBe(503);
  expect(status).toBe(200);
  expect(seen.filter((each) => 'failed' in each || each.status >= 500)).toEqual([]);
  expect(seen.some(({ at }) => at > signalled), 'requests after the signal were answered').toBe(true);
  const acknowledged = seen.flatMap((each) => ('status' in each && each.status === 201 ? each.code! : []));
  const kept = await gateway.db.database.query<{ code: string }>('SELECT code FROM item WHERE code = ANY($1)', [acknowledged]);
  expect(kept).toHaveLength(acknowledged.length);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(await readiness(), 'nobody listens any more').toBeUndefined();
}, 60_000);
