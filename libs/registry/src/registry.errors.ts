import { AppError, conflict, invalid, notFound, type FieldProblem } from '@datum/platform';

export const siteNotFound = (code: string): AppError => notFound('site.not-found', `There is no site ${code}.`);
export const systemNotFound = (code: string): AppError => notFound('system.not-found', `There is no system ${code}.`);
export const participantNotFound = (): AppError => notFound('participant.not-found', 'There is no such participant.');
export const credentialNotFound = (): AppError => notFound('credential.not-found', 'There is no such credential.');

export const registryInvalid = (errors: FieldProblem[]): AppError =>
  invalid(`The registry cannot take this: ${errors[0]!.detail}`, errors, 'registry.invalid');

export const alreadyExists = (what: string): AppError => conflict('registry.exists', `${what} exists already.`);

export const stepRefused = (from: string, to: string): AppError =>
  conflict('participant.step-refused', `A participant does not go from ${from} to ${to}.`, { from, to });

/** 428: a change says which version it is a change of. */
export const preconditionMissing = (): AppError =>
  new AppError('preconditionMissing', 'precondition.missing', 'Send If-Match with the ETag of the version you have read.');

/** 412, with the present version to read again. */
export const staleVersion = (etag: string): AppError =>
  new AppError('stale', 'precondition.stale', 'The record has changed since you read it.', { headers: { ETag: etag } });
