import { createHmac, timingSafeEqual } from 'node:crypto';
import { malformed } from '../errors/app-error.js';
import { machineNowMs } from '../clock/clock.js';

/** A signing key. `id` stands in the cursor, so that keys can be rotated while old cursors are still on the way. */
export interface CursorKey {
  id: string;
  secret: Buffer;
}

const macBytes = 16;
const textMax = 1_024;
const cursorPattern = /^[\w-]{30,1024}$/;

/**
 * Signs list cursors, so that a cursor can hold a position without being a way to choose one: forged, foreign (of another participant,
 * collection or filter) and expired cursors are refused alike. The first key signs; all keys verify.
 */
export class CursorSigner {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: CursorKey;

  constructor(keys: readonly [CursorKey, ...CursorKey[]], private readonly nowMs: () => number = machineNowMs) {
    this.keys = new Map(keys.map((key) => [key.id, key.secret]));
    this.current = keys[0];
  }

  /**
   * @param kind the list: `items`, `items.changes`
   * @param scope whom and what it belongs to: participant, filter and order (see `listScope`)
   * @param payload the position: small, JSON
   * @throws RangeError when the payload does not fit into 1 kB
   */
  sign(kind: string, scope: string, payload: unknown, ttlSeconds: number): string {
    const expires = Math.floor(this.nowMs() / 1_000) + ttlSeconds;
    const content = Buffer.from(JSON.stringify([this.current.id, expires, payload]));
    const text = Buffer.concat([macOf(this.current.secret, kind, scope, content), content]).toString('base64url');
    if (text.length > textMax) throw new RangeError(`A cursor of ${text.length} characters is too long.`);
    return text;
  }

  /**
   * The payload of a cursor that this gateway gave out for this kind and scope.
   * @throws AppError malformed `cursor.invalid`
   */
  verify(kind: string, scope: string, text: string, pointer = '#/query/cursor'): unknown {
    if (!cursorPattern.test(text)) throw invalidCursor(pointer);
    const bytes = Buffer.from(text, 'base64url');
    const content = bytes.subarray(macBytes);
    const [keyId, expires, payload] = readContent(content);
    const secret = typeof keyId === 'string' ? this.keys.get(keyId) : undefined;
    if (!secret || !timingSafeEqual(bytes.subarray(0, macBytes), macOf(secret, kind, scope, content))) {
      throw invalidCursor(pointer);
    }
    if (typeof expires !== 'number' || expires * 1_000 < this.nowMs()) throw invalidCursor(pointer);
    return payload;
  }
}

function macOf(secret: Buffer, kind: string, scope: string, content: Buffer): Buffer {
  const head = JSON.stringify([kind, scope]);
  return createHmac('sha256', secret).update(head).update('\n').update(content).digest().subarray(0, macBytes);
}

function readContent(content: Buffer): unknown[] {
  try {
    const parsed: unknown = JSON.parse(content.toString('utf8'));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

const invalidCursor = (pointer: string) => {
  const detail = 'Use a nextCursor of this very list, as it was given, before it expires; or start again without a cursor.';
  const problem = { pointer, code: 'cursor.invalid', detail };
  return malformed('cursor.invalid', 'The cursor is not one of this list, or has expired.', [problem]);
};
