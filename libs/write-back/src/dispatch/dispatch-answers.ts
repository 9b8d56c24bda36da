import type { OperationError } from '@datum/governed';
import type { ErpFailure } from '../erp-port.js';
import { answerOf } from '../write-request.errors.js';
import type { Values, WriteRequest } from '../write-request.js';

/** What the worker says of a request that did not simply succeed, in our words. */
export const conflictAnswer = ({ targetSystem, seen, patch }: WriteRequest, held: Values): OperationError =>
  answerOf('write-request.conflict', 'The owner has moved on',
    `${targetSystem} holds other values than those the request was made on. Nothing was overwritten; read the record again and decide again.`,
    { seen, held, wished: patch });

export const movedOnAnswer = ({ targetSystem, seen, patch }: WriteRequest, held: Values): OperationError =>
  answerOf('write-request.outcome-unknown', 'Outcome unknown',
    `The change was sent to ${targetSystem} and its answer was lost; meanwhile the record was changed there, and it does not hold the wished values. A person has to look.`,
    { seen, held, wished: patch });

export const lookUpsFailed = ({ targetSystem, lookUps }: WriteRequest, failure: ErpFailure): OperationError =>
  answerOf('write-request.outcome-unknown', 'Outcome unknown',
    `The change was sent to ${targetSystem} and its answer was lost; ${lookUps + 1} look-ups failed (${failure.message}). A person has to look.`);

export const answersLost = ({ targetSystem, attempts }: WriteRequest, failure: ErpFailure): OperationError =>
  answerOf('write-request.outcome-unknown', 'Outcome unknown',
    `The change was sent to ${targetSystem} ${attempts} times, each answer was lost (${failure.message}), and it does not hold the wished values. A person has to look.`);

export const refusedByOwner = ({ targetSystem }: WriteRequest, failure: ErpFailure): OperationError => {
  const field = failure.options.field;
  return answerOf('write-request.refused-by-owner', 'The owner refused', `${targetSystem} refused: ${failure.message}`,
    { status: 422, ...(field ? { errors: [{ pointer: `#/patch/${field}`, code: 'write-request.refused-by-owner', detail: failure.message }] } : {}) });
};

export const keptFailing = ({ targetSystem, attempts }: WriteRequest, failure: ErpFailure): OperationError =>
  answerOf('write-request.kept-failing', 'Kept failing', `${targetSystem} failed ${attempts + 1} times without taking the change: ${failure.message} A person has to look.`);

export const notConnected = ({ targetSystem }: WriteRequest): OperationError =>
  answerOf('write-request.not-connected', 'No connection to the owner', `No adapter is set up for ${targetSystem}; the change has to be entered there.`);

export const unsupported = ({ targetSystem }: WriteRequest, detail: string): OperationError =>
  answerOf('write-request.unsupported', 'The owner cannot take this', `${targetSystem}: ${detail}`);

export const keyTaken = ({ targetSystem }: WriteRequest, key: string): OperationError =>
  answerOf('write-request.key-taken', 'The code is taken', `${targetSystem} has a record ${key} already.`);

export const differs = ({ targetSystem, patch }: WriteRequest, held: Values): OperationError =>
  answerOf('write-request.differs', 'The owner holds something else', `${targetSystem} took the change and holds other values than those asked for. A person has to look.`,
    { held, wished: patch });

export const goldenRefused = ({ targetSystem }: WriteRequest, sentence: string): OperationError =>
  answerOf('write-request.not-applied', 'Not taken over', `${targetSystem} holds the wished values, but the golden record did not take them: ${sentence}`);

export const credentialRevoked = ({ requestedSystem }: WriteRequest): OperationError =>
  answerOf('write-request.credential-revoked', 'No longer permitted',
    `The credential of ${requestedSystem} that asked for this was revoked, or may not read the record any more. Nothing was sent.`);

export const ownedNow = ({ requestedSystem }: WriteRequest): OperationError =>
  answerOf('write-request.not-needed', 'You decide this yourself', `${requestedSystem} decides these values now: write them directly.`);
