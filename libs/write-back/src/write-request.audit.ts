import type { CurrentRecordProvider } from '@datum/platform';
import { writeRequestsAfter } from './write-request.repository.js';
import { imageOf } from './write-request.js';

/** Write requests as the audit export shows them. */
export const writeRequestAudit: CurrentRecordProvider = {
  recordType: 'write-request',
  fetchCurrent: async (queryable, afterId, limit) =>
    (await writeRequestsAfter(queryable, afterId, limit)).map((request) => ({ id: request.id, version: request.version, after: imageOf(request) })),
};
