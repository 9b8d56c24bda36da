import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, assertEveryRouteDeclaresItsPermission, declaredPermissions, gatewayContext } from '@datum/platform';
import { audience, authApp, issuer, type AuthApp } from './auth-app.fixture.js';
import type { AddedParticipant } from './participant.service.js';

let it0: AuthApp;
let reader: AddedParticipant;
let readerToken: string;

beforeAll(async () => {
  it0 = await authApp();
  reader = await it0.participant(['item.read', 'bom.read'], ['A']);
  readerToken = await it0.accessToken(reader);
});
afterAll(() => it0?.close());

describe('[SEC16] access is denied by default', () => {
  it('lets a token with the scope in, and tells the handler who called', async () => {
    const { status, json } = await it0.get('/probe/read', readerToken);
    expect(status).toBe(200);
    expect(json['actor']).toEqual({
      participantId: reader.participant.id, clientId: reader.clientId, systemCode: 'CE', scopes: ['item.read', 'bom.read'], sites: ['A'],
    });
  });

  it('answers 401 without a token, with a bare challenge', async () => {
    const { status, headers, json } = await it0.get('/probe/any');
    expect([status, headers['www-authenticate'], json['code']]).toEqual([401, 'Bearer realm="datum"', 'auth.unauthenticated']);
  });

  it('answers 403 with the scope that is missing', async () => {
    const { status, headers, json } = await it0.get('/probe/write', readerToken);
    expect([status, json['code']]).toEqual([403, 'auth.insufficient-scope']);
    expect(headers['www-authenticate']).toBe('Bearer realm="datum", error="insufficient_scope", scope="item.write"');
  });

  it('answers any participant, or anybody, only where that is declared', async () => {
    expect((await it0.get('/probe/any', readerToken)).status).toBe(200);
    expect((await it0.get('/probe/open')).status).toBe(200);
  });

  it('never mixes up callers that come at the same time', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => it0.participant(['item.read'])));
    const tokens = await Promise.all(clients.map((client) => it0.accessToken(client)));
    const calls = Array.from({ length: 80 }, (_, n) => n % 10);
    const answers = await Promise.all(calls.map((n) => it0.get('/probe/read', tokens[n] ?? 'bad')));
    expect(answers.map(({ json }) => (json['actor'] as { clientId: string } | undefined)?.clientId)).toEqual(calls.map((n) => clients[n]?.clientId));
  });

  it('takes trace ids from the caller only when they are harmless', async () => {
    const ids = async (headers: Record<string, string>) => {
      const { body } = await it0.app.inject({ url: '/probe/read', headers: { authorization: `Bearer ${readerToken}`, ...headers } });
      return (JSON.parse(body) as { ids: Record<string, string> }).ids;
    };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await ids({ 'x-request-id': 'order-1', 'x-correlation-id': 'day-7', traceparent }))
      .toMatchObject({ requestId: 'order-1', correlationId: 'day-7', channel: 'rest', traceparent });
    const replaced = await ids({ 'x-request-id': 'a b', 'x-correlation-id': '{}', traceparent: '00-zz' });
    expect(replaced['requestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(replaced).toMatchObject({ correlationId: replaced['requestId'] });
    expect(replaced['traceparent']).toBeUndefined();
  });

  it('refuses what declares nothing, at boot by name and at run time with 403', async () => {
    const undeclared = await authApp({ undeclared: true, db: it0.db, masterKey: it0.settings.masterKey });
    try {
      expect(() => assertEveryRouteDeclaresItsPermission(undeclared.app)).toThrow(/GET \/undeclared\/one \(UndeclaredController\.one\)/);
      expect(() => assertEveryRouteDeclaresItsPermission(undeclared.app)).toThrow(/Query\.secretField \(UndeclaredResolver\.secretField\)/);
      const { status, json } = await undeclared.get('/undeclared/one', readerToken);
      expect([status, json['code']]).toEqual([403, 'auth.forbidden']);
      const known = declaredPermissions(undeclared.app).find((route) => route.route === 'Query.declaredField');
      expect(known?.permission).toEqual({ scope: 'item.read' });
    } finally {
      await undeclared.close();
    }
  });

  it('holds for every route of the registry: 401 without a token, 403 without the scope', async () => {
    const routes = assertEveryRouteDeclaresItsPermission(it0.app).filter((each) => each.route.includes(' /v1/'));
    expect(routes.length).toBe(16);
    for (const { route, permission } of routes) {
      const [method, path] = route.split(' ') as ['GET', string];
      const url = path.replace(/:id/, reader.participant.id).replace(/:(?:code|clientId)/, 'c-none').replace('/~', ':');
      const anonymous = await it0.app.inject({ method, url });
      expect(anonymous.statusCode, route).toBe(401);
      if (permission === 'participant') continue;
      const scoped = await it0.app.inject({ method, url, headers: { authorization: `Bearer ${readerToken}` } });
      expect(scoped.statusCode, route).toBe(403);
    }
  });
});

describe('[SEC19] a token that is not quite right is 401', () => {
  let key: { kid: string; key: CryptoKey };
  const seconds = () => Math.floor(Date.now() / 1_000);
  const claims = (change: Record<string, unknown> = {}) => ({
    iss: issuer, sub: reader.participant.id, aud: audience, iat: seconds(), exp: seconds() + 300, client_id: reader.clientId,
    scope: 'item.read', ...change,
  });
  const signed = (change: Record<string, unknown> = {}, header: Record<string, unknown> = {}, signer: CryptoKey = key.key) =>
    new SignJWT(claims(change)).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header }).sign(signer);
  const b64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const raw = (header: unknown, payload: unknown, signature = '') => `${b64(header)}.${b64(payload)}.${signature}`;

  beforeAll(async () => { key = await it0.ring.signingKey(); });

  it('takes the token that the attacks are made from', async () => {
    expect((await it0.get('/probe/read', await signed())).status).toBe(200);
  });

  it('refuses every attack with the same body, and names none of them', async () => {
    const [published] = await it0.ring.publishedKeys() as [JWK];
    const stranger = await generateKeyPair('ES256', { extractable: true });
    const strangerJwk = await exportJWK(stranger.publicKey);
    const hmacInput = `${b64({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${b64(claims())}`;
    const hmac = createHmac('sha256', JSON.stringify(published)).update(hmacInput).digest('base64url');
    const good = await signed();
    const { scope: _scope, ...unscoped } = claims();
    const attacks: Record<string, string> = {
      'alg none': raw({ alg: 'none', typ: 'at+jwt', kid: key.kid }, claims()),
      'alg None with a signature': raw({ alg: 'None', typ: 'at+jwt', kid: key.kid }, claims(), 'AAAA'),
      'HS256 with the public key': `${hmacInput}.${hmac}`,
      'kid ../': await signed({}, { kid: '../../../../dev/null' }),
      'kid SQL': await signed({}, { kid: "x' UNION SELECT 'key' --" }),
      'kid URL': await signed({}, { kid: 'https://attacker.example/key' }),
      'kid absent': await signed({}, { kid: undefined }),
      'kid not text': raw({ alg: 'ES256', typ: 'at+jwt', kid: { a: 1 } }, claims(), good.split('.')[2]),
      jku: await signed({}, { jku: 'https://attacker.example/jwks' }, stranger.privateKey),
      x5u: await signed({}, { x5u: 'https://attacker.example/cert' }, stranger.privateKey),
      'jwk, own signature': await signed({}, { jwk: strangerJwk, kid: await calculateJwkThumbprint(strangerJwk) }, stranger.privateKey),
      'jwk, our signature': await signed({}, { jwk: strangerJwk }),
      x5c: await signed({}, { x5c: ['MIIB'] }),
      'crit unknown': raw({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, crit: ['exp'] }, claims(), good.split('.')[2]),
      'crit and b64': raw({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, crit: ['b64'], b64: false }, claims(), good.split('.')[2]),
      'typ JWT': await signed({}, { typ: 'JWT' }),
      'typ absent': await signed({}, { typ: undefined }),
      'iss wrong': await signed({ iss: 'https://attacker.example' }),
      'iss with a slash': await signed({ iss: `${issuer}/` }),
      'iss absent': await signed({ iss: undefined }),
      'aud wrong': await signed({ aud: 'other' }),
      'aud absent': await signed({ aud: undefined }),
      expired: await signed({ exp: seconds() - 60, iat: seconds() - 600 }),
      'exp absent': await signed({ exp: undefined }),
      'nbf in the future': await signed({ nbf: seconds() + 120 }),
      'iat in the future': await signed({ iat: seconds() + 120 }),
      'sub absent': await signed({ sub: undefined }),
      'client absent': await signed({ client_id: undefined }),
      'client unknown': await signed({ client_id: 'c-0000000000000000' }),
      'signed by a stranger': await signed({}, {}, stranger.privateKey),
      'signature cut': good.slice(0, -4),
      'signature of another token': `${(await signed({ scope: 'item.write' })).split('.').slice(0, 2).join('.')}.${good.split('.')[2]}`,
      '1 MB': raw({ alg: 'ES256', typ: 'at+jwt', kid: key.kid }, { ...unscoped, pad: 'x'.repeat(1_000_000) }, 'AAAA'),
      '8 kB and one': await signed({ pad: 'x'.repeat(8_000) }),
      'not a token': 'abc',
      'five parts': 'a.b.c.d.e',
      'no JSON': `${b64('{')}.${b64('{')}.AAAA`,
      'JSON null': raw(null, null, 'AAAA'),
    };
    const bodies = new Set<string>();
    for (const [name, token] of Object.entries(attacks)) {
      const { status, headers, json } = await it0.get('/probe/read', token);
      expect([name, status]).toEqual([name, 401]);
      expect(headers['www-authenticate'], name).toBe('Bearer realm="datum", error="invalid_token"');
      bodies.add(JSON.stringify({ ...json, requestId: '' }));
    }
    expect(bodies.size).toBe(1);
  });

  it('refuses headers that are no bearer token', async () => {
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', `${readerToken}`, `Bearer ${readerToken}, Bearer ${readerToken}`]) {
      const { statusCode } = await it0.app.inject({ url: '/probe/any', headers: { authorization } });
      expect([authorization.slice(0, 12), statusCode]).toEqual([authorization.slice(0, 12), 401]);
    }
  });

  it('gives no more than the registry grants, whatever a token says', async () => {
    const { json } = await it0.get('/probe/read', await signed({ scope: 'item.read item.write *', sites: ['A', 'B'] }));
    expect(json['actor']).toMatchObject({ scopes: ['item.read'], sites: ['A'] });
    expect((await it0.get('/probe/read', await signed({ scope: '*' }))).status).toBe(403);
    const { json: limited } = await it0.get('/probe/read', await signed({ sites: 'A' }));
    expect(limited['actor']).toMatchObject({ sites: [] });
  });

  it('keeps a verified token for 30 s at most, and forgets it when its credential is revoked', async () => {
    const passing = await it0.participant(['item.read']);
    const token = await it0.accessToken(passing);
    const first = await it0.authenticator.actorOf(`Bearer ${token}`);
    expect(await it0.authenticator.actorOf(`Bearer ${token}`)).toBe(first);
    await it0.participants.revokeCredential(gatewayContext(), passing.participant.id, passing.clientId);
    expect((await it0.get('/probe/read', token)).status).toBe(401);
  });

  it('takes tokens of the key before a rotation, and none of a key that was rotated out', async () => {
    const old = await it0.accessToken(reader);
    const [before] = await it0.ring.publishedKeys() as [JWK];
    await it0.ring.rotate();
    expect((await it0.get('/probe/read', old)).status).toBe(200);
    const current = await it0.accessToken(reader);
    expect((await it0.get('/probe/read', current)).status).toBe(200);
    expect((await it0.ring.publishedKeys()).map(({ kid }) => kid)).toContain(before.kid);
    await it0.ring.rotate({ withdraw: true });
    expect((await it0.get('/probe/read', old)).status).toBe(401);
    expect((await it0.get('/probe/read', current)).status).toBe(401);
    readerToken = await it0.accessToken(reader);
    expect((await it0.get('/probe/read', readerToken)).status).toBe(200);
    const [row] = await it0.db.database.query<{ left: number }>(
      `SELECT count(*)::int AS left FROM signing_key WHERE state IN ('retired', 'withdrawn') AND private_sealed <> ''`);
    expect(row?.left).toBe(0);
  });

  it('signs with keys that every gateway of the database has, and that the database alone does not give away', async () => {
    const second = await authApp({ db: it0.db, masterKey: it0.settings.masterKey });
    try {
      expect((await second.get('/probe/read', readerToken)).status).toBe(200);
      const rows = await it0.db.database.query<{ private_sealed: string }>(`SELECT private_sealed FROM signing_key WHERE state = 'current'`);
      expect(Buffer.from(rows[0]!.private_sealed, 'base64url').toString('latin1')).not.toMatch(/"d"|kty/);
    } finally {
      await second.close();
    }
    const foreign = await authApp({ db: it0.db });
    try {
      await expect(foreign.ring.signingKey()).rejects.toThrow(/another master key/);
    } finally {
      await foreign.close();
    }
  });
});

describe('[SEC19] an external issuer', () => {
  let server: Server;
  let fetches = 0;
  let served: unknown;
  let withIssuer: AuthApp;
  let client: AddedParticipant;
  const outside = 'https://login.test/realms/plant';
  let pair: { privateKey: CryptoKey; publicKey: CryptoKey };

  const tokenOf = (header: Record<string, unknown> = {}, change: Record<string, unknown> = {}) => new SignJWT({
    iss: outside, sub: 'service-account', aud: 'datum-api', client_id: client.clientId, scope: 'item.read item.write', ...change,
  }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'outside-1', ...header }).setIssuedAt().setExpirationTime('5m').sign(pair.privateKey);

  beforeAll(async () => {
    pair = await generateKeyPair('ES256', { extractable: true });
    served = { keys: [{ ...await exportJWK(pair.publicKey), kid: 'outside-1', alg: 'ES256', use: 'sig' }] };
    server = createServer((_request, response) => {
      fetches += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(served));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    withIssuer = await authApp({ db: it0.db, masterKey: it0.settings.masterKey, external: { issuer: outside, audience: 'datum-api', jwksUrl } });
    client = await withIssuer.registry.addParticipant(gatewayContext(), {
      name: 'outside client', systemCode: 'CE', state: 'live', credential: { kind: 'live', scopes: ['item.read'], clientId: 'plant-client' },
    });
  });
  afterAll(async () => {
    await withIssuer?.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is believed about who calls, and not about what the registry does not grant', async () => {
    const { status, json } = await withIssuer.get('/probe/read', await tokenOf());
    expect(status).toBe(200);
    expect(json['actor']).toMatchObject({ clientId: 'plant-client', systemCode: 'CE', scopes: ['item.read'] });
  });

  it('is asked for keys at most once per 30 s under 1,000 random kids', async () => {
    const before = fetches;
    const statuses = new Set<number>();
    for (let batch = 0; batch < 20; batch += 1) {
      const tokens = await Promise.all(Array.from({ length: 50 }, (_, n) => tokenOf({ kid: `random-${batch}-${n}` })));
      for (const { status } of await Promise.all(tokens.map((token) => withIssuer.get('/probe/read', token)))) statuses.add(status);
    }
    expect([...statuses]).toEqual([401]);
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  it('cannot speak for the built-in one, nor the other way round', async () => {
    expect((await withIssuer.get('/probe/read', await tokenOf({}, { iss: issuer, aud: audience }))).status).toBe(401);
    const { key, kid } = await withIssuer.ring.signingKey();
    const crossed = await new SignJWT({ iss: outside, sub: 'x', aud: 'datum-api', client_id: client.clientId, scope: 'item.read' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).setIssuedAt().setExpirationTime('5m').sign(key);
    expect((await withIssuer.get('/probe/read', crossed)).status).toBe(401);
  });
});

describe('[SEC20] the token endpoint', () => {
  const grant = { grant_type: 'client_credentials' };
  const form = (client: AddedParticipant) => ({ ...grant, client_id: client.clientId, client_secret: client.clientSecret });
  const basic = (id: string, secret: string) =>
    ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` });

  it('issues an RFC 9068 token, by secret in the form or in the header', async () => {
    const { status, headers, json } = await it0.token(form(reader));
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'item.read bom.read' });
    expect(headers['cache-control']).toBe('no-store');
    const [header, payload] = (json['access_token'] as string).split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(payload).toMatchObject({
      iss: issuer, aud: audience, sub: reader.participant.id, client_id: reader.clientId, scope: 'item.read bom.read', system: 'CE', sites: ['A'],
    });
    expect((payload!['exp'] as number) - (payload!['iat'] as number)).toBe(600);
    expect(payload!['jti']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await it0.token(grant, basic(reader.clientId, reader.clientSecret))).status).toBe(200);
  });

  it('narrows the scope on request, and refuses to widen it', async () => {
    expect((await it0.token({ ...form(reader), scope: 'bom.read' })).json['scope']).toBe('bom.read');
    expect((await it0.token({ ...form(reader), scope: 'bom.read item.write' })).json['error']).toBe('invalid_scope');
  });

  it('refuses in the words of RFC 6749', async () => {
    const refused = async (answer: ReturnType<AuthApp['token']>) => { const { status, json } = await answer; return [status, json['error']]; };
    expect(await refused(it0.token({}))).toEqual([400, 'invalid_request']);
    expect(await refused(it0.token({ ...form(reader), grant_type: 'password' }))).toEqual([400, 'unsupported_grant_type']);
    expect(await refused(it0.token({ ...form(reader) }, basic(reader.clientId, reader.clientSecret)))).toEqual([400, 'invalid_request']);
    expect(await refused(it0.token(grant))).toEqual([401, 'invalid_client']);
    expect(await refused(it0.token(grant, { authorization: 'Basic %%%' }))).toEqual([401, 'invalid_client']);
    const json = await it0.app.inject({ method: 'POST', url: '/oauth/token', payload: form(reader) });
    expect([json.statusCode, json.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
  });

  it('answers an unknown client, a wrong secret and a revoked credential alike', async () => {
    const gone = await it0.participant(['item.read']);
    await it0.participants.revokeCredential(gatewayContext(), gone.participant.id, gone.clientId);
    const answers = [
      await it0.token({ ...grant, client_id: 'c-ffffffffffffffff', client_secret: 'dsk_wrong' }),
      await it0.token({ ...grant, client_id: reader.clientId, client_secret: 'dsk_wrong' }),
      await it0.token(form(gone)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    const seen = answers.map(({ text, headers }) => JSON.stringify([text, { ...headers, date: '', 'x-request-id': '' }]));
    expect(new Set(seen).size).toBe(1);
  });

  it('shuts a client out after 10 bad secrets within a minute, in parallel too, known or not, and no other client', async () => {
    const target = await it0.participant(['item.read']);
    for (const clientId of [target.clientId, 'c-eeeeeeeeeeeeeeee']) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => it0.token({ ...grant, client_id: clientId, client_secret: 'dsk_wrong' })));
      const counts = answers.map(({ status }) => status).sort();
      expect(counts.filter((status) => status === 401).length).toBe(10);
      expect(counts.filter((status) => status === 429).length).toBe(15);
      const limited = answers.find(({ status }) => status === 429)!;
      expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect((await it0.token(form(target))).status).toBe(429);
    expect((await it0.token(form(reader))).status).toBe(200);
  });

  it('takes both secrets while a rotation overlaps, with no failure, and never a third', async () => {
    const client = await it0.participant(['item.read']);
    const rotate = async (overlap?: number) =>
      (await it0.participants.rotateCredential(gatewayContext(), client.participant.id, client.clientId, overlap)).clientSecret!;
    const tries = async (secret: string) => (await it0.token({ ...form(client), client_secret: secret })).status;
    const second = await rotate();
    for (let round = 0; round < 5; round += 1) expect([await tries(client.clientSecret), await tries(second)]).toEqual([200, 200]);
    const third = await rotate();
    expect([await tries(client.clientSecret), await tries(second), await tries(third)]).toEqual([401, 200, 200]);
    const fourth = await rotate(0);
    expect([await tries(third), await tries(fourth)]).toEqual([401, 200]);
  });

  it('takes at once what another gateway has just issued or rotated, and does not wait for the poll', async () => {
    const second = await authApp({ db: it0.db, masterKey: it0.settings.masterKey });
    try {
      const client = await it0.participant(['item.read']);
      expect((await second.token(form(client))).status).toBe(200);
      const { clientSecret } = await it0.participants.rotateCredential(gatewayContext(), client.participant.id, client.clientId);
      expect((await second.token({ ...form(client), client_secret: clientSecret! })).status).toBe(200);
    } finally {
      await second.close();
    }
  });

  it('shows a secret in one answer only: a repetition of the request has none, and nothing is stored', async () => {
    const admin = await it0.accessToken(await it0.participant(['registry.admin', 'registry.read']));
    const post = (url: string, payload: object, key: string) => it0.app.inject({
      method: 'POST', url, payload, headers: { authorization: `Bearer ${admin}`, 'idempotency-key': key },
    });
    const body = { name: 'once', systemCode: 'CE', contact: { name: 'Desk', email: 'desk@vendor.example' } };
    const first = await post('/v1/participants', body, 'participant-once-1');
    const again = await post('/v1/participants', body, 'participant-once-1');
    expect([first.statusCode, again.statusCode, again.headers['idempotency-replayed']]).toEqual([201, 201, 'true']);
    const added = first.json<{ clientSecret: string; participant: { id: string }; credential: { clientId: string } }>();
    expect(again.json()).toEqual({ ...added, clientSecret: null });
    expect((await it0.token({ ...grant, client_id: added.credential.clientId, client_secret: added.clientSecret })).status).toBe(200);
    const stored = await it0.db.database.query(`SELECT 1 FROM idempotency_key k WHERE k::text LIKE $1`, [`%${added.clientSecret}%`]);
    expect(stored).toEqual([]);
    const rotated = await post(`/v1/participants/${added.participant.id}/credentials/${added.credential.clientId}:rotate`, {}, 'participant-once-2');
    expect(rotated.json<{ clientSecret: string }>().clientSecret).toMatch(/^dsk_/);
    const list = await it0.get(`/v1/participants/${added.participant.id}/credentials`, admin);
    expect(list.text).toContain(added.credential.clientId);
    expect(list.text).not.toMatch(/dsk_|ecret_?[hH]ash/);
    const gone = await it0.app.inject({
      method: 'DELETE', url: `/v1/participants/${added.participant.id}/credentials/${added.credential.clientId}`, headers: { authorization: `Bearer ${admin}` },
    });
    expect(gone.statusCode).toBe(204);
  });

  it('publishes what it can do and its keys, and no private part', async () => {
    const metadata = await it0.get('/.well-known/oauth-authorization-server');
    expect(metadata.json).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/token`, jwks_uri: `${issuer}/.well-known/jwks.json` });
    const { json } = await it0.get('/.well-known/jwks.json');
    const keys = json['keys'] as JWK[];
    expect(keys.length).toBeGreaterThanOrEqual(2);
    for (const jwk of keys) expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });
});

describe('[SEC19] client assertions (private_key_jwt)', () => {
  let client: AddedParticipant;
  let pair: { privateKey: CryptoKey; publicKey: CryptoKey };
  let serial = 0;
  const assertion = (change: Record<string, unknown> = {}, header: Record<string, unknown> = {}) => new SignJWT({
    iss: client.clientId, sub: client.clientId, aud: `${issuer}/oauth/token`, jti: `jti-${serial += 1}`,
    exp: Math.floor(Date.now() / 1_000) + 120, ...change,
  }).setProtectedHeader({ alg: 'ES256', ...header }).sign(pair.privateKey);
  const send = async (text: string, more: Record<string, string> = {}) => it0.token({
    grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: text, ...more,
  });

  beforeAll(async () => {
    pair = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    client = await it0.registry.addParticipant(gatewayContext(), {
      name: 'assertions', systemCode: 'CE', state: 'live', credential: { kind: 'live', scopes: ['item.read'], publicJwk: { ...jwk } },
    });
  });

  it('are taken once: a reused jti is 401', async () => {
    const text = await assertion();
    const first = await send(text);
    expect(first.status).toBe(200);
    expect((await it0.get('/probe/read', first.json['access_token'] as string)).status).toBe(200);
    const again = await send(text);
    expect([again.status, again.json['error']]).toEqual([401, 'invalid_client']);
  });

  it('are taken once at all gateways together', async () => {
    const second = await authApp({ db: it0.db, masterKey: it0.settings.masterKey });
    try {
      const text = await assertion();
      const body = { grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: text };
      const statuses = await Promise.all([it0.token(body), second.token(body), it0.token(body), second.token(body)]);
      expect(statuses.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    } finally {
      await second.close();
    }
  });

  it('must be for us, short-lived, signed by the registered key and about the client itself', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const foreign = await new SignJWT({ iss: client.clientId, sub: client.clientId, aud: issuer, jti: 'x', exp: Math.floor(Date.now() / 1_000) + 60 })
      .setProtectedHeader({ alg: 'ES256' }).sign(stranger.privateKey);
    const attempts = {
      foreign,
      'aud wrong': await assertion({ aud: 'https://other.example/token' }),
      'lives a day': await assertion({ exp: Math.floor(Date.now() / 1_000) + 86_400 }),
      expired: await assertion({ exp: Math.floor(Date.now() / 1_000) - 60 }),
      'jti absent': await assertion({ jti: undefined }),
      'iss of another': await assertion({ iss: reader.clientId }),
      'jwk header': await assertion({}, { jwk: await exportJWK(pair.publicKey) }),
    };
    for (const [name, text] of Object.entries(attempts)) expect([name, (await send(text)).status]).toEqual([name, 401]);
    expect((await send(await assertion(), { client_id: reader.clientId })).status).toBe(401);
  });
});

it('a refusal carries an AppError with a cause for the log, and nothing of it for the caller', async () => {
  const token = `${readerToken.split('.').slice(0, 2).join('.')}.${createHash('sha256').update('x').digest('base64url')}`;
  const error = await it0.authenticator.actorOf(`Bearer ${token}`).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).cause).toBeInstanceOf(Error);
});
