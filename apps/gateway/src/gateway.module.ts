import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import {
  AuthModule, Authenticator, callContext, ClientLimiter, DemoClockController, GraphqlDriver, graphqlOptions, HealthController, logProblem, MetricsController,
  ProblemFilter, ReplyInterceptor, RuntimeModule, type AuthenticatedRequest, type RequestContext, type Runtime,
} from '@datum/platform';
import { RegistryModule } from '@datum/registry';
import { GovernedModule } from '@datum/governed';
import { GovernanceModule } from '@datum/governance';
import { InventoryModule } from '@datum/inventory';
import { ItemsModule } from '@datum/items';
import { OrdersModule } from '@datum/orders';
import { PartiesModule } from '@datum/parties';
import { WriteBackModule } from '@datum/write-back';
import { BomsModule } from '@datum/boms';

/** The gateway: REST and GraphQL over the same services. Wiring only. */
@Module({})
export class GatewayModule {
  static forRoot(runtime: Runtime, extraModules: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
    const { config, masterKey } = runtime;
    const limiter = new ClientLimiter(config.rateLimit);
    return {
      module: GatewayModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        RegistryModule,
        AuthModule.forRoot({ issuer: config.publicUrl, audience: `${config.publicUrl}/`, masterKey, ...(config.oidc ? { external: config.oidc } : {}) }),
        GraphQLModule.forRootAsync({
          driver: GraphqlDriver,
          inject: [Authenticator],
          useFactory: (authenticator: Authenticator) => graphqlOptions({
            authenticate: (request) => authenticated(authenticator, request),
            admitOperation: ({ actor }) => limiter.admit(actor.clientId),
            limits: { costMax: config.graphqlCostMax },
            log: logProblem,
          }),
        }),
        GovernedModule,
        GovernanceModule,
        ItemsModule,
        WriteBackModule,
        BomsModule,
        PartiesModule,
        InventoryModule,
        OrdersModule,
        ...extraModules,
      ],
      controllers: [HealthController, MetricsController, DemoClockController],
      providers: [
        { provide: ClientLimiter, useValue: limiter },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(logProblem) },
        { provide: APP_INTERCEPTOR, useClass: ReplyInterceptor },
      ],
    };
  }
}

/** @throws AppError unauthenticated: nobody gets past it, introspection included. */
async function authenticated(authenticator: Authenticator, request: AuthenticatedRequest): Promise<RequestContext> {
  const { authorization } = request.headers as { authorization?: string };
  return callContext(request, await authenticator.actorOf(authorization), 'graphql');
}
