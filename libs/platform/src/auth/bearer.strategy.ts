import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import type { Actor } from '../context/actor.js';
import { Authenticator } from './authenticator.js';
import type { AuthenticatedRequest } from './permission.js';

export const bearerStrategyName = 'datum-bearer';

/** Passport's view of the authenticator: one strategy, whatever the token's issuer. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, bearerStrategyName) {
  constructor(private readonly authenticator: Authenticator) {
    super();
  }

  validate(request: AuthenticatedRequest): Promise<Actor> {
    const { authorization } = request.headers;
    return this.authenticator.actorOf(typeof authorization === 'string' ? authorization : undefined);
  }
}
