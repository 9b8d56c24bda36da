import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { RESOLVER_PROPERTY_METADATA } from './graphql-metadata.js';
import { undeclaredRoute } from './auth-errors.js';
import { requireScope } from './authenticator.js';
import { BearerStrategy } from './bearer.strategy.js';
import { callContext } from './call-context.js';
import { declaredPermission, requestOf, type AuthenticatedRequest } from './permission.js';
import type { Actor } from '../context/actor.js';

/**
 * The one guard, global, for REST and GraphQL. It denies by default: a route that declares nothing is refused. It leaves the actor and the
 * request context on the request; what an actor may do with which record is asked later, of ownership and of the site limits.
 */
@Injectable()
export class AccessGuard extends AuthGuard() {
  constructor(strategy: BearerStrategy) {
    super({ defaultStrategy: strategy.registeredName });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    // A field below a root field was admitted with its root.
    if (Reflect.getMetadata(RESOLVER_PROPERTY_METADATA, handler)) return true;
    const permission = declaredPermission(handler, context.getClass());
    if (permission === undefined) throw undeclaredRoute();
    if (permission === 'public') return true;
    const actor = await this.authenticated(context, requestOf(context));
    if (permission !== 'participant') requireScope(actor, permission.scope);
    return true;
  }

  /** Asked anew for each root field: a websocket's request outlives a revocation. The authenticator's cache makes that cheap. */
  private async authenticated(context: ExecutionContext, request: AuthenticatedRequest): Promise<Actor> {
    await super.canActivate(context);
    const actor = (request as { user?: Actor }).user!;
    request.actor = actor;
    const channel = context.getType<string>() === 'graphql' ? 'graphql' : 'rest';
    if (request.datumContext?.actor !== actor) request.datumContext = callContext(request, actor, channel);
    return actor;
  }

  // Passport looks at the request only; GraphQL has it in its context, and no response of its own.
  override getRequest(context: ExecutionContext): AuthenticatedRequest {
    return requestOf(context);
  }

  getResponse(context: ExecutionContext): unknown {
    return context.getType<string>() === 'graphql' ? {} : context.switchToHttp().getResponse<unknown>();
  }

  // The authenticator's own error, with its challenge, instead of Nest's bare 401.
  override handleRequest<T>(error: unknown, user: T): T {
    if (error) throw error;
    return user;
  }
}
