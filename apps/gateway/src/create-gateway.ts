import { ValidationPipe, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import {
  assertEveryRouteDeclaresItsPermission, Authenticator, hardenServer, logProblem, NestLogger, registerRateLimit, registerRequestTelemetry, serverOptions,
  validationProblem, type Runtime,
} from '@datum/platform';
import { GatewayModule } from './gateway.module.js';
import { serveContracts } from './contracts.js';

/** Custom verbs stand behind a colon on the wire (`/v1/items:batch`), which the router would take for a parameter. */
export function rewriteVerb(url: string): string {
  const [path = '', query] = splitOnce(url, '?');
  const plain = path.replaceAll('/~', '/-');
  const rewritten = plain.replace(/^(\/v\d+\/[a-z/-]+):(batch|bulk)$/, '$1/~$2');
  return query === undefined ? rewritten : `${rewritten}?${query}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Makes the gateway, ready to listen. @throws when a route declares no permission, or the runtime cannot be used. */
export async function createGateway(runtime: Runtime): Promise<NestFastifyApplication> {
  const options = { ...serverOptions(logProblem), rewriteUrl: (request: { url?: string }) => rewriteVerb(request.url ?? '/') };
  const adapter = new FastifyAdapter(options as never);
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  hardenServer(fastify);
  registerRequestTelemetry(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.forRoot(runtime), adapter, {
    logger: new NestLogger(), bodyParser: false, abortOnError: false,
  });
  const authenticator = app.get(Authenticator);
  const clientOf = async (authorization: string | undefined): Promise<string | undefined> =>
    authorization === undefined ? undefined : authenticator.actorOf(authorization).then((actor) => actor.clientId, () => undefined);
  registerRateLimit(fastify, runtime.config.rateLimit, (request) => clientOf(request.headers.authorization));
  app.enableVersioning({ type: VersioningType.URI });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true, exceptionFactory: validationProblem }));
  serveContracts(app);
  await app.init();
  assertEveryRouteDeclaresItsPermission(app);
  return app;
}
