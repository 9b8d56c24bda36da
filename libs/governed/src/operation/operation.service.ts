import { Injectable } from '@nestjs/common';
import { uuidv7, type TxContext } from '@datum/platform';
import type { Operation } from './operation.js';
import { insertOperation, updateOperation, type OperationProgress } from './operation.repository.js';

export interface OpenOperation {
  /** Given when the operation is another thing's other face and shares its id: a write request. */
  id?: string;
  /** `write-request`, `bulk-import`. */
  kind: string;
  site?: string | null;
}

/** Work that goes on after its request was answered. Rooms open an operation in the transaction of the intent and advance it with their steps. */
@Injectable()
export class OperationService {
  /** Registers queued work of the context's participant. */
  open(context: TxContext, { id, kind, site }: OpenOperation): Promise<Operation> {
    const { participantId, clientId } = context.actor;
    return insertOperation(context.tx, {
      id: id ?? uuidv7(), kind, status: 'queued', participantId, clientId, site: site ?? null, correlationId: context.correlationId,
    });
  }

  /** Notes how far it is; in the transaction of the step, so that the operation never says more than was done. */
  async advance(context: TxContext, id: string, step: OperationProgress): Promise<void> {
    await updateOperation(context.tx, id, step);
  }
}
