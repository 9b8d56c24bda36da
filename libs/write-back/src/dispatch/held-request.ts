import type { TxContext } from '@datum/platform';
import { FenceLost } from '../write-request.journal.js';
import { findWriteRequest } from '../write-request.repository.js';
import type { WriteRequest } from '../write-request.js';

/** Locks the request, if it is still this worker's. @throws FenceLost */
export async function lockHeld({ tx }: TxContext, request: WriteRequest): Promise<WriteRequest> {
  const row = await findWriteRequest(tx, request.id, 'FOR UPDATE');
  if (row?.fence !== request.fence) throw new FenceLost(request.id);
  return row;
}
