import { Pool } from 'undici';
import { ErpFailure } from '@datum/write-back';
import type { Deadline } from './deadline.js';
import { Slots } from './slots.js';

export interface ErpHttpOptions {
  /** Scheme, host, port and optional path prefix. */
  baseUrl: string;
  /** Requests in flight at most; the rest wait their turn inside their own deadline. */
  parallel: number;
  /** Longer answers are cut off and not believed. */
  responseBytesMax: number;
}

export interface ErpHttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below the base address, starting with a slash. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Whether it may change something in the ERP: then a lost answer is an unknown outcome. */
  effect: boolean;
}

export interface ErpHttpResponse {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
}

/** The connection was never made, so nothing can have happened. */
const neverSent = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT',
]);

/** HTTP to one ERP: bounded in parallel requests, time and size. Redirects are answers like any other and never followed. */
export class ErpHttp {
  private readonly pool: Pool;
  private readonly slots: Slots;
  private readonly prefix: string;

  constructor(private readonly options: ErpHttpOptions) {
    const url = new URL(options.baseUrl);
    this.prefix = url.pathname.replace(/\/$/, '');
    this.slots = new Slots(options.parallel);
    this.pool = new Pool(url.origin, { connections: options.parallel, pipelining: 1, connect: { timeout: 10_000 } });
  }

  /**
   * Sends one request and reads the whole answer.
   * @throws ErpFailure `unavailable` (not reached, or a read without answer), `retryable` (no turn within the deadline; nothing
   *   sent), `unknown-outcome` (a request with an effect was sent and its answer did not come or cannot be read)
   */
  async send(request: ErpHttpRequest, deadline: Deadline): Promise<ErpHttpResponse> {
    const release = await this.slots.take(deadline.signal);
    try {
      return await this.exchange(request, deadline);
    } catch (error) {
      throw error instanceof ErpFailure ? error : failureOf(error, request.effect);
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async exchange(request: ErpHttpRequest, deadline: Deadline): Promise<ErpHttpResponse> {
    const answer = await this.pool.request({
      method: request.method,
      path: this.prefix + request.path,
      headers: { 'user-agent': 'datum', ...request.headers },
      body: request.body,
      signal: deadline.signal,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > this.options.responseBytesMax) {
        // Leaving the loop destroys the body and with it the connection: the rest is never read.
        throw notUnderstood(request.effect, `an answer longer than ${this.options.responseBytesMax} bytes`);
      }
      chunks.push(chunk);
    }
    const headers: ErpHttpResponse['headers'] = {};
    for (const [name, value] of Object.entries(answer.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
    return { status: answer.statusCode, headers, text: decode(Buffer.concat(chunks), request.effect) };
  }
}

function decode(bytes: Buffer, effect: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notUnderstood(effect, 'an answer that is not UTF-8');
  }
}

function failureOf(error: unknown, effect: boolean): ErpFailure {
  const code = (error as { code?: string }).code ?? '';
  if (neverSent.has(code)) return new ErpFailure('unavailable', 'The ERP cannot be reached.', { cause: error });
  if (effect) {
    return new ErpFailure('unknown-outcome', 'The ERP was asked to write and its answer did not arrive.', { cause: error });
  }
  return new ErpFailure('unavailable', 'The ERP did not answer in time or broke the connection.', { cause: error });
}

/** An answer that is not what the protocol says: nothing of it is believed, and a write may have happened. */
export function notUnderstood(effect: boolean, what: string): ErpFailure {
  return new ErpFailure(effect ? 'unknown-outcome' : 'unavailable', `The ERP sent ${what}; nothing of it is believed.`);
}

/** The ERP's own row, which holds what has no canonical form: it is up, and its other rows count. */
export function unreadable(effect: boolean, what: string): ErpFailure {
  return new ErpFailure(effect ? 'unknown-outcome' : 'unreadable', `The ERP sent ${what}; the record is not believed.`);
}

/** `Retry-After` in milliseconds: seconds or an HTTP date; at most a day, and one second when it says nothing usable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number {
  const dayMs = 86_400_000;
  if (header === undefined) return 1_000;
  const seconds = /^\d{1,9}$/.test(header.trim()) ? Number(header.trim()) : (Date.parse(header) - nowMs) / 1_000;
  if (!Number.isFinite(seconds)) return 1_000;
  return Math.min(dayMs, Math.max(0, Math.ceil(seconds * 1_000)));
}

/** Parses an answer that must be JSON. @throws ErpFailure as `notUnderstood` */
export function jsonOf(answer: ErpHttpResponse, effect: boolean): unknown {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(answer.headers['content-type'] ?? '')) {
    throw notUnderstood(effect, 'an answer that is not JSON');
  }
  try {
    return JSON.parse(answer.text);
  } catch {
    throw notUnderstood(effect, 'an answer that is not JSON');
  }
}
