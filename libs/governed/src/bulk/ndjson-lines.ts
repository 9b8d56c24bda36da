import { AppError } from '@datum/platform';
import { bulkLimits } from './bulk-import.js';

const newline = 0x0a;

/** Lines that are spooled together. */
export interface LineChunk { firstRow: number; rowCount: number; rows: Buffer }

/**
 * Cuts a stream of bytes into chunks of whole lines without looking into them: at most `rowsMax` lines and a bounded number of bytes each. The last line
 * need not end with a newline. Never holds more than one chunk and one line.
 * @throws AppError tooLarge when a line or the number of rows passes its limit
 */
export async function* chunksOfLines(stream: AsyncIterable<Buffer>, rowsMax: number): AsyncGenerator<LineChunk> {
  let lines: Buffer[] = [];
  let bytes = 0;
  let row = 0;
  const cut = (): LineChunk => {
    const chunk = { firstRow: row - lines.length, rowCount: lines.length, rows: joined(lines, bytes) };
    lines = [];
    bytes = 0;
    return chunk;
  };
  for await (const line of linesOf(stream)) {
    if (row >= bulkLimits.rowsMax) throw tooManyRows();
    lines.push(line);
    bytes += line.length + 1;
    row += 1;
    if (lines.length >= rowsMax || bytes >= bulkLimits.chunkBytesMax) yield cut();
  }
  if (lines.length > 0) yield cut();
}

/** The lines of a chunk again. */
export function splitLines(rows: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < rows.length;) {
    const end = rows.indexOf(newline, at);
    lines.push(rows.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const data of stream) {
    let at = 0;
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, at)) {
      const part = data.subarray(at, end);
      checkLength(restBytes + part.length);
      yield restBytes === 0 ? part : Buffer.concat([...rest, part]);
      rest = [];
      restBytes = 0;
      at = end + 1;
    }
    if (at < data.length) {
      rest.push(data.subarray(at));
      restBytes += data.length - at;
      checkLength(restBytes);
    }
  }
  if (restBytes > 0) yield Buffer.concat(rest);
}

function joined(lines: readonly Buffer[], bytes: number): Buffer {
  const all = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const line of lines) {
    at += line.copy(all, at);
    at = all.writeUInt8(newline, at);
  }
  return all;
}

function checkLength(bytes: number): void {
  if (bytes <= bulkLimits.lineBytesMax) return;
  throw new AppError('tooLarge', 'bulk.line-too-long', `A line is longer than ${bulkLimits.lineBytesMax} bytes; nothing was accepted.`);
}

const tooManyRows = (): AppError =>
  new AppError('tooLarge', 'bulk.too-many-rows', `At most ${bulkLimits.rowsMax} rows in one upload; nothing was accepted.`);
