import { applyDecorators, Injectable, UseInterceptors, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { bodyTextOf, Reply } from '@datum/platform';
import { map, type Observable } from 'rxjs';

const secrets = new WeakMap<object, string>();

/** Leaves a new secret with the request that made it, for this one answer. */
export const leaveSecret = (request: object, secret: string | null): void => {
  if (secret !== null) secrets.set(request, secret);
};

@Injectable()
export class ShowSecretOnceInterceptor implements NestInterceptor {
  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = host.switchToHttp().getRequest<object>();
    return next.handle().pipe(map((value: unknown) => {
      const clientSecret = secrets.get(request);
      if (!(value instanceof Reply) || clientSecret === undefined) return value;
      const body = JSON.parse(bodyTextOf(value) ?? '{}') as object;
      return new Reply(value.status, { ...body, clientSecret }, value.headers);
    }));
  }
}

/**
 * Puts the secret into the answer outside the idempotency layer: what is stored for repetitions holds `clientSecret: null`, so that no
 * secret is ever written to the database. Stands *below* `@Idempotent()`, which makes it the outer one.
 */
export const ShowSecretOnce = (): MethodDecorator => applyDecorators(UseInterceptors(ShowSecretOnceInterceptor));
