import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Server } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';

const pingMs = 12_000;
const internalErrorCode = 4_500;
const closeWaitMs = 1_000;

export interface SocketExtra {
  request: IncomingMessage;
  /** The client of the connection, once it is known, for as long as it counts as one of its sockets. */
  client?: string;
  isClosed?: boolean;
}

/**
 * Carries the messages of graphql-ws over ws. The library's own adapter writes every broken frame of a client to the console; here a broken
 * socket just ends.
 */
export class SocketTransport {
  private readonly sockets: WebSocketServer;

  constructor(private readonly protocol: Server<SocketExtra>, messageBytesMax: number, private readonly onError: (error: unknown) => void) {
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, handleProtocols: (names) => handleProtocols(names) });
  }

  get open(): number {
    return this.sockets.clients.size;
  }

  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.sockets.handleUpgrade(request, stream, head, (socket) => this.serve(socket, request));
  }

  /** Says good-bye to every socket, and cuts those that do not answer within a second. */
  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.close(1001, 'Going away');
    const cut = setTimeout(() => this.sockets.clients.forEach((socket) => socket.terminate()), closeWaitMs);
    await new Promise<void>((resolve) => { this.sockets.close(() => resolve()); });
    clearTimeout(cut);
  }

  private serve(socket: WebSocket, request: IncomingMessage): void {
    const stopPinging = keepAlive(socket);
    // ws closes a socket with a bad frame itself; without a listener the error would end the process.
    socket.on('error', () => undefined);
    const closed = this.protocol.opened({
      protocol: socket.protocol,
      send: (text) => new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        // A socket that fails here is closed next, which ends its operations.
        return socket.send(text, () => resolve());
      }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (receive) => {
        socket.on('message', (data) => {
          receive(String(data)).catch((error: unknown) => {
            this.onError(error);
            socket.close(internalErrorCode, 'Internal server error');
          });
        });
      },
    }, { request });
    socket.once('close', (code, reason) => {
      stopPinging();
      closed(code, String(reason)).catch(this.onError);
    });
  }
}

/** Cuts a socket whose other end has gone without saying so. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => { answered = true; });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    return socket.ping();
  }, pingMs);
  return () => clearInterval(timer);
}
