import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { metricsText } from '../telemetry/metrics.js';
import { AddressKeys, networkOf } from './address-keys.js';
import { registerRateLimit, type RateLimitSettings } from './rate-limit.js';

let fastify: FastifyInstance | undefined;
afterEach(async () => {
  await fastify?.close();
  fastify = undefined;
});

async function server(settings: Partial<RateLimitSettings>): Promise<FastifyInstance> {
  fastify = Fastify();
  registerRateLimit(fastify, { clientPerMinute: 5, anonymousPerMinute: 3, eventLoopDelayMaxMs: 0, ...settings }, async (request) => {
    const [, token = ''] = (request.headers.authorization ?? '').split(' ');
    if (token === 'broken') throw new Error('cannot be checked');
    return token.startsWith('good-') ? token.slice(5) : undefined;
  });
  fastify.get('/v1/things', () => ({ ok: true }));
  fastify.get('/health/live', () => ({ status: 'live' }));
  await fastify.ready();
  return fastify;
}

const ask = (app: FastifyInstance, token?: string, remoteAddress = '192.0.2.1', url = '/v1/things') =>
  app.inject({ url, remoteAddress, headers: token ? { authorization: `Bearer ${token}` } : {} });

const statuses = async (asked: Promise<{ statusCode: number }>[]) => (await Promise.all(asked)).map(({ statusCode }) => statusCode);

describe('registerRateLimit', () => {
  it('[SEC26] accepts no more than the limit of a client on this node, and leaves another alone', async () => {
    const app = await server({});
    const answers = await statuses(Array.from({ length: 500 }, () => ask(app, 'good-a')));
    expect(answers.filter((status) => status === 200)).toHaveLength(5);
    expect(answers.filter((status) => status === 429)).toHaveLength(495);
    expect((await ask(app, 'good-b')).statusCode).toBe(200);
  });

  it('[SEC26] says what is left, and refuses with a problem and Retry-After', async () => {
    const app = await server({ clientPerMinute: 2 });
    const first = await ask(app, 'good-a');
    expect(first.headers['ratelimit-policy']).toBe('"default";q=2;w=60');
    expect(first.headers.ratelimit).toBe('"default";r=1;t=60');
    await ask(app, 'good-a');
    const refused = await ask(app, 'good-a');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers.ratelimit).toMatch(/^"default";r=0;t=\d+$/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded', status: 429, code: 'rate.limited', instance: '/v1/things',
    });
    expect(await metricsText()).toMatch(/datum_limit_refusals_total\{reason="client"\} [1-9]/);
  });

  it('[SEC26] counts whoever has no valid token by address: none, a bad one, one that cannot be checked', async () => {
    const app = await server({});
    expect(await statuses([ask(app), ask(app, 'bad'), ask(app, 'broken')])).toEqual([200, 200, 200]);
    expect(await statuses([ask(app), ask(app, 'bad'), ask(app, 'other')])).toEqual([429, 429, 429]);
    expect(await statuses([ask(app, undefined, '192.0.2.2'), ask(app, 'good-a')])).toEqual([200, 200]);
  });

  it('never refuses a health check', async () => {
    const app = await server({ anonymousPerMinute: 1 });
    const asked = Array.from({ length: 20 }, () => ask(app, undefined, undefined, '/health/live'));
    expect(new Set(await statuses(asked))).toEqual(new Set([200]));
  });

  it('sheds load while the event loop is late, and takes it again afterwards', async () => {
    const app = await server({ eventLoopDelayMaxMs: 20, anonymousPerMinute: 1_000_000 });
    const hog = setInterval(() => {
      const until = performance.now() + 200;
      while (performance.now() < until);
    }, 1);
    const shed = await vi.waitUntil(async () => {
      const answer = await ask(app);
      return answer.statusCode === 503 ? answer : undefined;
    }, { timeout: 20_000, interval: 10 }).finally(() => clearInterval(hog));
    expect(shed.headers['retry-after']).toMatch(/^[1-4]$/);
    expect(shed.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity', code: 'capacity.reduced',
    });
    await vi.waitFor(async () => expect((await ask(app)).statusCode).toBe(200), { timeout: 20_000, interval: 100 });
  });
});

describe('AddressKeys', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::99', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('takes %s as %s', (address, network) => expect(networkOf(address)).toBe(network));

  it('remembers a bounded number of addresses; the others share one key', () => {
    const keys = new AddressKeys(60_000, 2);
    expect(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1'].map((address) => keys.keyOf(address)))
      .toEqual(['ip:192.0.2.1', 'ip:192.0.2.2', 'ip:*', 'ip:192.0.2.1']);
  });
});
