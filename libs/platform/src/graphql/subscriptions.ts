import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  createSourceEventStream, GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLSchema,
} from 'graphql';
import { makeServer, type Context as SocketContext, type SubscribePayload } from 'graphql-ws';
import type { AuthenticatedRequest } from '../auth/permission.js';
import { AppError } from '../errors/app-error.js';
import type { GraphqlContext } from './graphql-context.js';
import type { SocketLimits } from './graphql-settings.js';
import type { OperationGate, WireResult } from './operation-gate.js';
import { SocketTransport, type SocketExtra } from './socket-transport.js';

type Socket = SocketContext<Record<string, unknown>, SocketExtra>;

interface Scheme { schema: GraphQLSchema; path: string }

/**
 * Operations over websockets (`graphql-transport-ws`) on the path of the endpoint: the same admission, execution and errors as over HTTP. The
 * caller is asked for anew with each operation and each event, and each event has loaders of its own, so that a subscription neither outlives
 * a revoked token nor answers from what an earlier event loaded.
 */
export class SubscriptionServer {
  private readonly sockets: SocketTransport;
  private readonly openOf = new Map<string, number>();

  constructor(
    private readonly http: Server,
    private readonly gate: OperationGate,
    private readonly scheme: Scheme,
    private readonly limits: SocketLimits,
  ) {
    const protocol = makeServer<Record<string, unknown>, SocketExtra>({
      onConnect: (socket) => this.mayConnect(socket),
      onClose: (socket) => this.leave(socket),
      onSubscribe: (socket, _id, payload) => this.admitted(socket, payload),
      execute: (args) => this.execute(args),
      subscribe: (args) => this.subscribe(args),
      // Results and refusals are in wire form already; the library's types know graphql-js's own only.
      onNext: (_socket, _id, _payload, _args, result) => result,
      onError: (_socket, _id, _payload, errors) => errors.map((error) => this.wireError(error)),
    });
    this.sockets = new SocketTransport(protocol, limits.messageBytesMax, (error) => { gate.refusal(error, randomUUID()); });
    http.on('upgrade', this.onUpgrade);
  }

  async stop(): Promise<void> {
    this.http.off('upgrade', this.onUpgrade);
    await this.sockets.stop();
  }

  private readonly onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== this.scheme.path) {
      if (this.http.listenerCount('upgrade') === 1) refuseUpgrade(stream, '404 Not Found');
      return;
    }
    if (this.sockets.open >= this.limits.socketsMax) return refuseUpgrade(stream, '503 Service Unavailable');
    this.sockets.accept(request, stream, head);
  };

  private async mayConnect(socket: Socket): Promise<boolean> {
    try {
      const { actor } = await this.gate.authenticate(requestOfSocket(socket));
      const open = this.openOf.get(actor.clientId) ?? 0;
      if (socket.extra.isClosed || open >= this.limits.socketsPerClientMax) return false;
      this.openOf.set(actor.clientId, open + 1);
      socket.extra.client = actor.clientId;
      return true;
    } catch {
      return false;
    }
  }

  private leave({ extra }: Socket): void {
    const { client } = extra;
    extra.isClosed = true;
    if (client === undefined) return;
    const open = this.openOf.get(client)! - 1;
    if (open > 0) this.openOf.set(client, open);
    else this.openOf.delete(client);
  }

  private async admitted(socket: Socket, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
    try {
      if (Object.keys(socket.subscriptions).length > this.limits.operationsPerSocketMax) throw tooManyOperations(this.limits);
      const request = requestOfSocket(socket);
      const caller = await this.gate.authenticate(request);
      await this.gate.count(caller);
      const operation = this.gate.admit({ ...payload, operationName: payload.operationName ?? undefined, variables: payload.variables ?? undefined });
      this.gate.checkCost(caller, operation);
      return this.args(this.gate.context(request, caller, operation));
    } catch (error) {
      return [new GraphQLError('refused', { originalError: error as Error })];
    }
  }

  private args(contextValue: GraphqlContext): ExecutionArgs {
    const { document, operationName, variables } = contextValue.operation;
    return { schema: this.scheme.schema, document, operationName, variableValues: variables, contextValue };
  }

  private async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    return await this.gate.run(args.contextValue as GraphqlContext) as ExecutionResult;
  }

  private async subscribe(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
    const context = args.contextValue as GraphqlContext;
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return this.gate.toWire(source, context.requestContext.requestId) as ExecutionResult;
    return this.events(source, context) as AsyncGenerator<ExecutionResult>;
  }

  /** Hand-made, because a generator that waits for the next event cannot be ended from outside; the source can. */
  private events(source: AsyncIterable<unknown>, context: GraphqlContext): AsyncGenerator<WireResult> {
    const iterator = source[Symbol.asyncIterator]();
    const next = async (): Promise<IteratorResult<WireResult>> => {
      const event = await iterator.next();
      if (event.done) return { done: true, value: undefined };
      const caller = await this.gate.authenticate(context.req);
      return { done: false, value: await this.gate.run(this.gate.context(context.req, caller, context.operation), event.value) };
    };
    // The client's "complete" and the end of its socket may both ask for the end.
    let ended: Promise<unknown> | undefined;
    const end = async (): Promise<IteratorResult<WireResult>> => {
      await (ended ??= Promise.resolve(iterator.return?.()));
      return { done: true, value: undefined };
    };
    return {
      next: () => next().catch(async (error: unknown) => { await end(); throw error; }),
      return: end,
      throw: async (error: unknown) => { await end(); throw error; },
      [Symbol.asyncIterator]() { return this; },
      [Symbol.asyncDispose]: async () => { await end(); },
    } as AsyncGenerator<WireResult>;
  }

  private wireError(error: GraphQLError) {
    const wire = this.gate.refusal(error.originalError ?? error, randomUUID()).errors[0]!;
    return { message: wire.message, locations: wire.locations, path: wire.path, extensions: wire.extensions };
  }
}

/** The upgrade request with the token of the connection: browsers cannot set headers on a websocket. */
function requestOfSocket(socket: Socket): AuthenticatedRequest {
  const { headers } = socket.extra.request;
  const { connectionParams } = socket;
  const authorization = connectionParams?.authorization ?? connectionParams?.Authorization ?? headers.authorization;
  return { headers: { ...headers, authorization: typeof authorization === 'string' ? authorization : undefined } };
}

const tooManyOperations = (limits: SocketLimits): AppError => new AppError(
  'limit', 'graphql.operations', `At most ${limits.operationsPerSocketMax} operations run at once on one connection.`,
  { details: { limit: limits.operationsPerSocketMax } },
);

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

