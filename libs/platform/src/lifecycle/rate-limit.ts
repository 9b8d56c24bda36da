import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError, unavailable } from '../errors/app-error.js';
import { problemHeaders, problemMediaType, toProblem } from '../http/problem.js';
import { countRefusal } from '../telemetry/metrics.js';
import { AddressKeys } from './address-keys.js';
import { LoadMeter } from './load-meter.js';

export interface RateLimitSettings {
  /** Requests per minute of one client id, in this process. */
  clientPerMinute: number;
  /** Requests per minute of one address without a valid token, in this process. */
  anonymousPerMinute: number;
  /** Mean event-loop delay in milliseconds above which requests are turned away; 0 never does. */
  eventLoopDelayMaxMs: number;
}

/** The client id of a valid token, or undefined; a token that is refused counts as none, and its sender as anonymous. */
export type ClientOf = (request: FastifyRequest) => Promise<string | undefined> | string | undefined;

const windowSeconds = 60;

/** What each client may ask of this process, over HTTP and websockets together. */
export class ClientLimiter {
  private readonly limiter: RateLimiterMemory;

  constructor({ clientPerMinute }: Pick<RateLimitSettings, 'clientPerMinute'>) {
    this.limiter = new RateLimiterMemory({ points: clientPerMinute, duration: windowSeconds });
  }

  get points(): number {
    return this.limiter.points;
  }

  count(client: string): Promise<RateLimiterRes> {
    return consume(this.limiter, client);
  }

  /** Counts what comes another way than as an HTTP request of its own. @throws AppError limit `rate.limited` */
  async admit(client: string): Promise<void> {
    const state = await this.count(client);
    if (state.consumedPoints <= this.points) return;
    countRefusal('client');
    throw limited(state);
  }
}

/**
 * Bounds what one caller may ask, and turns requests away while the process is overloaded
 * [draft-ietf-httpapi-ratelimit-headers]. Health checks are never refused. Register it after the request telemetry.
 */
export function registerRateLimit(
  fastify: FastifyInstance, settings: RateLimitSettings, clientOf: ClientOf, clients = new ClientLimiter(settings),
): void {
  const addresses = new RateLimiterMemory({ points: settings.anonymousPerMinute, duration: windowSeconds });
  const addressKeys = new AddressKeys(windowSeconds * 1_000);
  const meter = settings.eventLoopDelayMaxMs > 0 ? new LoadMeter() : undefined;
  if (meter) fastify.addHook('onClose', () => meter.stop());

  fastify.addHook('onRequest', async (request, reply) => {
    if (isHealthCheck(request)) return;
    if (meter && meter.meanDelayMs > settings.eventLoopDelayMaxMs) return refuseOverloaded(request, reply);
    // A request without credentials is counted before anything is asked about it.
    const client = request.headers.authorization === undefined ? undefined : await clientIdOf(request, clientOf);
    const { points } = client === undefined ? addresses : clients;
    const state = client === undefined ? await consume(addresses, addressKeys.keyOf(request.ip)) : await clients.count(client);
    writeHeaders(reply, points, state);
    if (state.consumedPoints > points) return refuseLimited(request, reply, { client, state });
  });
}

const isHealthCheck = (request: FastifyRequest): boolean => request.routeOptions.url?.startsWith('/health/') ?? false;

/** A token that cannot be checked is for the guard to refuse; here its sender is merely unknown. */
async function clientIdOf(request: FastifyRequest, clientOf: ClientOf): Promise<string | undefined> {
  try {
    return await clientOf(request);
  } catch {
    return undefined;
  }
}

/** The limiter rejects with its state when the limit is passed; only another rejection is an error. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (rejected) {
    if (rejected instanceof RateLimiterRes) return rejected;
    throw rejected;
  }
}

const secondsLeft = (state: RateLimiterRes): number => Math.max(1, Math.ceil(state.msBeforeNext / 1_000));

function writeHeaders(reply: FastifyReply, quota: number, state: RateLimiterRes): void {
  reply.header('RateLimit-Policy', `"default";q=${quota};w=${windowSeconds}`);
  reply.header('RateLimit', `"default";r=${state.remainingPoints};t=${secondsLeft(state)}`);
}

function refuseLimited(
  request: FastifyRequest, reply: FastifyReply, { client, state }: { client: string | undefined; state: RateLimiterRes },
): FastifyReply {
  countRefusal(client === undefined ? 'anonymous' : 'client');
  return sendProblem(request, reply, limited(state));
}

function limited(state: RateLimiterRes): AppError {
  const retryAfterSeconds = secondsLeft(state);
  const text = `The limit of requests per minute is used up. Try again in ${retryAfterSeconds} s.`;
  return new AppError('limit', 'rate.limited', text, { retryAfterSeconds });
}

function refuseOverloaded(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  countRefusal('overload');
  // Spread, so that those who were turned away together do not come back together.
  const retryAfterSeconds = 1 + Math.floor(Math.random() * 4);
  return sendProblem(request, reply, unavailable('capacity.reduced', overloadText, retryAfterSeconds));
}

const overloadText = 'The gateway has more work than it can do at the moment. Try again shortly.';

/** Written here and not by the error filter: what is refused before routing should cost as little as possible. */
function sendProblem(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  const [path = ''] = request.url.split('?', 1);
  return reply
    .code(error.status)
    .headers(problemHeaders(error))
    .type(problemMediaType)
    .send(toProblem(error, path, request.id));
}
