import fs from 'node:fs/promises';

const flushAt = 256 * 1024;

/** A file that is written line by line, buffered, and read by nobody before it is closed. */
export class LineFile {
  private buffered: string[] = [];
  private bufferedLength = 0;
  bytes = 0;

  private constructor(private readonly handle: fs.FileHandle) {}

  static async create(file: string): Promise<LineFile> {
    return new LineFile(await fs.open(file, 'w', 0o600));
  }

  async write(line: string): Promise<void> {
    this.buffered.push(line, '\n');
    this.bufferedLength += line.length;
    this.bytes += Buffer.byteLength(line) + 1;
    if (this.bufferedLength >= flushAt) await this.flush();
  }

  async close(): Promise<void> {
    await this.flush();
    await this.handle.close();
  }

  private async flush(): Promise<void> {
    const text = this.buffered.join('');
    this.buffered = [];
    this.bufferedLength = 0;
    if (text !== '') await this.handle.write(text);
  }
}
