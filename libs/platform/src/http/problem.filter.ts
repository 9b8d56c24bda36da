import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemLogger } from './problem-log.js';
import { replyProblem } from './problem-reply.js';

/**
 * The one global exception filter: everything thrown in a controller, guard, pipe, parser or hook becomes problem+json. Register it with
 * `app.useGlobalFilters(new ProblemFilter(log))`. GraphQL formats its errors itself.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: ProblemLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType<string>() !== 'http') throw error;
    const http = host.switchToHttp();
    replyProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.log);
  }
}
