import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { matchesIfNoneMatch } from './etag.js';
import { bodyTextOf, Reply } from './reply.js';

const jsonMediaType = 'application/json; charset=utf-8';

/** Turns a controller's `Reply` into the answer: status, headers, the body serialised once, 304 when the caller has it already. */
@Injectable()
export class ReplyInterceptor implements NestInterceptor {
  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (host.getType<string>() !== 'http') return next.handle();
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const response = http.getResponse<FastifyReply>();
    return next.handle().pipe(map((value: unknown) => (value instanceof Reply ? answer(value, request, response) : value)));
  }
}

/** Sets status and headers, and gives the text to send. */
function answer(reply: Reply, request: FastifyRequest, response: FastifyReply): string | undefined {
  const etag = headerOf(reply, 'etag');
  if (etag !== undefined) response.header('Cache-Control', 'private, no-cache');
  response.headers({ ...reply.headers });
  if (etag !== undefined && isUnchanged(reply, request, etag)) {
    response.status(304);
    return undefined;
  }
  response.status(reply.status);
  const text = bodyTextOf(reply);
  if (text !== undefined && headerOf(reply, 'content-type') === undefined) response.header('Content-Type', jsonMediaType);
  return text;
}

function isUnchanged(reply: Reply, request: FastifyRequest, etag: string): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return isRead && reply.status === 200 && matchesIfNoneMatch(request.headers['if-none-match'], etag);
}

function headerOf(reply: Reply, name: string): string | undefined {
  return Object.entries(reply.headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
