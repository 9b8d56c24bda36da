import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { logError } from '../telemetry/log-error.js';
import { logger } from '../telemetry/log.js';
import type { HealthRegistry } from './health-registry.js';

/** One thing to stop. It must end by itself; the deadline of the whole stop ends the process otherwise. */
export interface StopStep {
  name: string;
  stop(): Promise<unknown> | unknown;
}

/** A Nest application, or what is enough of one. */
export interface StoppableApp {
  getHttpServer(): unknown;
  close(): Promise<unknown>;
}

export interface GracefulStopSettings {
  /** Undefined in a process that serves no HTTP. */
  app?: StoppableApp;
  health?: HealthRegistry;
  /**
   * Stopped one after the other when the last request is answered: workers, the database, the embedded cluster. `app.close()` runs before
   * them, or where a step named `app` stands.
   */
  steps: readonly StopStep[];
  /** From the signal to the end of the process, at most. Default 10 s. */
  timeoutMs?: number;
  /** How long the process still takes new requests after it has said that it is not ready. Default 1 s. */
  drainMs?: number;
  /** Ends the process; a test puts its own here. */
  exit?: (code: number) => void;
}

export interface GracefulStop {
  /** Stops as a signal would; for a command that ends the process by itself. */
  stop(reason: string): Promise<void>;
  /** Takes the signal handlers off again. */
  dispose(): void;
}

/**
 * On SIGTERM or SIGINT: not ready first, a short drain, no new connections, every request in flight answered, then the steps, then exit 0.
 * A second signal, or the deadline, exits 1. Nest's own shutdown hooks must stay off: they raise the signal again and cut this short.
 */
export function gracefulStop(settings: GracefulStopSettings): GracefulStop {
  const { exit = (code: number) => process.exit(code), timeoutMs = 10_000 } = settings;
  const listener = settings.app ? new DrainingListener(settings.app.getHttpServer() as Server) : undefined;
  let stopping: Promise<void> | undefined;

  const stop = (reason: string): Promise<void> => {
    stopping ??= stopAll(settings, listener, reason);
    return stopping;
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      logger().warn({ signal }, 'second signal: stopping at once');
      return exit(1);
    }
    const deadline = setTimeout(() => {
      logger().warn({ timeoutMs }, 'stop took too long: exiting');
      exit(1);
    }, timeoutMs);
    stop(signal).then(() => exit(0), (error: unknown) => {
      logError(error, { stopping: true });
      exit(1);
    }).finally(() => clearTimeout(deadline));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    stop,
    dispose: () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal),
  };
}

async function stopAll(settings: GracefulStopSettings, listener: DrainingListener | undefined, reason: string): Promise<void> {
  const { app, health, steps, drainMs = 1_000 } = settings;
  logger().info({ reason }, 'stopping');
  health?.drain();
  listener?.sayGoodbye();
  if (listener) await delay(drainMs);
  await listener?.finish();
  const closeApp: StopStep[] = app && !steps.some(({ name }) => name === 'app') ? [{ name: 'app', stop: () => app.close() }] : [];
  for (const step of [...closeApp, ...steps]) await stopOne(step);
  logger().info({ reason }, 'stopped');
}

/** A step that fails must not keep the next ones, the database above all, from stopping. */
async function stopOne({ name, stop }: StopStep): Promise<void> {
  try {
    await stop();
  } catch (error) {
    logError(error, { stopStep: name });
  }
}

/**
 * Ends an HTTP listener without losing a request. Closing an idle keep-alive connection races with a client that is just using it, so
 * clients are told first: every answer from the signal on carries `Connection: close`.
 */
class DrainingListener {
  private readonly inFlight = new Set<ServerResponse>();
  private readonly upgraded = new Set<Duplex>();
  private leaving = false;

  constructor(private readonly server: Server) {
    // Before the framework's own listener: an answer may be written synchronously.
    server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => this.track(response));
    server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
      this.upgraded.add(socket);
      socket.once('close', () => this.upgraded.delete(socket));
    });
  }

  sayGoodbye(): void {
    this.leaving = true;
    for (const response of this.inFlight) markLast(response);
  }

  /** Takes no new connection, and resolves when every request in flight is answered and every idle connection closed. */
  async finish(): Promise<void> {
    if (this.server.listening) this.server.close();
    while (this.inFlight.size > 0) {
      this.server.closeIdleConnections();
      await delay(20);
    }
    this.server.closeIdleConnections();
    // Connections that carry no request any more: streams that outlive their request would keep the listener open for ever.
    for (const socket of this.upgraded) socket.destroy();
  }

  private track(response: ServerResponse): void {
    if (this.leaving) markLast(response);
    this.inFlight.add(response);
    response.once('close', () => this.inFlight.delete(response));
  }
}

function markLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

/** An error nobody caught leaves the process in a state nobody knows: it is logged and the process ends, to be started again. */
export function exitOnUncaught(exit: (code: number) => void = (code) => process.exit(code)): () => void {
  const onUncaught = (error: unknown, origin: string): void => {
    logger().fatal({ err: error, origin }, 'uncaught error');
    exit(1);
  };
  const onRejection = (reason: unknown): void => onUncaught(reason, 'unhandledRejection');
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onRejection);
  return () => void process.off('uncaughtException', onUncaught).off('unhandledRejection', onRejection);
}
