import { randomFillSync } from 'node:crypto';

const pool = new Uint8Array(16 * 256);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

/**
 * A UUIDv7 [RFC 9562]: 48 bits of Unix milliseconds, a 12-bit counter that keeps ids of one process in order within a millisecond, 62 random bits.
 */
export function uuidv7(nowMs: number = Date.now()): string {
  if (used === pool.length) { randomFillSync(pool); used = 0; }
  const bytes = pool.subarray(used, used + 16);
  used += 16;
  if (nowMs > lastMs) { lastMs = nowMs; sequence = (bytes[6]! << 3) & 0x7ff; }
  else if (++sequence > 0xfff) { lastMs += 1; sequence = 0; }
  const time = lastMs.toString(16).padStart(12, '0');
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset + 8, 8);
  const variant = ((rest[0]! & 0x3f) | 0x80).toString(16);
  const tail = variant + rest.toString('hex').slice(2);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isUuid = (text: string): boolean => uuidPattern.test(text);
