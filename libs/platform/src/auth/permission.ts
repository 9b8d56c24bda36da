import { SetMetadata, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { Actor } from '../context/actor.js';
import type { RequestContext } from '../context/request-context.js';

const permissionKey = 'datum:permission';
const scopePattern = /^[a-z][a-z-]{0,31}\.(?:read|write|approve|admin|decide)$/;

/** What a route asks of its caller: a scope, any authenticated participant, or nothing at all. */
export type DeclaredPermission = { scope: string } | 'participant' | 'public';

/** The route needs this scope, exactly: `item.read`. @throws RangeError when it is not `<domain>.<read|write|approve|admin>`. */
export function Permission(scope: string): MethodDecorator & ClassDecorator {
  if (!scopePattern.test(scope)) throw new RangeError(`Not a scope of the form <domain>.<read|write|approve|admin>: ${scope}`);
  return SetMetadata(permissionKey, { scope } satisfies DeclaredPermission);
}

/** The route answers every authenticated participant, whatever its scopes (sites, systems, item headers by `node`). */
export const AnyParticipant = (): MethodDecorator & ClassDecorator =>
  SetMetadata(permissionKey, 'participant' satisfies DeclaredPermission);

/** The route answers anybody, without a token. Such routes are few; `declaredPermissions` lists them. */
export const Public = (): MethodDecorator & ClassDecorator =>
  SetMetadata(permissionKey, 'public' satisfies DeclaredPermission);

/** What a handler declares, its own word before its class's; undefined when it declares nothing, which means nobody may call it. */
export function declaredPermission(handler: object, owner: object): DeclaredPermission | undefined {
  return (Reflect.getMetadata(permissionKey, handler) ?? Reflect.getMetadata(permissionKey, owner)) as
    DeclaredPermission | undefined;
}

export const declaresOwnPermission = (handler: object): boolean => Reflect.hasMetadata(permissionKey, handler);

/** The request as the guard leaves it: REST and GraphQL alike. */
export interface AuthenticatedRequest {
  headers: Record<string, string | string[] | undefined>;
  id?: string;
  actor?: Actor;
  datumContext?: RequestContext;
}

/** The HTTP request behind a REST call or a GraphQL field. */
export function requestOf(context: ExecutionContext): AuthenticatedRequest {
  if (context.getType<string>() !== 'graphql') return context.switchToHttp().getRequest<AuthenticatedRequest>();
  return GqlExecutionContext.create(context).getContext<{ req: AuthenticatedRequest }>().req;
}

/** Parameter decorator: the `RequestContext` that the guard made (inside the transaction of an idempotent effect), for REST and GraphQL alike. */
export const CallContext = createParamDecorator(
  (_data: unknown, context: ExecutionContext): RequestContext | undefined => requestOf(context).datumContext,
);
