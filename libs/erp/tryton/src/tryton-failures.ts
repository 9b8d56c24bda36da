import { ErpFailure } from '@datum/write-back';
import { machineNowMs } from '@datum/platform';
import { notUnderstood, retryAfterMs } from '@datum/erp-http';
import type { ErpHttpResponse } from '@datum/erp-http';

/**
 * Tryton's own errors, thrown inside the adapter and turned into an `ErpFailure` by whoever knows which record it was about. The text
 * is Tryton's and may quote its insides: it is for recognising, not for passing on.
 */
export class TrytonRefusal extends Error {
  constructor(readonly kind: 'user-error' | 'stale' | 'race' | 'crash', readonly text: string) {
    super(`Tryton refused: ${kind}`);
  }
}

/**
 * Reads `error` of an envelope. In one call everything or nothing is written, so each of these is certainly without effect.
 * @throws ErpFailure `validation` for a warning; returns the refusal otherwise
 */
export function refusalFrom(error: unknown): TrytonRefusal {
  if (!Array.isArray(error) || typeof error[0] !== 'string') return new TrytonRefusal('crash', '');
  const [kind, details] = error as [string, unknown];
  if (kind === 'ConcurrencyException') return new TrytonRefusal('stale', '');
  if (kind === 'UserError') return new TrytonRefusal('user-error', Array.isArray(details) ? String(details[0]) : '');
  if (kind === 'UserWarning') {
    throw new ErpFailure('validation', 'The ERP asks for a confirmation that only a person can give.');
  }
  // Anything else is the text of a Python exception with a traceback behind it.
  const race = /could not serialize|deadlock detected|could not obtain lock|database is locked/i.test(kind);
  return new TrytonRefusal(race ? 'race' : 'crash', '');
}

/** What a refusal means. `labels`: Tryton's English field label → our attribute, to say which value it was. */
export function failureFromRefusal(refusal: TrytonRefusal, effect: boolean, labels: Record<string, string>): ErpFailure {
  switch (refusal.kind) {
    case 'stale':
      return new ErpFailure('conflict', 'The record has changed in the ERP since it was read.');
    case 'race':
      return new ErpFailure('retryable', 'Another change to the same record was in the way; nothing was written.');
    case 'crash':
      return new ErpFailure(effect ? 'validation' : 'unavailable', 'The ERP failed inside on this request; nothing was written.');
    case 'user-error': {
      if (/not allowed to/i.test(refusal.text)) return new ErpFailure('forbidden', 'The integration user may not do this in the ERP.');
      const field = Object.entries(labels).find(([label]) => refusal.text.includes(`"${label}"`))?.[1];
      return new ErpFailure('validation', field ? `The ERP refused the value of ${field}.` : 'The ERP refused the values.', field ? { field } : {});
    }
  }
}

/** An answer whose status is not 200, other than a 401. */
export function failureFromStatus(answer: ErpHttpResponse, effect: boolean): ErpFailure {
  if (answer.status === 403) return new ErpFailure('forbidden', 'The integration user may not do this in the ERP.');
  if (answer.status === 429) {
    return new ErpFailure('throttled', 'The ERP asks to be called less often.', {
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], machineNowMs()),
    });
  }
  if (answer.status >= 500) {
    return effect
      ? new ErpFailure('unknown-outcome', 'The ERP failed while writing; whether it wrote is not known.')
      : new ErpFailure('unavailable', 'The ERP is not available.');
  }
  return notUnderstood(effect, `an answer with status ${answer.status} that is not its own`);
}
