import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it passed the proxy. */
export interface Exchange {
  method: string;
  path: string;
  body: string;
  /** What the ERP answered; absent when it was never asked or gave no answer. */
  reply?: { status: number; body: string };
  /** Whether that answer reached the adapter unchanged. */
  delivered: boolean;
}

export interface CannedAnswer {
  status: number;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
}

/**
 * What happens to one request. `hang` and `reset`: the ERP does its work and its answer is swallowed. `cut`: the request never
 * reaches the ERP. `hold`: it goes on when `until` is done. `answer`: neither does it, and the proxy answers. `replace`: the ERP does its work, the proxy answers.
 */
export type ProxyFault =
  | { kind: 'pass' } | { kind: 'hang' } | { kind: 'reset' } | { kind: 'cut' }
  | { kind: 'delay'; ms: number }
  | { kind: 'hold'; until: () => Promise<void> }
  | { kind: 'answer'; answer: CannedAnswer } | { kind: 'replace'; answer: CannedAnswer };

const pass: ProxyFault = { kind: 'pass' };

/** Stands between an adapter and its ERP, does what the test says and writes down what it saw. */
export class FaultProxy {
  readonly exchanges: Exchange[] = [];
  /** Most requests in work at the same moment. */
  inFlightMax = 0;
  /** The credentials that the adapter sent last. */
  lastAuthorization: string | undefined;
  private inFlight = 0;
  private readonly sockets = new Set<Socket>();
  private decide: (exchange: Exchange) => ProxyFault = () => pass;

  private constructor(private server: Server, private readonly upstream: URL, private readonly port: number) {}

  static async start(upstream: string): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(server, new URL(upstream), (server.address() as AddressInfo).port);
    proxy.serve(server);
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on every request meets what `decide` says, with the exchange as far as it is known. */
  meet(decide: ProxyFault | ((exchange: Exchange) => ProxyFault)): void {
    this.decide = typeof decide === 'function' ? decide : () => decide;
  }

  /** Everything passes again and what was seen is forgotten. */
  calm(): void {
    this.decide = () => pass;
    this.exchanges.length = 0;
    this.inFlightMax = this.inFlight;
  }

  /** Connections are refused until `accept`. */
  async refuse(): Promise<void> {
    await this.stop();
  }

  async accept(): Promise<void> {
    this.server = createServer();
    this.serve(this.server);
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(server: Server): void {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (incoming, outgoing) => {
      this.inFlight += 1;
      this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
      outgoing.once('close', () => (this.inFlight -= 1));
      void this.exchange(incoming, outgoing).catch(() => incoming.socket.destroy());
    });
  }

  private async exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    this.lastAuthorization = incoming.headers.authorization ?? this.lastAuthorization;
    const exchange: Exchange = { method: incoming.method ?? '', path: incoming.url ?? '', body, delivered: false };
    this.exchanges.push(exchange);
    const fault = this.decide(exchange);
    if (fault.kind === 'cut') return void incoming.socket.resetAndDestroy();
    if (fault.kind === 'answer') return give(outgoing, fault.answer);
    if (fault.kind === 'hold') await fault.until();
    const { status, headers, text } = await this.ask(incoming, body);
    exchange.reply = { status, body: text };
    if (fault.kind === 'hang') return;
    if (fault.kind === 'reset') return void incoming.socket.resetAndDestroy();
    if (fault.kind === 'replace') return give(outgoing, fault.answer);
    if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    exchange.delivered = !outgoing.destroyed;
    give(outgoing, { status, headers, body: text });
  }

  private ask(incoming: IncomingMessage, body: string): Promise<{ status: number; headers: OutgoingHttpHeaders; text: string }> {
    return new Promise((resolve, reject) => {
      const { host: _host, connection: _hop, 'transfer-encoding': _coding, ...headers } = incoming.headers;
      const options = { method: incoming.method, headers: { ...headers, host: this.upstream.host, connection: 'close' } };
      const sent = forward(new URL(incoming.url ?? '/', this.upstream), options, (answer) => {
        const { connection: __hop, 'transfer-encoding': __coding, 'content-length': _length, ...kept } = answer.headers;
        textOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, headers: kept, text }), reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function give(outgoing: ServerResponse, { status, headers, body }: CannedAnswer): void {
  const bytes = Buffer.from(body ?? '');
  outgoing.on('error', () => undefined);
  outgoing.writeHead(status, { ...headers, 'content-length': bytes.length });
  outgoing.end(bytes);
}

/** Faults drawn at `rate` from a seed, for the exchanges that `applies` picks; the same seed gives the same faults. */
export function seededFaults(
  seed: number, rate: number, fault: ProxyFault, applies: (exchange: Exchange) => boolean,
): (exchange: Exchange) => ProxyFault {
  let state = seed >>> 0;
  return (exchange) => {
    if (!applies(exchange)) return pass;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296 < rate ? fault : pass;
  };
}
