import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { problemLogEntry, type ProblemLogger } from './problem-log.js';
import { asAppError, problemHeaders, problemMediaType, toProblem } from './problem.js';
import { allowedMethods } from './route-table.js';

/** Answers any error as problem+json and logs it once. The only place that does. */
export function replyProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: ProblemLogger): void {
  const error = routed(asAppError(thrown), request);
  log(problemLogEntry(error, { id: request.id, method: request.method, route: request.routeOptions?.url ?? '' }));
  if (reply.sent || reply.raw.headersSent) {
    // Half an answer is out already: cutting the connection is the only honest end.
    reply.raw.destroy();
    return;
  }
  const instance = pathOf(request);
  for (const name of ['etag', 'last-modified', 'content-length', 'content-encoding']) reply.removeHeader(name);
  reply.headers({ 'X-Request-Id': request.id, 'Cache-Control': 'no-store', ...problemHeaders(error) });
  // The body goes out as text: Fastify's own serialiser must not touch it.
  void reply.status(error.status).header('Content-Type', problemMediaType)
    .send(JSON.stringify(toProblem(error, instance, request.id)));
}

/** For a Fastify instance without Nest: the same answers for errors and for paths that do not exist. */
export function registerProblemHandlers(fastify: FastifyInstance, log: ProblemLogger): void {
  fastify.setErrorHandler((error, request, reply) => replyProblem(error, request, reply, log));
  fastify.setNotFoundHandler((request, reply) => {
    const error = new AppError('notFound', 'route.not-found', 'There is nothing at this address.');
    replyProblem(error, request, reply, log);
  });
}

/** A path that the router does not know for this method, but for others, is 405. */
function routed(error: AppError, request: FastifyRequest): AppError {
  if (error.code !== 'route.not-found' || !request.is404) return error;
  const methods = allowedMethods(request.server, pathOf(request));
  if (methods.length === 0) return error;
  return new AppError('methodNotAllowed', 'route.method-not-allowed', `This address takes ${methods.join(', ')}.`, {
    headers: { Allow: methods.join(', ') },
  });
}

const pathOf = (request: FastifyRequest): string => (request.raw.url ?? '/').split('?', 1)[0]!;
