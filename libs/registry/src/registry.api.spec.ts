import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { authApp, type AuthApp } from './auth-app.fixture.js';

let api: AuthApp;
let admin: string;
let reader: string;

beforeAll(async () => {
  api = await authApp();
  admin = await api.accessToken(await api.participant(['registry.admin', 'registry.read']));
  reader = await api.accessToken(await api.participant([]));
});
afterAll(() => api?.close());

type Method = 'PUT' | 'PATCH' | 'POST';
async function send(method: Method, url: string, payload: object, headers: Record<string, string> = {}) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const answer = await api.app.inject({ method, url, payload, headers: { authorization: `Bearer ${admin}`, 'content-type': type, ...headers } });
  return { status: answer.statusCode, headers: answer.headers, json: answer.body === '' ? {} : answer.json<Record<string, unknown>>() };
}

describe('the registry over REST', () => {
  it('creates, reads, replaces and patches a system, each from the version that was read', async () => {
    const body = { kind: 'legacy-erp', siteCodes: ['A'], callBudget: { callsPerSecond: 5, parallel: 2 } };
    const made = await send('PUT', '/v1/systems/LEG1', body, { 'if-none-match': '*' });
    expect([made.status, made.headers['etag'], made.headers['location']]).toEqual([201, '"v1"', '/v1/systems/LEG1']);
    expect((await send('PUT', '/v1/systems/LEG1', body, { 'if-none-match': '*' })).status).toBe(412);
    expect((await send('PUT', '/v1/systems/LEG1', body)).status).toBe(428);
    expect((await send('PATCH', '/v1/systems/LEG1', { vendor: 'x' })).status).toBe(428);
    const patched = await send('PATCH', '/v1/systems/LEG1', { state: 'active', callBudget: { parallel: 1 } }, { 'if-match': '"v1"' });
    expect(patched.json).toMatchObject({ state: 'active', callBudget: { callsPerSecond: 5, parallel: 1 }, version: 2 });
    const stale = await send('PATCH', '/v1/systems/LEG1', { state: 'retired' }, { 'if-match': '"v1"' });
    expect([stale.status, stale.headers['etag']]).toEqual([412, '"v2"']);
    const cleared = await send('PATCH', '/v1/systems/LEG1', { callBudget: null }, { 'if-match': '"v2"' });
    expect(cleared.json['callBudget']).toBeNull();
    const read = await api.get('/v1/systems/LEG1', reader);
    expect([read.status, read.json['version'], read.headers['etag']]).toEqual([200, 3, '"v3"']);
    const same = await api.app.inject({ url: '/v1/systems/LEG1', headers: { authorization: `Bearer ${reader}`, 'if-none-match': '"v3"' } });
    expect(same.statusCode).toBe(304);
  });

  it('shows a sign of life in the body and in the validator, and still takes the version in If-Match', async () => {
    await api.registry.systemSeen(gatewayContext(), 'CE', '2026-03-04T14:00:00Z');
    const { json, headers } = await api.get('/v1/systems/CE', reader);
    expect(json['lastSeenAt']).toBe('2026-03-04T14:00:00Z');
    expect(headers['etag']).toMatch(/^"v1-/);
    expect((await send('PATCH', '/v1/systems/CE', { vendor: 'Corporate' }, { 'if-match': String(headers['etag']) })).status).toBe(200);
  });

  it('refuses what is unknown, read-only, null or wrong, each by its name', async () => {
    const patch = async (body: object) => {
      const { status, json } = await send('PATCH', '/v1/systems/CE', body, { 'if-match': '*' });
      return [status, (json['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)];
    };
    expect(await patch({ version: 9 })).toEqual([422, ['#/version']]);
    expect(await patch({ name: null })).toEqual([422, ['#/name', '#/name']]);
    expect(await patch({ siteCodes: ['NOWHERE'] })).toEqual([422, ['#/siteCodes/0']]);
    expect(await patch({ callBudget: { callsPerSecond: -1, parallel: 1 } })).toEqual([422, ['#/callBudget/callsPerSecond']]);
    expect((await send('PUT', '/v1/sites/b', { name: 'x', country: 'US', timeZone: 'UTC', currency: 'USD', kind: 'plant', mode: 'live' }, { 'if-none-match': '*' })).status).toBe(422);
    expect((await api.get('/v1/systems/NONE', reader)).json['code']).toBe('system.not-found');
    expect((await api.get('/v1/sites/NONE', reader)).json['code']).toBe('site.not-found');
    expect((await api.get('/v1/participants/1', admin)).json['code']).toBe('participant.not-found');
  });

  it('lists page by page, in order, by filter, and refuses a cursor of another list', async () => {
    const site = { name: 'Site', country: 'DE', timeZone: 'Europe/Berlin', currency: 'EUR', kind: 'warehouse', mode: 'onboarding' };
    for (const code of ['W3', 'W1', 'W2', 'W5', 'W4']) expect((await send('PUT', `/v1/sites/${code}`, site, { 'if-none-match': '*' })).status).toBe(201);
    const seen: string[] = [];
    let url = '/v1/sites?limit=2&filter[kind][eq]=warehouse';
    for (let pages = 0; pages < 5 && url !== ''; pages += 1) {
      const { json, headers } = await api.get(url, reader);
      seen.push(...(json['data'] as { code: string }[]).map(({ code }) => code));
      url = /<([^>]+)>/.exec(String(headers['link'] ?? ''))?.[1] ?? '';
      if (pages === 0) {
        const { cursor } = Object.fromEntries(new URL(url, 'http://x').searchParams) as { cursor: string };
        expect((await api.get(`/v1/systems?cursor=${cursor}`, reader)).json['code']).toBe('cursor.invalid');
        expect((await api.get(`/v1/sites?limit=2&filter[kind][eq]=warehouse&cursor=${cursor}`, admin)).json['code']).toBe('cursor.invalid');
      }
    }
    expect(seen).toEqual(['W1', 'W2', 'W3', 'W4', 'W5']);
    expect((await api.get('/v1/sites?colour=red', reader)).status).toBe(400);
    expect(((await api.get('/v1/systems?site=A', reader)).json['data'] as { code: string }[]).map(({ code }) => code)).toEqual(['LEG1']);
  });

  it('suspends a participant from one call to the next', async () => {
    const client = await api.participant(['item.read']);
    const token = await api.accessToken(client);
    expect((await api.get('/probe/read', token)).status).toBe(200);
    const moved = await send('PATCH', `/v1/participants/${client.participant.id}`, { state: 'suspended' }, { 'if-match': '"v1"' });
    expect([moved.status, moved.json['state']]).toEqual([200, 'suspended']);
    expect((await api.get('/probe/read', token)).status).toBe(401);
    expect((await send('PATCH', `/v1/participants/${client.participant.id}`, { state: 'applied' }, { 'if-match': '"v2"' })).json['code'])
      .toBe('participant.step-refused');
  });

  it('needs an Idempotency-Key to issue anything', async () => {
    expect((await send('POST', '/v1/participants', { name: 'keyless', systemCode: 'CE' })).json['code']).toBe('idempotency.key-missing');
    const missing = await send('POST', '/v1/participants/0195611e-0a00-7000-8000-000000000003/credentials/c-none:rotate', {}, { 'idempotency-key': 'k'.repeat(16) });
    expect([missing.status, missing.json['code']]).toEqual([404, 'participant.not-found']);
    const { participant, clientId } = await api.participant(['item.read']);
    const verb = await send('POST', `/v1/participants/${participant.id}/credentials/${clientId}:burn`, {}, { 'idempotency-key': 'k'.repeat(17) });
    expect([verb.status, verb.json['code']]).toEqual([404, 'route.not-found']);
  });

  it('is documented under the addresses it has', () => {
    const { paths } = SwaggerModule.createDocument(api.app, new DocumentBuilder().build());
    expect(Object.keys(paths)).toEqual(expect.arrayContaining([
      '/oauth/token', '/v1/sites/{code}', '/v1/systems/{code}', '/v1/participants/{id}/credentials/{clientId}/~rotate',
    ]));
    const parameters = paths['/v1/participants/{id}/credentials/{clientId}/~rotate']!.post!.parameters as { name: string }[];
    expect(parameters.map(({ name }) => name).sort()).toEqual(['Idempotency-Key', 'clientId', 'id']);
  });
});
