import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, generateSecret, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.js';
import { RemoteKeySet } from './remote-key-set.js';

let first: CryptoKey;
let second: CryptoKey;
let firstJwk: JWK;
let secondJwk: JWK;
let server: Server | undefined;

beforeAll(async () => {
  const pairs = await Promise.all([generateKeyPair('ES256', { extractable: true }), generateKeyPair('ES256', { extractable: true })]);
  [first, second] = pairs.map(({ privateKey }) => privateKey) as [CryptoKey, CryptoKey];
  firstJwk = { ...await exportJWK(pairs[0].publicKey), kid: 'one', alg: 'ES256' };
  secondJwk = { ...await exportJWK(pairs[1].publicKey), kid: 'two', alg: 'ES256' };
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
}

const signedBy = (key: CryptoKey, kid: string) => new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(key);
const outcome = (set: RemoteKeySet, token: string) => jwtVerify(token, set.getKey, { algorithms: ['ES256'] }).then(
  () => 'good', (error: unknown) => (error instanceof AppError ? error.kind : (error as { code: string }).code));

describe('the keys of an external issuer', () => {
  it('[SEC19] are fetched once per 30 s, whatever kids come, failures included', async () => {
    let nowMs = 1_000_000;
    let fetches = 0;
    let keys = [firstJwk];
    let works = true;
    const url = await serve((_request, response) => {
      fetches += 1;
      if (!works) response.writeHead(500);
      response.end(JSON.stringify({ keys }));
    });
    const set = new RemoteKeySet(url, { nowMs: () => nowMs });
    expect(await outcome(set, await signedBy(first, 'one'))).toBe('good');
    for (let n = 0; n < 100; n += 1) expect(await outcome(set, await signedBy(second, `random-${n}`))).toBe('ERR_JWKS_NO_MATCHING_KEY');
    expect(fetches).toBe(1);
    nowMs += 30_000;
    works = false;
    for (let n = 0; n < 100; n += 1) expect(await outcome(set, await signedBy(second, 'two'))).toBe('ERR_JWKS_NO_MATCHING_KEY');
    expect(fetches).toBe(2);
    // A key that the issuer has added in the meantime is found at the next fetch.
    nowMs += 30_000;
    works = true;
    keys = [firstJwk, secondJwk];
    expect(await outcome(set, await signedBy(second, 'two'))).toBe('good');
    expect(fetches).toBe(3);
  });

  it('are withdrawn here when their issuer withdraws them', async () => {
    let nowMs = 1_000_000;
    let keys = [firstJwk, secondJwk];
    const url = await serve((_request, response) => response.end(JSON.stringify({ keys })));
    const set = new RemoteKeySet(url, { nowMs: () => nowMs });
    const token = await signedBy(first, 'one');
    expect(await outcome(set, token)).toBe('good');
    keys = [secondJwk];
    nowMs += 600_001;
    expect(await outcome(set, token)).toBe('ERR_JWKS_NO_MATCHING_KEY');
  });

  it('make the call unavailable, not unauthenticated, while they were never had; then old ones serve for an hour', async () => {
    let nowMs = 1_000_000;
    let works = false;
    const url = await serve((_request, response) => (works ? response.end(JSON.stringify({ keys: [firstJwk] })) : response.destroy()));
    const set = new RemoteKeySet(url, { nowMs: () => nowMs });
    const token = await signedBy(first, 'one');
    expect(await outcome(set, token)).toBe('unavailable');
    works = true;
    nowMs += 30_000;
    expect(await outcome(set, token)).toBe('good');
    works = false;
    nowMs += 3_000_000;
    expect(await outcome(set, token)).toBe('good');
    nowMs += 700_000;
    expect(await outcome(set, token)).toBe('unavailable');
  });

  it('are fetched once for many callers at the same time', async () => {
    let fetches = 0;
    const url = await serve((_request, response) => {
      fetches += 1;
      setTimeout(() => response.end(JSON.stringify({ keys: [firstJwk] })), 50);
    });
    const set = new RemoteKeySet(url);
    const token = await signedBy(first, 'one');
    expect(await Promise.all(Array.from({ length: 20 }, () => outcome(set, token)))).toEqual(Array.from({ length: 20 }, () => 'good'));
    expect(fetches).toBe(1);
  });

  it('are not taken from an endless, a silent or a redirecting server, nor from one that publishes secrets', async () => {
    const token = await signedBy(first, 'one');
    const endless = await serve((_request, response) => {
      const write = (): void => { while (response.writable && response.write('x'.repeat(10_000))); };
      response.on('drain', write);
      write();
    });
    expect(await outcome(new RemoteKeySet(endless), token)).toBe('unavailable');
    server!.removeAllListeners('request').on('request', () => undefined);
    expect(await outcome(new RemoteKeySet(endless, { timeoutMs: 100 }), token)).toBe('unavailable');
    server!.removeAllListeners('request').on('request', (request, response) => {
      if (request.url === '/jwks') response.writeHead(302, { location: '/other' });
      response.end(JSON.stringify({ keys: [firstJwk] }));
    });
    expect(await outcome(new RemoteKeySet(endless), token)).toBe('unavailable');
    const symmetric = { ...await exportJWK(await generateSecret('HS256', { extractable: true })), kid: 'one' };
    server!.removeAllListeners('request').on('request', (_request, response) => response.end(JSON.stringify({ keys: [symmetric] })));
    expect(await outcome(new RemoteKeySet(endless), token)).toBe('ERR_JWKS_NO_MATCHING_KEY');
  });

  it('come over https, or from this machine', () => {
    expect(() => new RemoteKeySet(new URL('http://login.example/jwks'))).toThrow(RangeError);
    expect(() => new RemoteKeySet(new URL('file:///etc/passwd'))).toThrow(RangeError);
    expect(() => new RemoteKeySet(new URL('https://login.example/jwks'))).not.toThrow();
  });
});
