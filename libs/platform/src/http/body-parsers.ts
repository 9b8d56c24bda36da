import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, malformed } from '../errors/app-error.js';
import { limitedStream, readBody } from './body-reader.js';
import { decodeUtf8, parseJsonBody, tooLarge } from './json-body.js';
import { readQuery } from './query-parameters.js';

export interface BodyOptions {
  jsonLimitBytes?: number;
  /** Media types handed to the controller as a stream: `application/x-ndjson`, `text/csv`. */
  streamTypes?: readonly string[];
  streamLimitBytes?: number;
}

export const jsonLimitBytes = 1024 * 1024;
export const streamLimitBytes = 64 * 1024 * 1024;
const formLimitBytes = 16 * 1024;

const jsonType = /^application\/(?:[\w.-]+\+)?json(?:$|[;\s])/;
const bodies = new WeakMap<FastifyRequest, Buffer>();

/** The decoded bytes of the body as they came, for fingerprints and signatures; empty when there is none. */
export const bodyBytesOf = (request: FastifyRequest): Buffer => bodies.get(request) ?? Buffer.alloc(0);

/**
 * Replaces Fastify's body parsers: JSON of every `+json` type, form bodies (for the token endpoint), and the streamed types. Everything else
 * is 415. Nest must be created with `bodyParser: false`.
 */
export function registerBodyParsers(fastify: FastifyInstance, options: BodyOptions = {}): void {
  const limit = options.jsonLimitBytes ?? jsonLimitBytes;
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(jsonType, async (request: FastifyRequest, payload: Readable) => {
    const bytes = await bytesOf(request, payload, limit);
    if (bytes.length === 0) throw malformed('body.empty', 'A body was announced and did not come.');
    return parseJsonBody(bytes);
  });
  fastify.addContentTypeParser('application/x-www-form-urlencoded', async (request: FastifyRequest, payload: Readable) =>
    parseForm(await bytesOf(request, payload, formLimitBytes)));
  for (const type of options.streamTypes ?? []) {
    fastify.addContentTypeParser(type, (request: FastifyRequest, payload: Readable, done: StreamDone) => {
      openStream(request, payload, options.streamLimitBytes ?? streamLimitBytes, done);
    });
  }
}

type StreamDone = (error: Error | null, body?: unknown) => void;

async function bytesOf(request: FastifyRequest, payload: Readable, limit: number): Promise<Buffer> {
  checkCharset(request);
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit);
  const bytes = await readBody(payload, request.headers['content-encoding'], limit);
  bodies.set(request, bytes);
  return bytes;
}

function openStream(request: FastifyRequest, payload: Readable, limit: number, done: StreamDone): void {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    done(new AppError('unsupportedMedia', 'body.encoding-unknown', 'A streamed body must not be encoded.'));
  } else if (Number(request.headers['content-length']) > limit) {
    done(tooLarge(limit));
  } else {
    done(null, limitedStream(payload, limit));
  }
}

function checkCharset(request: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([\w-]{1,40})/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new AppError('unsupportedMedia', 'body.charset', 'Only UTF-8 is read.');
}

/** A form as names and values, each name once. */
function parseForm(bytes: Buffer): Record<string, string> {
  const parameters = readQuery(decodeUtf8(bytes));
  return Object.fromEntries(parameters.names().map((name) => [name, parameters.take(name)!]));
}
