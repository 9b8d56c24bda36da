import { timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { controlRoutes } from './control/control-routes.js';
import { ControlError } from './control/simulated-system.js';
import type { Caller, SimulatedSystem } from './control/simulated-system.js';
import { CorporateErp } from './erp/corporate/corporate-erp.js';
import type { EnterpriseData } from './erp/corporate/corporate-data.js';

export interface SimulatorOptions {
  data: EnterpriseData;
  /** Where each system keeps its journal: `<journalBase>.<system>.jsonl`. Without it nothing survives the process. */
  journalBase?: string;
  /** Bearer tokens and the caller each one stands for. */
  tokens: ReadonlyMap<string, Caller>;
}

/** Builds the simulated world; it listens only when told to. Another system is one more line here. */
export function buildSimulator({ data, journalBase, tokens }: SimulatorOptions): FastifyInstance {
  const journalOf = (system: string): string | undefined => journalBase && `${journalBase}.${system}.jsonl`;
  const callerOf = (authorization: string | undefined): Caller | undefined => callerWith(tokens, authorization);
  const systems: SimulatedSystem[] = [new CorporateErp(data, journalOf('corporate'), callerOf)];

  const app = Fastify({ logger: false, bodyLimit: 1_048_576, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send({ error: { code: 'SIM-INPUT', text: error.message } });
    if (error instanceof ControlError) return reply.code(422).send({ error: { code: 'SIM-CONTROL', text: error.message } });
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    return reply.code(status).send({ error: { code: 'SIM-ERROR', text: (error as Error).message } });
  });
  controlRoutes(app, systems);
  for (const system of systems) void app.register(async (scope) => system.routes(scope));
  app.addHook('onClose', async () => systems.forEach(({ effects }) => effects.close()));
  return app;
}

function callerWith(tokens: ReadonlyMap<string, Caller>, authorization: string | undefined): Caller | undefined {
  const offered = Buffer.from(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '');
  for (const [token, caller] of tokens) {
    const expected = Buffer.from(token);
    if (expected.length === offered.length && timingSafeEqual(expected, offered)) return caller;
  }
  return undefined;
}
