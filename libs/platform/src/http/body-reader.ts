import { Transform, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { AppError, malformed } from '../errors/app-error.js';
import { tooLarge } from './json-body.js';

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** A body that has not arrived after this time is a slow client's. */
const arrivalMs = 20_000;

/**
 * The decoded bytes of a body. Never holds more than the limit before and after decoding, so a bomb stops there.
 * @throws AppError tooLarge, unsupportedMedia (an encoding we do not know), malformed (broken encoding; 408 when it takes longer than 20 s)
 */
export async function readBody(stream: Readable, encoding: string | undefined, limitBytes: number): Promise<Buffer> {
  const decode = decoderOf(encoding);
  const bytes = await readAll(stream, limitBytes);
  if (!decode) return bytes;
  try {
    return await decode(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw malformed('body.encoding', 'The body is not encoded as its Content-Encoding says.');
  }
}

function decoderOf(encoding: string | undefined): Decoder | undefined {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return undefined;
  if (Object.hasOwn(decoders, name)) return decoders[name];
  throw new AppError('unsupportedMedia', 'body.encoding-unknown', 'Content-Encoding may be gzip, deflate, br or identity.', {
    headers: { 'Accept-Encoding': 'gzip, deflate, br, identity' },
  });
}

function readAll(stream: Readable, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      stream.off('data', onData);
      reject(error);
    };
    const timer = setTimeout(() => fail(tooSlow()), arrivalMs).unref();
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) fail(tooLarge(limitBytes));
      else chunks.push(chunk);
    };
    stream.on('data', onData);
    stream.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks, length));
    });
    stream.once('error', () => fail(malformed('body.incomplete', 'The body did not arrive completely.')));
    stream.once('close', () => fail(malformed('body.incomplete', 'The body did not arrive completely.')));
  });
}

/** Passes a streamed body through and fails with 413 at the first byte beyond the limit. */
export function limitedStream(stream: Readable, limitBytes: number): Readable {
  let length = 0;
  const limiter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > limitBytes) done(tooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  stream.once('error', () => limiter.destroy(malformed('body.incomplete', 'The body did not arrive completely.')));
  return stream.pipe(limiter);
}

const tooSlow = () => new AppError('malformed', 'body.too-slow', 'The body took too long to arrive.', { status: 408 });
