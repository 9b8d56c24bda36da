import { Injectable } from '@nestjs/common';
import { Database, forbidden, machineNowMs, requireScope, type RequestContext, type TxContext } from '@datum/platform';
import { RecordCatalogue, WriteRequestPort, type WriteRequestIntent } from '@datum/governed';
import { ownRequest, rejectedByPerson, wrongState, writeRequestNotFound } from './write-request.errors.js';
import { WriteRequestIntake, type WriteRequestWish } from './write-request.intake.js';
import { WriteRequestJournal } from './write-request.journal.js';
import { findWriteRequest } from './write-request.repository.js';
import type { WriteRequest } from './write-request.js';
import { WriteRequestSignal } from './write-request.signal.js';

/** Wishes for values that another system decides, and what people decide on them. What happens at the ERP is the worker's. */
@Injectable()
export class WriteRequestService extends WriteRequestPort {
  constructor(
    private readonly database: Database,
    private readonly catalogue: RecordCatalogue,
    private readonly intake: WriteRequestIntake,
    private readonly journal: WriteRequestJournal,
    private readonly signal: WriteRequestSignal,
  ) {
    super();
  }

  override async submit(context: RequestContext, { recordType, recordId, ifMatch, patch, reason }: WriteRequestIntent): Promise<{ operationId: string }> {
    const wish: WriteRequestWish = { op: 'update', recordType, target: { id: recordId }, ifMatch, patch, ...(reason ? { reason } : {}) };
    return { operationId: (await this.request(context, wish)).id };
  }

  /** Registers a wish. Every participant that may read the record may wish. @throws AppError */
  async request(context: RequestContext, wish: WriteRequestWish): Promise<WriteRequest> {
    requireScope(context.actor, `${this.catalogue.get(wish.recordType).domain}.read`);
    return this.database.transaction(context, async (tx) => {
      const received = await this.journal.open(tx, await this.intake.take(tx, wish));
      tx.tx.afterCommit(() => this.signal.wake());
      return this.journal.step(tx, received, undefined, { state: received.needsApproval.length > 0 ? 'awaiting-approval' : 'guarded' });
    });
  }

  /** Lets a request go out. Never by a participant for its own request: checked here, and enforced by the database. @throws AppError */
  approve(context: RequestContext, id: string, reason?: string): Promise<WriteRequest> {
    return this.decide(context, id, { state: 'guarded', reason });
  }

  reject(context: RequestContext, id: string, reason?: string): Promise<WriteRequest> {
    return this.decide(context, id, { state: 'rejected', reason });
  }

  /** Takes a request back that has not gone out. Its own participant may, and who has `write-back.write`. @throws AppError */
  async cancel(context: RequestContext, id: string, reason?: string): Promise<WriteRequest> {
    return this.database.transaction(context, async (tx) => {
      const request = await this.locked(tx, id);
      if (request.requestedBy !== context.actor.participantId && !context.actor.scopes.has('write-back.write')) {
        throw forbidden('request.forbidden', 'Only the participant that made the request may take it back.');
      }
      if (request.state !== 'guarded' && request.state !== 'awaiting-approval') throw wrongState(request.state, 'guarded or awaiting approval');
      // Raising the fence takes it from a worker that has claimed it and not begun to write.
      return this.journal.step(tx, request, undefined, { state: 'cancelled', decisionReason: reason ?? null, raiseFence: true });
    });
  }

  /** Sends a request that waits for a person on its way again; the first thing that happens is a look-up. @throws AppError */
  async retry(context: RequestContext, id: string, reason?: string): Promise<WriteRequest> {
    return this.database.transaction(context, async (tx) => {
      const request = await this.locked(tx, id);
      if (request.state !== 'needs-review') throw wrongState(request.state, 'waiting for review');
      const state = request.tokenSent === null ? 'guarded' : 'unknown';
      tx.tx.afterCommit(() => this.signal.wake());
      return this.journal.step(tx, request, undefined, { state, attempts: 0, lookUps: 0, answer: null, decisionReason: reason ?? null });
    });
  }

  /** Ends a request that waits for a person, without effect: what the owner holds stands, and the next pull tells it. @throws AppError */
  async close(context: RequestContext, id: string, reason?: string): Promise<WriteRequest> {
    return this.database.transaction(context, async (tx) => {
      const request = await this.locked(tx, id);
      if (request.state !== 'needs-review') throw wrongState(request.state, 'waiting for review');
      return this.journal.step(tx, request, undefined, { state: 'cancelled', decisionReason: reason ?? null, raiseFence: true });
    });
  }

  private async decide(context: RequestContext, id: string, { state, reason }: { state: 'guarded' | 'rejected'; reason?: string }): Promise<WriteRequest> {
    return this.database.transaction(context, async (tx) => {
      const request = await this.locked(tx, id);
      const { actor } = context;
      if (request.requestedBy === actor.participantId) throw ownRequest();
      for (const scope of request.approverScopes) if (!actor.scopes.has('*')) requireScope(actor, scope);
      if (request.state !== 'awaiting-approval') throw wrongState(request.state, 'awaiting approval');
      const decidedAt = new Date(machineNowMs()).toISOString();
      const answer = state === 'rejected' ? rejectedByPerson(reason) : null;
      tx.tx.afterCommit(() => this.signal.wake());
      return this.journal.step(tx, request, undefined, {
        state, decidedBy: actor.participantId, decidedClient: actor.clientId, decidedAt, decisionReason: reason ?? null, answer,
      });
    });
  }

  private async locked(context: TxContext, id: string): Promise<WriteRequest> {
    const request = await findWriteRequest(context.tx, id, 'FOR UPDATE');
    if (!request || !maySee(context, request)) throw writeRequestNotFound();
    return request;
  }
}

/** Its own participant, and who has `write-back.read` for the site. */
export function maySee({ actor }: RequestContext, request: WriteRequest): boolean {
  if (request.requestedBy === actor.participantId || actor.scopes.has('*')) return true;
  if (!['write-back.read', 'write-back.approve', 'write-back.write'].some((scope) => actor.scopes.has(scope))) return false;
  return request.site === null || actor.sites === null || actor.sites.includes(request.site);
}
