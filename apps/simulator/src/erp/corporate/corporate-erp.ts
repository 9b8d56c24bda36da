import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CallLog } from '../../control/call-log.js';
import { Effects } from '../../control/effects.js';
import { Faults } from '../../control/faults.js';
import { ControlError, watch } from '../../control/simulated-system.js';
import type { Caller, SimulatedSystem } from '../../control/simulated-system.js';
import { openingRecords } from './corporate-data.js';
import type { CorporateType, EnterpriseData } from './corporate-data.js';
import { CorporateStore, etag } from './corporate-store.js';
import type { CorporateAnswer, CorporateRequest } from './corporate-store.js';

const pageQuery = z.object({
  since: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  withBlocked: z.enum(['true', 'false']).default('false'),
});
const insideAction = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('edit'), type: z.enum(['item', 'vendor']), key: z.string(), fields: z.record(z.string(), z.unknown()),
    secondsAgo: z.number().min(0).default(0),
  }),
  z.object({ action: z.literal('delete'), type: z.enum(['item', 'vendor']), key: z.string() }),
]);
const paths: Record<CorporateType, string> = { item: '/ce/v1/items', vendor: '/ce/v1/vendors' };

/** The corporate ERP of the scenario: REST with bearer tokens, entity tags, a changed-since feed and an optional idempotency key. */
export class CorporateErp implements SimulatedSystem {
  readonly name = 'corporate';
  readonly faults = new Faults();
  readonly calls = new CallLog();
  readonly effects: Effects;
  private readonly store: CorporateStore;

  constructor(
    data: EnterpriseData,
    journalPath: string | undefined,
    private readonly callerOf: (authorization: string | undefined) => Caller | undefined,
  ) {
    this.effects = new Effects(journalPath);
    this.store = new CorporateStore(openingRecords(data), this.effects);
  }

  routes(scope: FastifyInstance): void {
    watch(scope, this);
    scope.addHook('preHandler', async (request, reply) => {
      const caller = this.callerOf(request.headers.authorization);
      if (!caller) return reply.code(401).send({ error: { code: 'CE-AUTH', text: 'Who are you?' } });
      request.caller = caller.name;
      if (request.method === 'GET' || caller.mayWrite) return undefined;
      return reply.code(403).send({ error: { code: 'CE-RIGHT', text: 'No authorisation for CL_MD_WRITE.' } });
    });
    scope.get('/ce/v1/ping', async () => ({ product: 'CE', release: '2026.1', time: new Date().toISOString() }));
    for (const type of ['item', 'vendor'] as const) this.recordRoutes(scope, type);
  }

  inside(action: unknown): unknown {
    const asked = insideAction.parse(action);
    if (asked.action === 'delete') {
      if (!this.store.deleteInside(asked.type, asked.key)) throw new ControlError(`There is no ${asked.type} ${asked.key}.`);
      return { deleted: asked.key };
    }
    const answer = this.store.editInside(asked.type, asked.key, asked.fields, asked.secondsAgo);
    if ('error' in answer) throw new ControlError(answer.error.text);
    return answer.record;
  }

  private recordRoutes(scope: FastifyInstance, type: CorporateType): void {
    const path = paths[type];
    scope.get(path, async (request) => {
      const { cursor, limit, withBlocked } = pageQuery.parse(request.query);
      return this.store.list(type, cursor, limit, withBlocked === 'true');
    });
    scope.get(`${path}/changes`, async (request) => {
      const { since, cursor, limit } = pageQuery.parse(request.query);
      return { asOf: new Date().toISOString(), ...this.store.changes(type, since, cursor, limit) };
    });
    scope.get<{ Params: { key: string } }>(`${path}/by-number/:key`, async (request, reply) => {
      const record = this.store.get(type, request.params.key);
      if (!record) return reply.code(404).send({ error: { code: 'CE-NONE', text: 'No such record.' } });
      return reply.header('etag', etag(record)).send(record);
    });
    scope.post(path, async (request, reply) => answer(reply, this.store.create(type, request.body, requestOf(request))));
    scope.patch<{ Params: { key: string } }>(`${path}/by-number/:key`, async (request, reply) => {
      const fields = z.record(z.string(), z.unknown()).parse(request.body);
      const ifMatch = request.headers['if-match'];
      return answer(reply, this.store.update(type, request.params.key, fields, ifMatch, requestOf(request)));
    });
  }
}

function requestOf(request: FastifyRequest): CorporateRequest {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const deduplicationKey = header('x-idempotency-key');
  const correlationId = header('x-correlation-id');
  return { caller: request.caller!, ...(deduplicationKey && { deduplicationKey }), ...(correlationId && { correlationId }) };
}

function answer(reply: FastifyReply, { status, ...rest }: CorporateAnswer): FastifyReply {
  if ('record' in rest) return reply.code(status).header('etag', etag(rest.record)).send(rest.record);
  return reply.code(status).send(rest);
}
