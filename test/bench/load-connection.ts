import net from 'node:net';

export interface Answers {
  /** Milliseconds from the request's first byte out to the answer's last byte in. */
  latencies: number[];
  unexpected: Map<string, number>;
  bytes: number;
}

export interface LoadTarget { port: number; requests: readonly Buffer[]; status: number }

const headEnd = Buffer.from('\r\n\r\n');
const crLf = Buffer.from('\r\n');

/**
 * One connection that sends the next request when the last answer is complete. Written for little CPU: the load shares its core with
 * PostgreSQL, and what it takes there the server under test cannot get answered. Understands Content-Length and chunked bodies.
 */
export class LoadConnection {
  private readonly socket: net.Socket;
  private head: Buffer = Buffer.alloc(0);
  /** Bytes of the body still to come; -1: chunked. Undefined while in the head. */
  private remaining: number | undefined;
  private sentAt = 0;
  private stopped = false;

  constructor(private readonly target: LoadTarget, private readonly answers: Answers, private next: number) {
    this.socket = net.connect({ port: target.port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (data) => this.take(data));
    this.socket.on('error', (error) => this.note(`connection: ${error.message}`));
    this.socket.on('close', () => { if (!this.stopped) this.note('connection closed by the server'); });
    this.socket.once('connect', () => this.send());
  }

  stop(): void {
    this.stopped = true;
    this.socket.destroy();
  }

  private send(): void {
    const { requests } = this.target;
    this.next = (this.next + 7_919) % requests.length;
    this.sentAt = performance.now();
    this.socket.write(requests[this.next]!);
  }

  private take(data: Buffer): void {
    this.answers.bytes += data.length;
    if (this.remaining !== undefined) return this.takeBody(data);
    this.head = this.head.length === 0 ? data : Buffer.concat([this.head, data]);
    const end = this.head.indexOf(headEnd);
    if (end < 0) return;
    const head = this.head.toString('latin1', 0, end);
    const rest = this.head.subarray(end + headEnd.length);
    this.head = Buffer.alloc(0);
    this.readHead(head);
    this.takeBody(rest);
  }

  private readHead(head: string): void {
    const status = Number(head.slice(9, 12));
    if (status !== this.target.status) this.note(`status ${status}`);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const hasBody = status !== 304 && status !== 204;
    this.remaining = !hasBody ? 0 : length === undefined ? -1 : Number(length);
  }

  private takeBody(data: Buffer): void {
    if (this.remaining === -1) {
      // The last chunk is empty: `0` between two line ends, which JSON text cannot hold.
      if (data.length >= 5 && data.subarray(-5).toString('latin1') === `0${crLf.toString()}${crLf.toString()}`) this.complete();
      return;
    }
    this.remaining! -= data.length;
    if (this.remaining! <= 0) this.complete();
  }

  private complete(): void {
    this.answers.latencies.push(performance.now() - this.sentAt);
    this.remaining = undefined;
    if (!this.stopped) this.send();
  }

  private note(what: string): void {
    if (!this.stopped) this.answers.unexpected.set(what, (this.answers.unexpected.get(what) ?? 0) + 1);
  }
}
