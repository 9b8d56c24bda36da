import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { registerApiDocs } from '@datum/platform';
import { openApiDocument } from './openapi-document.js';

/** Serves the published contract at /openapi/v1.json, and Swagger UI at /docs, both without a token and without any network beyond this server. */
export function serveContracts(app: INestApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  let text: string | undefined;
  fastify.get('/openapi/v1.json', async (_request, reply) => {
    text ??= JSON.stringify(openApiDocument(app));
    return reply.header('Content-Type', 'application/json; charset=utf-8').send(text);
  });
  registerApiDocs(fastify);
}
