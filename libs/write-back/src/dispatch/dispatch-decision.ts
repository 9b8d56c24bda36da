import { Injectable } from '@nestjs/common';
import { CredentialDirectory, Database, gatewayActor, hasScope, maySeeSite, type Actor } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
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
  constructor(
    private readonly database: Database,
    private readonly records: RecordWriter,
    private readonly journal: WriteRequestJournal,
    private readonly credentials: CredentialDirectory,
    private readonly directory: RegistryDirectory,
  ) {}

  /** The request with what the guards found, or undefined when it does not go out now. @throws FenceLost */
  async decide(claimed: WriteRequest, definition: AnyRecord): Promise<WriteRequest | undefined> {
    const mayAsk = await this.mayStillAsk(claimed, definition);
    return this.database.transaction(workerContext(claimed), async (tx) => {
      const request = await lockHeld(tx, claimed);
      const step = async (change: StepChange): Promise<undefined> => void (await this.journal.step(tx, request, claimed.fence, change));
      if (!mayAsk) return step({ state: 'rejected', answer: answers.credentialRevoked(request) });
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
      // Who agreed has agreed to the reasons of that day, with the scopes of that day.
      const isCovered = request.decidedBy !== null && isWithin(needsApproval, request.needsApproval) && isWithin(approverScopes, request.approverScopes);
      if (needsApproval.length > 0 && !isCovered) {
        const undecided = { decidedBy: null, decidedClient: null, decidedAt: null, decisionReason: null };
        return step({ ...undecided, state: 'awaiting-approval', needsApproval, approverScopes, guards });
      }
      return { ...request, guards };
    });
  }

  /** Whether the credential that asked would be heard today: it works, speaks for the same system, and may read the record. */
  private async mayStillAsk(request: WriteRequest, definition: AnyRecord): Promise<boolean> {
    if (request.requestedBy === gatewayActor.participantId || (await this.isHeard(request, definition))) return true;
    // Before a refusal that is final: the credential may have been made a moment ago, by a gateway that this process has not heard of yet.
    await this.directory.refresh();
    return this.isHeard(request, definition);
  }

  private async isHeard({ requestedClient, requestedSystem, site }: WriteRequest, { domain }: AnyRecord): Promise<boolean> {
    const facts = await this.credentials.credentialFacts(requestedClient);
    if (!facts || facts.systemCode !== requestedSystem) return false;
    const actor: Actor = { ...facts, clientId: requestedClient };
    return hasScope(actor, `${domain}.read`) && (site === null || maySeeSite(actor, site));
  }
}

const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((each) => all.includes(each));

/** Another system decides now: the request goes to it, as if it came now. */
const towards = (request: WriteRequest, system: string): StepChange =>
  ({ state: 'guarded', targetSystem: system, lane: `${system}${request.lane.slice(request.lane.indexOf('/'))}`, ...(request.op === 'update' ? { localKey: null } : {}) });

const changeOf = ({ op, recordId, patch }: WriteRequest): RecordChange =>
  (op === 'create' ? { op: 'upsert', attributes: patch } : { op: 'update', id: recordId!, attributes: patch });

/** The requester as it stood when it asked; what it may read was asked then. */
const requesterOf = ({ requestedBy, requestedClient, requestedSystem }: WriteRequest): Actor =>
  ({ participantId: requestedBy, clientId: requestedClient, systemCode: requestedSystem, scopes: new Set(), sites: null });
