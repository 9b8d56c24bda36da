import { createClient, type Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ClientLimiter } from '../lifecycle/rate-limit.js';
import { goodToken, graphqlTestApp, type GraphqlTestApp } from './graphql-app.fixture.js';

let test: GraphqlTestApp;
let url: string;
const clients: Client[] = [];

beforeAll(async () => {
  test = await graphqlTestApp({ subscriptions: { operationsPerSocketMax: 2, messageBytesMax: 10_000 } });
  url = `${(await test.app.getUrl()).replace('http', 'ws')}/graphql`;
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await test?.app.close();
});

function connect(authorization: string | undefined = goodToken, to = url): Client {
  const client = createClient({ url: to, webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0, lazy: true });
  clients.push(client);
  return client;
}

/** Collects what a subscription brings; `ended` resolves with its end or its error. */
function listen(client: Client, query: string) {
  const events: any[] = [];
  let stop: () => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => {
    stop = client.subscribe({ query }, { next: (event) => events.push(event), error: resolve, complete: () => resolve('complete') });
  });
  return { events, ended, stop: () => stop() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !condition(); turn += 1) await new Promise((resolve) => { setTimeout(resolve, 10); });
  expect(condition()).toBe(true);
}

describe('subscriptions', () => {
  it('brings events, each with loaders of its own, and ends the source when the client leaves', async () => {
    const { events, stop } = listen(connect(), 'subscription{itemCreated{code owner{name} refused}}');
    await until(() => test.probe.open === 1);
    const before = test.probe.batches;
    for (const n of [1, 2]) {
      await until(() => test.probe['waiting'].length === 1);
      test.probe.publish(1);
      await until(() => events.length === n);
    }
    expect(events[1]).toMatchObject({
      data: { itemCreated: { code: 'I1', owner: { name: 'S1' }, refused: null } },
      errors: [{ extensions: { code: 'ownership.violation', owner: 'CE' } }],
    });
    expect(test.probe.batches - before).toBe(2);
    stop();
    await until(() => test.probe.open === 0);
  });

  it('runs queries over the socket with the same errors', async () => {
    const { events, ended } = listen(connect(), '{item(code:"I1"){code broken}}');
    expect(await ended).toBe('complete');
    expect(events[0]).toMatchObject({ data: { item: { code: 'I1', broken: null } }, errors: [{ extensions: { code: 'internal' } }] });
    expect(JSON.stringify(events)).not.toContain('secret_table');
  });

  it('[SEC25] applies the limits of HTTP', async () => {
    const refused = await listen(connect(), '{items(first:100){nodes{parts(limit:200){code}}}}').ended as any[];
    expect(refused[0].extensions).toMatchObject({ code: 'graphql.cost', status: 400 });
    const deep = await listen(connect(), `{item(code:"I1"){${'parts{'.repeat(10)}code${'}'.repeat(10)}}}`).ended as any[];
    expect(deep[0].extensions.code).toBe('graphql.depth');
    const unparsed = await listen(connect(), '{').ended as any[];
    expect(unparsed[0].extensions.code).toBe('graphql.parse-failed');
  });

  it('[SEC25] refuses sockets without a token, long messages and too many operations', async () => {
    expect(await listen(connect('Bearer bad'), '{__typename}').ended).toMatchObject({ code: 4403 });
    expect(await listen(connect(), `{__typename #${'x'.repeat(20_000)}\n}`).ended).toMatchObject({ code: 1009 });
    const client = connect();
    const running = [1, 2].map(() => listen(client, 'subscription{itemCreated{code}}'));
    await until(() => test.probe.open === 2);
    const third = await listen(client, 'subscription{itemCreated{code}}').ended as any[];
    expect(third[0].extensions.code).toBe('graphql.operations');
    running.forEach(({ stop }) => stop());
    await until(() => test.probe.open === 0);
  });

  it('[SEC25] counts each operation of a client in its rate limit, and its sockets', async () => {
    const limiter = new ClientLimiter({ clientPerMinute: 3 });
    const limited = await graphqlTestApp({
      subscriptions: { socketsPerClientMax: 2 }, admitOperation: ({ actor }) => limiter.admit(actor.clientId),
    });
    const limitedUrl = `${(await limited.app.getUrl()).replace('http', 'ws')}/graphql`;
    const open = () => connect(goodToken, limitedUrl);
    const [first, second] = [open(), open()];
    const running = [first, second].map((client) => listen(client, 'subscription{itemCreated{code}}'));
    await until(() => limited.probe.open === 2);
    expect(await listen(open(), '{__typename}').ended).toMatchObject({ code: 4403 });
    expect(await listen(first, '{__typename}').ended).toBe('complete');
    const refused = await listen(first, '{__typename}').ended as any[];
    expect(refused[0].extensions).toMatchObject({ code: 'rate.limited', status: 429 });
    running[1]!.stop();
    await second.dispose();
    await until(() => limited.probe.open === 1);
    const again = await listen(open(), '{__typename}').ended as any[];
    expect(again[0].extensions.code, 'a place is free again').toBe('rate.limited');
    await first.dispose();
    await limited.app.close();
  });

  it('ends a subscription when its token is revoked', async () => {
    const { ended, events } = listen(connect(), 'subscription{itemCreated{code}}');
    await until(() => test.probe['waiting'].length > 0 && test.probe.open === 1);
    test.callers.revoked = true;
    test.probe.publish(5);
    const error = await ended as any[];
    test.callers.revoked = false;
    expect(error[0].extensions).toMatchObject({ code: 'auth.unauthenticated', status: 401 });
    expect(events).toEqual([]);
    await until(() => test.probe.open === 0);
  });

  it('answers other upgrade paths with 404', async () => {
    const socket = new WebSocket(url.replace('/graphql', '/other'), 'graphql-transport-ws');
    const error = await new Promise<Error>((resolve) => { socket.on('error', resolve); });
    expect(error.message).toContain('404');
  });
});
