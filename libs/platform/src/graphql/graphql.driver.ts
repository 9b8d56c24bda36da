import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { ExplorerPage } from '../explorer/graphiql-page.js';
import { Admission } from './admission.js';
import { Executor } from './executor.js';
import type { GraphqlContext } from './graphql-context.js';
import type { GraphqlSettings } from './graphql-settings.js';
import { HttpEndpoint } from './http-endpoint.js';
import { preflightHeaders } from './http-parameters.js';
import { OperationGate } from './operation-gate.js';
import { SubscriptionServer } from './subscriptions.js';
import { WireErrors } from './wire-errors.js';

export interface GraphqlDriverConfig extends ApolloDriverConfig {
  path: string;
  datum: GraphqlSettings;
}

const sha256HexLength = 64;

/**
 * Nest's Apollo driver with an entrance of our own: what comes in is authenticated, measured, validated and priced before Apollo Server sees
 * it, and is run by our executor. Apollo keeps its pipeline and its plugins; the document reaches it through its document store, so that
 * nothing is parsed or validated twice.
 */
@Injectable()
export class GraphqlDriver extends ApolloDriver {
  private subscriptionServer?: SubscriptionServer;
  private gate: OperationGate;

  constructor(modules: ModulesContainer) {
    super(modules);
  }

  override async start(options: ApolloDriverConfig): Promise<void> {
    const { datum, path } = options as GraphqlDriverConfig;
    const schema = (options as { schema?: GraphQLSchema }).schema!;
    const errors = new WireErrors(path, datum.log);
    this.gate = new OperationGate(new Admission(schema, datum.limits), new Executor(schema, datum.jit), datum, errors);
    await super.start({ ...options, subscriptions: undefined, installSubscriptionHandlers: false });
    if (!datum.sockets) return;
    const http = this.httpAdapterHost.httpAdapter.getHttpServer();
    this.subscriptionServer = new SubscriptionServer(http, this.gate, { schema, path }, datum.sockets);
  }

  override async stop(): Promise<void> {
    await this.subscriptionServer?.stop();
    await super.stop();
  }

  protected override async registerFastify(options: ApolloDriverConfig): Promise<void> {
    const { datum, path } = options as GraphqlDriverConfig;
    const app = this.httpAdapterHost.httpAdapter.getInstance<FastifyInstance>();
    const server = this.apollo(options, app);
    await server.start();
    this.apolloServer = server as unknown as ApolloServer;
    const page = datum.explorer && new ExplorerPage({ ...datum.explorer, graphqlPath: path });
    page?.registerAssets(app);
    new HttpEndpoint(server, this.gate, page).register(app, path);
  }

  private apollo(options: ApolloDriverConfig, app: FastifyInstance): ApolloServer<GraphqlContext> {
    return new ApolloServer<GraphqlContext>({
      schema: (options as { schema?: GraphQLSchema }).schema!,
      documentStore: this.documentStore(),
      plugins: [
        ...(options.plugins ?? []) as ApolloServerPlugin<GraphqlContext>[],
        ApolloServerPluginCacheControlDisabled(),
        fastifyApolloDrainPlugin(app),
        this.executionPlugin(),
      ],
      introspection: true,
      persistedQueries: false,
      includeStacktraceInErrorResponses: false,
      hideSchemaDetailsFromClientErrors: true,
      stopOnTerminationSignals: false,
      csrfPrevention: { requestHeaders: ['authorization', ...preflightHeaders] },
      parseOptions: { maxTokens: (options as GraphqlDriverConfig).datum.limits.tokensMax },
      formatError: () => ({ message: 'Internal error.', extensions: { code: 'internal', status: 500 } }),
      stringifyResult: (result) => JSON.stringify(result),
    });
  }

  /** Apollo asks by `<hash of the schema>:<hash of the document>`; the admission has just validated that document. */
  private documentStore() {
    return {
      get: async (key: string): Promise<DocumentNode | undefined> => this.gate.admission.remembered(key.slice(-sha256HexLength)),
      set: async (): Promise<void> => undefined,
      delete: async (): Promise<boolean> => false,
    };
  }

  private executionPlugin(): ApolloServerPlugin<GraphqlContext> {
    const run = async (context: GraphqlContext) => this.gate.run(context);
    return {
      async requestDidStart() {
        return {
          async responseForOperation({ contextValue, response }) {
            const singleResult = await run(contextValue);
            const status = singleResult.data === undefined ? 400 : undefined;
            return { body: { kind: 'single', singleResult: singleResult as never }, http: { status, headers: response.http.headers } };
          },
        };
      },
    };
  }
}
