import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasScope, type Authenticator } from '@datum/platform';
import type { AnyRecord } from './record-definition.js';
import type { ReadRecord, RecordReader } from './record.reader.js';

interface HotRoute { hotRecord?: AnyRecord }

/** Marks the route of one whole record by id, whose answer is what `RecordReader.read` says and nothing else. */
export const HotRead = (definition: AnyRecord): MethodDecorator => RouteConfig({ hotRecord: definition } satisfies HotRoute);

/**
 * Answers reads of single records that are in memory before Nest is asked: same caller, same scope, same site limits, same headers, none of the
 * framework's way there and back (measured: half of the time of such a request, docs/adr/0040). Whatever is not plain — an unknown token, a query, a
 * validator that does not match, a record that is not there or not certain — takes the ordinary way, which alone refuses and explains. Register it
 * after the rate limit: what is answered here is counted like everything else.
 */
export function registerHotReads(fastify: FastifyInstance, services: { authenticator: Authenticator; reader: RecordReader }): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const hot = hotRead(request, services);
    if (!hot) return done();
    answer(request, reply, hot);
  });
}

function hotRead(request: FastifyRequest, { authenticator, reader }: { authenticator: Authenticator; reader: RecordReader }): ReadRecord | undefined {
  const definition = (request.routeOptions.config as HotRoute | undefined)?.hotRecord;
  if (!definition || request.method !== 'GET' || request.url.includes('?')) return undefined;
  const actor = authenticator.known(request.headers.authorization);
  if (!actor || !hasScope(actor, `${definition.domain}.read`)) return undefined;
  const hot = reader.hot(actor, definition, (request.params as { id: string }).id);
  const validator = request.headers['if-none-match'];
  return hot && (validator === undefined || validator === hot.etag) ? hot : undefined;
}

function answer(request: FastifyRequest, reply: FastifyReply, { json, etag, freshness }: ReadRecord): void {
  reply.header('Cache-Control', 'private, no-cache').header('ETag', etag).header('Datum-Freshness', freshness);
  if (request.headers['if-none-match'] !== undefined) reply.code(304).send();
  else reply.header('Content-Type', 'application/json; charset=utf-8').send(json);
}
