import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { derivedKey } from './auth-settings.js';

export interface NewSecret {
  /** Shown once, never stored. */
  secret: string;
  /** What is stored. */
  hash: string;
}

/**
 * Client secrets: 256 random bits. They are kept as HMAC-SHA256 under a pepper that is not in the database; a slow password hash would add nothing
 * to that many bits, and would let anybody keep our processors busy.
 */
export class ClientSecrets {
  private readonly pepper: Buffer;
  private readonly dummyHash: string;

  constructor(masterKey: Buffer) {
    this.pepper = derivedKey(masterKey, 'client secret pepper');
    this.dummyHash = this.create().hash;
  }

  create(): NewSecret {
    const secret = `dsk_${randomBytes(32).toString('base64url')}`;
    return { secret, hash: this.digest(secret).toString('base64url') };
  }

  /** Compares with two hashes whatever there is to compare with, so that an unknown client takes as long as a wrong secret. */
  matches(secret: string, hashes: readonly string[]): boolean {
    const presented = this.digest(secret);
    let found = 0;
    for (let place = 0; place < 2; place += 1) {
      const stored = hashes[place];
      const expected = Buffer.from(stored ?? this.dummyHash, 'base64url');
      const same = Number(expected.length === presented.length && timingSafeEqual(presented, expected));
      found |= same & Number(stored !== undefined);
    }
    return found === 1;
  }

  private digest(secret: string): Buffer {
    return createHmac('sha256', this.pepper).update(secret).digest();
  }
}
