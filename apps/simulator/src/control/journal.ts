import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * An append-only file of JSON lines. A line is handed to the operating system before the caller goes on, so a killed process
 * loses nothing it has acknowledged; a line torn by the kill is cut off at the next start, because nobody was told of it.
 */
export class Journal<Line> {
  private readonly file: number | undefined;

  private constructor(path: string | undefined) {
    this.file = path === undefined ? undefined : openSync(path, 'a');
  }

  /** Opens the journal and returns the lines it holds. Without a path nothing is kept. */
  static open<Line>(path: string | undefined): { journal: Journal<Line>; lines: Line[] } {
    const lines = path !== undefined && existsSync(path) ? wholeLines<Line>(path) : [];
    return { journal: new Journal<Line>(path), lines };
  }

  append(line: Line): void {
    if (this.file === undefined) return;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let written = 0; written < bytes.length; ) written += writeSync(this.file, bytes, written);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }
}

function wholeLines<Line>(path: string): Line[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) {
    const file = openSync(path, 'r+');
    ftruncateSync(file, end);
    closeSync(file);
  }
  return bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Line);
}
