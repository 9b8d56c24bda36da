import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErpPort } from '@datum/write-back';
import { call, creation, newKey } from '../../contract/erp/erp-fixture.js';
import { FaultProxy } from '../../contract/erp/fault-proxy.js';
import { openTryton, trytonSamples } from './tryton-fixture.js';
import { startTrytonServer } from './tryton-server.js';
import type { TrytonServer } from './tryton-server.js';

const server = await startTrytonServer();

describe.runIf(server)('Tryton session', () => {
  let proxy: FaultProxy;
  let port: ErpPort;
  const logIns = (): number => proxy.exchanges.filter(({ body }) => body.includes('"common.db.login"')).length;

  beforeAll(async () => {
    proxy = await FaultProxy.start(server!.url);
    port = openTryton(server!, proxy.url);
  });
  afterAll(async () => {
    await port?.close();
    await proxy?.stop();
    await server?.stop();
  });

  it('logs in once for calls that come together', async () => {
    await Promise.all(Array.from({ length: 6 }, () => port.ping(call())));
    expect(logIns()).toBe(1);
  });

  it('opens a new session when the server has ended the old one, and the write happens once', async () => {
    await port.ping(call());
    await endSession(server!, proxy);
    proxy.calm();
    const key = newKey();
    await port.create(creation(trytonSamples[1]!, key), call());
    expect(logIns()).toBe(1);
    expect((await port.keys('supplier', call())).filter((held) => held === key)).toHaveLength(1);
  });

  it('gives up after one new session', async () => {
    proxy.calm();
    const refuse = { kind: 'answer', answer: { status: 401 } } as const;
    proxy.meet(({ body }) => (/common\.db\.login|get_preferences/.test(body) ? { kind: 'pass' } : refuse));
    await expect(port.ping(call())).rejects.toMatchObject({ kind: 'auth' });
    expect(logIns()).toBe(1);
    expect(proxy.exchanges.filter(({ body }) => body.includes('party.search'))).toHaveLength(2);
  });
});

/** Logs the adapter's session out behind its back, with the header that it sent last. */
async function endSession(to: TrytonServer, through: FaultProxy): Promise<void> {
  const authorization = through.lastAuthorization;
  const answer = await fetch(`${to.url}/${to.database}/`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: authorization! },
    body: JSON.stringify({ id: 1, method: 'common.db.logout', params: [] }),
  });
  expect(answer.status).toBe(200);
}
