import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { Logger } from '@nestjs/common';
import { GraphqlDriver, type GraphqlDriverConfig } from './graphql.driver.js';
import { defaultSocketLimits, type GraphqlSettings, type SocketLimits } from './graphql-settings.js';
import { defaultJitOptions, type JitOptions } from './executor.js';
import { defaultGraphqlLimits, type GraphqlLimits } from './limits.js';
import { problemLogEntry, type ProblemLogger } from '../http/problem-log.js';
import type { ErrorLog } from './wire-errors.js';
import type { ExplorerExample } from '../explorer/graphiql-page.js';

export interface GraphqlOptions extends Pick<GraphqlSettings, 'authenticate' | 'admitOperation' | 'budgetOf'> {
  /** `/graphql` */
  path?: string;
  limits?: Partial<GraphqlLimits>;
  jit?: Partial<JitOptions> | false;
  /** Websockets; true unless said otherwise. */
  subscriptions?: Partial<SocketLimits> | boolean;
  /** GraphiQL for browsers; true unless said otherwise. */
  explorer?: boolean | { examples?: readonly ExplorerExample[]; tokenPath?: string };
  /** Where errors are logged. Without it, Nest's logger gets those that a person must look into. */
  log?: ProblemLogger;
}

/**
 * The one configuration of the GraphQL endpoint: `GraphQLModule.forRootAsync({ driver: GraphqlDriver, inject, useFactory: () => graphqlOptions(…) })`.
 * The schema is built in memory from the resolvers, sorted, so that its text can be compared.
 */
export function graphqlOptions(options: GraphqlOptions): GraphqlDriverConfig {
  return {
    driver: GraphqlDriver,
    path: options.path ?? '/graphql',
    autoSchemaFile: true,
    sortSchema: true,
    graphiql: false,
    autoTransformHttpErrors: false,
    plugins: [ApolloServerPluginLandingPageDisabled()],
    datum: settingsOf(options),
  };
}

function settingsOf(options: GraphqlOptions): GraphqlSettings {
  const { subscriptions = true, explorer = true, jit = {}, log } = options;
  const page = typeof explorer === 'object' ? explorer : {};
  return {
    authenticate: options.authenticate,
    admitOperation: options.admitOperation,
    budgetOf: options.budgetOf,
    limits: { ...defaultGraphqlLimits, ...options.limits },
    jit: jit && { ...defaultJitOptions, ...jit },
    sockets: subscriptions ? { ...defaultSocketLimits, ...(subscriptions === true ? {} : subscriptions) } : null,
    explorer: explorer ? { examples: page.examples ?? [], tokenPath: page.tokenPath ?? '/oauth/token' } : null,
    log: log ? (error, id) => log(problemLogEntry(error, { id, method: 'POST', route: options.path ?? '/graphql' })) : logError,
  };
}

const logger = new Logger('GraphQL');

/** Without a log of its own the endpoint tells Nest's logger what a person must look into. */
const logError: ErrorLog = (error, requestId) => {
  const entry = problemLogEntry(error, { id: requestId, method: 'POST', route: 'graphql' });
  if (entry.level === 'error' || entry.level === 'warn') logger[entry.level](JSON.stringify(entry));
};
