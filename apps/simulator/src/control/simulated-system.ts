import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallLog } from './call-log.js';
import type { Effects } from './effects.js';
import type { Fault, Faults } from './faults.js';

/** One simulated product beside others in the same process: an ERP, later a MES, WMS or TMS. */
export interface SimulatedSystem {
  /** Its name in the control interface: `corporate`. */
  readonly name: string;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly effects: Effects;
  /** Mounts its own interface, below its own path. */
  routes(scope: FastifyInstance): void;
  /** What a person or program inside the system does, past its public interface. Throws `ControlError` when it cannot be done. */
  inside(action: unknown): unknown;
}

/** Who a bearer token stands for. */
export interface Caller {
  name: string;
  mayWrite: boolean;
}

export class ControlError extends Error {}

declare module 'fastify' {
  interface FastifyRequest {
    caller?: string;
    fault?: Fault;
    begunInSystem?: boolean;
  }
}

/** Puts the call log and the seeded faults around every route of `scope`. */
export function watch(scope: FastifyInstance, system: Pick<SimulatedSystem, 'faults' | 'calls'>): void {
  scope.addHook('onRequest', async (request, reply) => begin(system, request, reply));
  scope.addHook('onSend', async (request, _reply, payload) => {
    const fault = request.fault;
    if (!fault) return payload;
    if (fault.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault.dropReply) request.raw.socket.destroy();
    return payload;
  });
}

async function begin(system: Pick<SimulatedSystem, 'faults' | 'calls'>, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const inLastSecond = system.calls.begin();
  reply.raw.once('close', () => {
    const correlationId = request.headers['x-correlation-id'];
    system.calls.end({
      at: new Date().toISOString(),
      method: request.method,
      path: request.url,
      caller: request.caller ?? '-',
      status: reply.raw.writableFinished ? reply.statusCode : 0,
      ...(typeof correlationId === 'string' ? { correlationId } : {}),
    });
  });
  const { down, callsPerSecondMax } = system.faults.current;
  if (down) {
    request.raw.socket.destroy();
    reply.hijack();
    return;
  }
  if (callsPerSecondMax > 0 && inLastSecond > callsPerSecondMax) {
    await reply.code(429).header('retry-after', '1').send({ error: { code: 'CE-RATE', text: 'Too many calls.' } });
    return;
  }
  const fault = system.faults.draw(request.method !== 'GET');
  if (fault.refuse) await reply.code(503).header('retry-after', '1').send({ error: { code: 'CE-BUSY', text: 'Not now.' } });
  else request.fault = fault;
}
