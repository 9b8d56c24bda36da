import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import passport from 'passport';
import { Strategy } from 'passport-custom';
import { Authenticator } from './authenticator.js';
import type { AuthenticatedRequest } from './permission.js';

/**
 * Passport's view of the authenticator: one strategy, whatever the token's issuer. Its name is its own, because passport's names are global to the
 * process: of two applications in one process the second would otherwise answer for the first. (Passing passport the object instead of a name
 * would be worse: it keeps the callbacks of a request on the object, and parallel requests would get each other's actors.)
 */
@Injectable()
export class BearerStrategy extends Strategy implements OnModuleDestroy {
  readonly registeredName = `datum-bearer-${randomUUID()}`;

  constructor(authenticator: Authenticator) {
    super((request, done) => {
      const { authorization } = (request as AuthenticatedRequest).headers;
      authenticator.actorOf(typeof authorization === 'string' ? authorization : undefined).then((actor) => done(null, actor), done);
    });
    passport.use(this.registeredName, this);
  }

  onModuleDestroy(): void {
    passport.unuse(this.registeredName);
  }
}
