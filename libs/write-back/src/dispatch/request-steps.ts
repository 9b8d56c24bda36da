import { Injectable } from '@nestjs/common';
import { Database } from '@datum/platform';
import type { OperationError } from '@datum/governed';
import { WriteRequestJournal } from '../write-request.journal.js';
import { putOff, wishesUnderWay, type PutOff, type StepChange } from '../write-request.repository.js';
import type { Values, WriteRequest } from '../write-request.js';
import { workerContext } from './worker-context.js';

/** The worker's steps, each in a short transaction of its own, under the fence of the claim. */
@Injectable()
export class RequestSteps {
  constructor(private readonly database: Database, private readonly journal: WriteRequestJournal) {}

  /** @throws FenceLost */
  step(request: WriteRequest, change: StepChange): Promise<WriteRequest> {
    return this.database.transaction(workerContext(request), (tx) => this.journal.step(tx, request, request.fence, change));
  }

  /** The worker does nothing more with it. @throws FenceLost */
  async end(request: WriteRequest, state: 'rejected' | 'needs-review', answer: OperationError, more: StepChange = {}): Promise<void> {
    await this.step(request, { ...more, state, answer });
  }

  /** What the requester's earlier requests wished of the record while it asked for this one. */
  earlierWishes(request: WriteRequest): Promise<Values[]> {
    return request.op === 'create' ? Promise.resolve([]) : wishesUnderWay(this.database, request);
  }

  /** Comes back to it later. */
  async putOff(request: WriteRequest, change: PutOff): Promise<void> {
    await putOff(this.database, request, change);
  }
}
