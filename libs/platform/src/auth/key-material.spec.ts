import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { derivedKey } from './auth-settings.js';
import { ClientSecrets } from './client-secrets.js';
import { FailureThrottle } from './failure-throttle.js';
import { masterKeyAt } from './master-key.js';
import { TokenVerifier } from './token-verifier.js';

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'datum-keys-')); });
afterEach(() => rmSync(directory, { recursive: true }));

describe('the master key', () => {
  it('is made once, for the owner only, by however many processes start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => masterKeyAt(join(directory, 'keys'))));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(statSync(join(directory, 'keys', 'master.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'keys')).mode & 0o777).toBe(0o700);
    expect(await masterKeyAt(join(directory, 'keys'))).toEqual(keys[0]);
  });

  it('is never replaced when it cannot be read as one', async () => {
    writeFileSync(join(directory, 'master.key'), 'short');
    await expect(masterKeyAt(directory)).rejects.toThrow(/master key/);
  });

  it('gives each purpose a key of its own', () => {
    const master = Buffer.alloc(32, 1);
    expect(derivedKey(master, 'a')).not.toEqual(derivedKey(master, 'b'));
    expect(derivedKey(master, 'a')).toEqual(derivedKey(Buffer.alloc(32, 1), 'a'));
  });
});

describe('client secrets', () => {
  const secrets = new ClientSecrets(Buffer.alloc(32, 1));

  it('match either of two hashes, and nothing without one', () => {
    const [first, second, third] = [secrets.create(), secrets.create(), secrets.create()];
    expect(secrets.matches(first.secret, [first.hash])).toBe(true);
    expect(secrets.matches(second.secret, [first.hash, second.hash])).toBe(true);
    expect(secrets.matches(third.secret, [first.hash, second.hash])).toBe(false);
    expect(secrets.matches(first.secret, [])).toBe(false);
    expect(secrets.matches('', [])).toBe(false);
    expect(secrets.matches(first.secret, [''])).toBe(false);
  });

  it('cannot be checked without the pepper', () => {
    const { secret, hash } = secrets.create();
    expect(new ClientSecrets(Buffer.alloc(32, 2)).matches(secret, [hash])).toBe(false);
  });
});

describe('the throttle of failures', () => {
  it('[SEC20] shuts a key out from the tenth failure until the first has left the minute', () => {
    let nowMs = 0;
    const throttle = new FailureThrottle(10, 60_000, 100, () => nowMs);
    for (let n = 0; n < 10; n += 1) {
      expect(throttle.waitSeconds('a')).toBe(0);
      throttle.fail('a');
      nowMs += 1_000;
    }
    expect(throttle.waitSeconds('a')).toBe(50);
    expect(throttle.waitSeconds('b')).toBe(0);
    nowMs = 60_001;
    expect(throttle.waitSeconds('a')).toBe(0);
  });

  it('keeps a bounded number of keys', () => {
    const throttle = new FailureThrottle(1, 60_000, 3, () => 0);
    for (const key of ['a', 'b', 'c', 'd']) throttle.fail(key);
    expect(['a', 'b', 'c', 'd'].map((key) => throttle.waitSeconds(key) > 0)).toEqual([false, true, true, true]);
  });
});

it('[SEC19] an issuer cannot be configured with symmetric algorithms, or none', () => {
  const issuer = { issuer: 'x', audience: 'y', tokenTypes: ['at+jwt'], clientIdClaim: 'client_id', keys: () => { throw new Error('unused'); } };
  for (const algorithms of [[], ['HS256'], ['ES256', 'none']]) expect(() => new TokenVerifier([{ ...issuer, algorithms }])).toThrow(RangeError);
});
