import { Injectable } from '@nestjs/common';
import { Database, type Actor } from '@datum/platform';
import { RecordWriter, type AnyRecord, type RecordChange } from '@datum/governed';
import { approvalsOf, ownerActor, ownersOfCandidate } from '../owner.js';
import { answerOfError } from '../write-request.errors.js';
import { WriteRequestJournal } from '../write-request.journal.js';
import type { StepChange } from '../write-request.repository.js';
import type { WriteRequest } from '../write-request.js';
import * as answers from './dispatch-answers.js';
import { workerContext } from './worker-context.js';
import { lockHeld } from './held-request.js';

/** Asks ownership and guards again, by the rules of the day of dispatch: between acceptance and now the owner may have changed, and so may the record. */
@Injectable()
export class DispatchDecision {
  constructor(private readonly database: Database, private readonly records: RecordWriter, private readonly journal: WriteRequestJournal) {}

  /** The request with what the guards found, or undefined when it does not go out now. @throws FenceLost */
  async decide(claimed: WriteRequest, definition: AnyRecord): Promise<WriteRequest | undefined> {
    return this.database.transaction(workerContext(claimed), async (tx) => {
      const request = await lockHeld(tx, claimed);
      const step = async (change: StepChange): Promise<undefined> => void (await this.journal.step(tx, request, claimed.fence, change));
      const change = changeOf(request);
      const asked = await this.records.preview({ ...tx, actor: requesterOf(request) }, definition, change);
      const { systems, ownGroups } = ownersOfCandidate(asked);
      // An owner's own wish that somebody had to agree to goes out; one that became needless does not.
      const wasAgreed = request.decidedBy !== null || (asked.approvals ?? []).length > 0;
      if (systems.length === 0 && ownGroups.length > 0 && !wasAgreed) return step({ state: 'rejected', answer: answers.ownedNow(request) });
      if (systems.length === 1 && systems[0] !== request.targetSystem) return step(towards(request, systems[0]!));
      const owned = await this.records.preview({ ...tx, actor: ownerActor(request.targetSystem), requester: requesterOf(request) }, definition, change);
      const { error } = owned;
      const finding = { at: owned.validFrom, when: 'dispatch' as const, passed: !error, ...(error ? { code: error.code, sentence: error.message } : {}) };
      const guards = [...request.guards.filter(({ when }) => when === 'acceptance'), finding];
      if (error) return step({ state: 'rejected', answer: answerOfError(error), guards });
      const { needsApproval, approverScopes } = approvalsOf([...asked.verdicts.values()], owned);
      if (needsApproval.length > 0 && request.decidedBy === null) return step({ state: 'awaiting-approval', needsApproval, approverScopes, guards });
      return { ...request, guards };
    });
  }
}

/** Another system decides now: the request goes to it, as if it came now. */
const towards = (request: WriteRequest, system: string): StepChange =>
  ({ state: 'guarded', targetSystem: system, lane: `${system}${request.lane.slice(request.lane.indexOf('/'))}`, ...(request.op === 'update' ? { localKey: null } : {}) });

const changeOf = ({ op, recordId, patch }: WriteRequest): RecordChange =>
  (op === 'create' ? { op: 'upsert', attributes: patch } : { op: 'update', id: recordId!, attributes: patch });

/** The requester as it stood when it asked; what it may read was asked then. */
const requesterOf = ({ requestedBy, requestedClient, requestedSystem }: WriteRequest): Actor =>
  ({ participantId: requestedBy, clientId: requestedClient, systemCode: requestedSystem, scopes: new Set(), sites: null });
