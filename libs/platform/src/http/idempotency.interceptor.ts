import {
  applyDecorators, Injectable, SetMetadata, UseInterceptors, type CallHandler, type ExecutionContext, type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { machineNowMs } from '../clock/clock.js';
import type { TxContext } from '../context/request-context.js';
import { Database } from '../database/database.js';
import { bodyBytesOf } from './body-parsers.js';
import { fingerprintOf, readIdempotencyKey, runIdempotent, type IdempotentRequest } from './idempotency.js';
import { Reply } from './reply.js';
import { contextOf } from './request-context.js';

/** When a key is needed: always, or only where the caller asks for asynchronous work (PATCH with `Prefer: respond-async`). */
type When = 'always' | 'respond-async';

const whenKey = 'datum:idempotent';

/**
 * Makes a controller method idempotent by Idempotency-Key: its services' transactions join the one of the stored answer, because the request
 * context it gets is inside that transaction.
 */
export const Idempotent = (when: When = 'always'): MethodDecorator =>
  applyDecorators(SetMetadata(whenKey, when), UseInterceptors(IdempotencyInterceptor));

/** True when the caller prefers a 202 [RFC 7240]. */
export const prefersAsync = (request: { headers: { [name: string]: string | string[] | undefined } }): boolean =>
  [request.headers.prefer ?? []].flat().some((value) => value.split(/[,;]/).some((part) => part.trim().toLowerCase() === 'respond-async'));

@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly database: Database, private readonly reflector: Reflector) {}

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const when = this.reflector.get<When>(whenKey, host.getHandler());
    if (when === 'respond-async' && !prefersAsync(request)) return next.handle();
    return from(this.run(request, http.getResponse<FastifyReply>(), next));
  }

  private async run(request: FastifyRequest, response: FastifyReply, next: CallHandler): Promise<Reply> {
    const context = contextOf(request);
    const effect = async (tx: TxContext): Promise<Reply> => {
      request.datumContext = tx;
      const value: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return value instanceof Reply ? value : new Reply(response.statusCode, value);
    };
    try {
      return await runIdempotent(this.database, context, identify(request), effect);
    } finally {
      request.datumContext = context;
    }
  }
}

function identify(request: FastifyRequest): IdempotentRequest {
  const key = readIdempotencyKey(request.headers['idempotency-key']);
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  return {
    client: contextOf(request).actor.clientId,
    route: `${request.method} ${request.routeOptions.url ?? ''}`,
    key,
    fingerprint: fingerprintOf(request.method, request.raw.url ?? '', type, bodyBytesOf(request)),
    now: machineNowMs(),
  };
}
