import { AppError, conflict, describeProblems, invalid, notFound } from '@datum/platform';
import type { OperationError } from '@datum/governed';

describeProblems({
  'write-request.not-needed': { title: 'You decide this yourself', text: 'The values are decided by your own system: write them with PATCH or POST on the record.' },
  'write-request.no-change': { title: 'Nothing to change', text: 'The record holds these values already.' },
  'write-request.several-owners': { title: 'Several systems decide this', text: 'A write request goes to one system. Send one request per deciding system.' },
  'write-request.no-owner': { title: 'Nobody decides this', text: 'No rule says who decides the values. Ask the governance board for one.' },
  'write-request.disapproved': { title: 'Not approved', text: 'Somebody who had to agree has not.' },
  'write-request.own': { title: 'Four eyes are needed', text: 'A request is decided by another participant than the one that made it.' },
  'write-request.state': { title: 'Not in that state', text: 'The request has moved on. Read it again.' },
  'write-request.credential-revoked': { title: 'No longer permitted', text: 'The credential that made the request was revoked, or lost the right to read the record, before the request went out.' },
  'write-request.conflict': { title: 'The owner has moved on', text: 'The owning system holds other values than those the request was made on. Nothing was overwritten.' },
  'write-request.refused-by-owner': { title: 'The owner refused', text: 'The owning system does not accept the values.' },
  'write-request.not-connected': { title: 'No connection to the owner', text: 'No adapter is set up for the owning system. The change has to be entered there.' },
  'write-request.unsupported': { title: 'The owner cannot take this', text: 'The adapter of the owning system cannot write these attributes.' },
  'write-request.outcome-unknown': { title: 'Outcome unknown', text: 'It could not be found out whether the owning system took the change. A person has to look.' },
  'write-request.differs': { title: 'The owner holds something else', text: 'The owning system took the change and holds other values than those asked for.' },
});

export const writeRequestNotFound = (): AppError => notFound('write-request.not-found', 'There is no such write request.');

export const wrongState = (state: string, wanted: string): AppError =>
  conflict('write-request.state', `The write request is ${state}; that can only be done while it is ${wanted}.`, { state });

export const ownRequest = (): AppError =>
  new AppError('forbidden', 'write-request.own', 'A write request is decided by another participant than the one that made it.');

export const severalOwners = (systems: string[], ownGroups: string[]): AppError => {
  const parts = [...systems, ...(ownGroups.length > 0 ? ['your own system'] : [])];
  return invalid(`The patch touches values of ${parts.join(' and ')}; send one request for each.`,
    [{ pointer: '#/patch', code: 'write-request.several-owners', detail: `Decided by ${parts.join(', ')}.` }], 'write-request.several-owners');
};

/** A refusal as it stands in the request and in its operation. */
export const answerOf = (code: string, title: string, detail: string, more: Record<string, unknown> = {}): OperationError =>
  ({ ...more, type: `/problems/${code.replaceAll('.', '-')}`, title, status: 409, detail, code });

export const answerOfError = (error: AppError): OperationError =>
  ({ type: `/problems/${error.code.replaceAll('.', '-')}`, title: 'Refused', status: error.status, detail: error.message, code: error.code, ...(error.errors.length > 0 ? { errors: error.errors } : {}) });

export const rejectedByPerson = (reason: string | undefined): OperationError =>
  answerOf('write-request.disapproved', 'Not approved', reason ?? 'The request was not approved.');
