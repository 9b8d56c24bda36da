import { ValidationPipe, VersioningType, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import {
  assertEveryRouteDeclaresItsPermission, Authenticator, ClientLimiter, hardenServer, logProblem, NestLogger, registerRateLimit, registerRequestTelemetry, rewriteCustomVerb, serverOptions,
  validationProblem, type Runtime,
} from '@datum/platform';
import { RecordCache, RecordReader, registerHotReads } from '@datum/governed';
import { GatewayModule } from './gateway.module.js';
import { serveContracts } from './contracts.js';

export interface GatewayOptions {
  /** Domains beyond those that the gateway lists. */
  extraModules?: NonNullable<ModuleMetadata['imports']>;
}

/** Makes the gateway, ready to listen. @throws when a route declares no permission, or the runtime cannot be used. */
export async function createGateway(runtime: Runtime, options: GatewayOptions = {}): Promise<NestFastifyApplication> {
  const server = { ...serverOptions(logProblem), rewriteUrl: (request: { url?: string }) => rewriteCustomVerb(request.url ?? '/') };
  const adapter = new FastifyAdapter(server as never);
  const fastify = adapter.getInstance<FastifyInstance>();
  hardenServer(fastify, { streamTypes: ['application/x-ndjson'] });
  registerRequestTelemetry(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.forRoot(runtime, options.extraModules), adapter, {
    logger: new NestLogger(), bodyParser: false, abortOnError: false,
  });
  const authenticator = app.get(Authenticator);
  const clientOf = async (authorization: string | undefined): Promise<string | undefined> =>
    authorization === undefined ? undefined : authenticator.actorOf(authorization).then((actor) => actor.clientId, () => undefined);
  registerRateLimit(fastify, runtime.config.rateLimit, (request) => clientOf(request.headers.authorization), app.get(ClientLimiter));
  app.get(RecordCache).capacity = runtime.config.cacheEntriesMax;
  registerHotReads(fastify, { authenticator, reader: app.get(RecordReader) });
  app.enableVersioning({ type: VersioningType.URI });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true, exceptionFactory: validationProblem }));
  serveContracts(app);
  await app.init();
  assertEveryRouteDeclaresItsPermission(app);
  return app;
}
