import { HeaderMap, type ApolloServer } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticatedRequest } from '../auth/permission.js';
import { AppError } from '../errors/app-error.js';
import type { ExplorerPage } from '../explorer/graphiql-page.js';
import type { AdmittedOperation } from './admission.js';
import type { GraphqlContext } from './graphql-context.js';
import { checkOrigin, operationRequest, responseType, wantsPage } from './http-parameters.js';
import type { OperationGate } from './operation-gate.js';

/**
 * `GET` and `POST /graphql`. Everything that can be refused is refused here, as a GraphQL errors body with its HTTP status; Apollo Server gets
 * only what may run.
 *
 * The request header `GraphQL-Cost` asks what an operation costs: `include` adds `extensions.cost` to the answer, `only` answers
 * `{"extensions": {"cost": {"requested", "limit"}}}` without running anything, also when it would be refused.
 */
export class HttpEndpoint {
  constructor(
    private readonly apollo: ApolloServer<GraphqlContext>,
    private readonly gate: OperationGate,
    private readonly page: ExplorerPage | null,
  ) {}

  register(app: FastifyInstance, path: string): void {
    app.route({
      url: path,
      method: ['GET', 'POST'],
      onRequest: async (request, reply) => this.onRequest(request, reply),
      handler: async (request, reply) => this.handle(request, reply),
      errorHandler: (error, request, reply) => this.onError(error, request, reply),
    });
  }

  private async onRequest(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (this.page && wantsPage(request)) return reply.headers(this.page.headers).send(this.page.html);
    if (responseType(request.headers.accept) === undefined) {
      throw new AppError('notAcceptable', 'request.not-acceptable', 'The answer is application/graphql-response+json or application/json.');
    }
    checkOrigin(request);
    return undefined;
  }

  private async handle(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const caller = request as unknown as AuthenticatedRequest;
    const context = await this.gate.authenticate(caller);
    const admitted = this.gate.admit(operationRequest(request));
    checkMethod(request.method, admitted);
    const asked = request.headers['graphql-cost'];
    const cost = this.gate.cost(context, admitted);
    if (asked === 'only') return send(reply, request, 200, { extensions: { cost } });
    this.gate.checkCost(context, admitted);
    const graphqlContext = this.gate.context(caller, context, admitted);
    return this.answer(reply, await this.execute(request, graphqlContext), asked === 'include' ? { cost } : undefined);
  }

  private execute(request: FastifyRequest, context: GraphqlContext) {
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const search = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const httpGraphQLRequest = { method: request.method, headers, search, body: request.body };
    return this.apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => context });
  }

  private async answer(reply: FastifyReply, response: ApolloResponse, extensions: object | undefined): Promise<unknown> {
    for (const [name, value] of response.headers) void reply.header(name, value);
    void reply.code(response.status ?? 200);
    if (response.body.kind !== 'complete') throw new Error('Incremental delivery is not offered.');
    const text = response.body.string;
    return reply.send(extensions ? JSON.stringify({ ...(JSON.parse(text) as object), extensions }) : text);
  }

  /** Also for what Fastify's parsers and hooks refuse: whoever asks in GraphQL is answered in GraphQL. */
  private onError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const requestId = request.datumContext?.requestId ?? request.id;
    const refusal = this.gate.refusal(error, requestId);
    void send(reply.headers(refusal.headers), request, refusal.status, { errors: refusal.errors });
  }
}

type ApolloResponse = Awaited<ReturnType<ApolloServer<GraphqlContext>['executeHTTPGraphQLRequest']>>;

function send(reply: FastifyReply, request: FastifyRequest, status: number, body: object): FastifyReply {
  const type = responseType(request.headers.accept) ?? 'application/json';
  return reply.code(status).header('content-type', `${type}; charset=utf-8`).send(JSON.stringify(body));
}

function checkMethod(method: string, { operation }: AdmittedOperation): void {
  if (operation.operation === 'subscription') {
    throw new AppError('malformed', 'graphql.subscription', 'Subscribe over a websocket: graphql-transport-ws on this address.');
  }
  if (method === 'GET' && operation.operation !== 'query') {
    throw new AppError('methodNotAllowed', 'request.method-not-allowed', 'A GET runs queries only.', { headers: { Allow: 'POST' } });
  }
}
