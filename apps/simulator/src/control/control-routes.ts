import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultSettings } from './faults.js';
import type { SimulatedSystem } from './simulated-system.js';

const whichSystem = z.object({ system: z.string().default('corporate') });
const effectsQuery = whichSystem.extend({ after: z.coerce.number().int().min(0).default(0) });

/** `/sim/…`: how a test or a demo steers the simulated systems and reads what really happened in them. */
export function controlRoutes(app: FastifyInstance, systems: readonly SimulatedSystem[]): void {
  const named = (query: unknown): SimulatedSystem => {
    const { system } = whichSystem.parse(query);
    const found = systems.find((candidate) => candidate.name === system);
    if (!found) throw Object.assign(new Error(`There is no simulated system ${system}.`), { statusCode: 404 });
    return found;
  };

  app.get('/sim/health', async () => ({ systems: systems.map(({ name }) => name) }));
  app.get('/sim/effects', async (request) => {
    const { after } = effectsQuery.parse(request.query);
    const effects = named(request.query).effects.all;
    return { total: effects.length, effects: effects.filter(({ sequence }) => sequence > after) };
  });
  app.get('/sim/calls', async (request) => {
    const { calls } = named(request.query);
    return { ...calls.figures(), recent: calls.recent };
  });
  app.delete('/sim/calls', async (request, reply) => {
    named(request.query).calls.reset();
    return reply.code(204).send();
  });
  app.get('/sim/faults', async (request) => named(request.query).faults.current);
  app.put('/sim/faults', async (request) => {
    const { faults } = named(request.query);
    faults.set(faultSettings.parse(request.body));
    return faults.current;
  });
  app.post('/sim/inside', async (request) => named(request.query).inside(request.body));
}
