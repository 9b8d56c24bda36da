import { Injectable } from '@nestjs/common';
import { appendToLedger, AppError, Clock, countWriteBack, type TxContext } from '@datum/platform';
import { OperationService } from '@datum/governed';
import { imageOf, operationStatusOf, type WriteRequest } from './write-request.js';
import { insertWriteRequest, updateWriteRequest, type StepChange } from './write-request.repository.js';

/** Another worker has taken the request over: whatever this one was about to write must not be written. */
export class FenceLost extends AppError {
  constructor(id: string) {
    super('conflict', 'write-request.fence-lost', `Somebody else has taken write request ${id} over.`);
  }
}

export type NewWriteRequest = Omit<
  WriteRequest,
  'version' | 'state' | 'decidedBy' | 'decidedClient' | 'decidedAt' | 'decisionReason' | 'valuesRead' | 'valuesWritten' | 'tokenSent' | 'answer'
  | 'recordVersion' | 'attempts' | 'lookUps' | 'fence' | 'createdAt' | 'updatedAt'
>;

/** The one way to bring a write request forward: its row, its ledger row and its operation change together, in the transaction of the step. */
@Injectable()
export class WriteRequestJournal {
  constructor(private readonly operations: OperationService, private readonly clock: Clock) {}

  /** Registers a request as received, with its operation. */
  async open(context: TxContext, request: NewWriteRequest): Promise<WriteRequest> {
    await this.operations.open(context, { id: request.id, kind: 'write-request', site: request.site });
    const row = await insertWriteRequest(context.tx, { ...request, version: 1, state: 'received' });
    await this.tell(context, row);
    return row;
  }

  /** Takes a step. @param fence of the claim under which it is taken; undefined for steps of people @throws FenceLost */
  async step(context: TxContext, request: WriteRequest, fence: string | undefined, change: StepChange): Promise<WriteRequest> {
    const row = await updateWriteRequest(context.tx, request.id, fence, change);
    if (!row) throw new FenceLost(request.id);
    await this.tell(context, row, change.state === undefined || change.state === request.state ? undefined : request.state);
    return row;
  }

  private async tell(context: TxContext, row: WriteRequest, from?: string): Promise<void> {
    await appendToLedger(context, [{
      recordType: 'write-request', recordId: row.id, version: row.version, site: row.site, op: 'decision',
      eventType: `datum.write-back.write-request.${row.state}.v1`, validFrom: this.clock.now(), after: imageOf(row),
      changes: { state: row.state, ...(from ? { from } : {}) }, decision: { verdict: row.state },
    }]);
    await this.operations.advance(context, row.id, {
      status: operationStatusOf[row.state], progress: { state: row.state, targetSystem: row.targetSystem }, error: row.state === 'confirmed' ? null : row.answer,
      ...(row.state === 'confirmed' ? { result: { recordType: row.recordType, recordId: row.recordId, version: row.recordVersion } } : {}),
    });
    context.tx.afterCommit(() => countWriteBack(row.targetSystem, row.state));
  }
}
