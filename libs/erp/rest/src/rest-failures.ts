import { ErpFailure } from '@datum/write-back';
import type { ErpFailureKind } from '@datum/write-back';
import { machineNowMs } from '@datum/platform';
import { jsonOf, notUnderstood, retryAfterMs } from '@datum/erp-http';
import type { ErpHttpResponse } from '@datum/erp-http';
import { memberAt } from './json-path.js';
import type { RestConfiguration, RestRecordType } from './rest-configuration.js';

/** What HTTP itself says. Only these are believed without a body: the ones that a front end answers on the ERP's behalf. */
const withoutBody: Record<number, ErpFailureKind> = { 401: 'auth', 403: 'forbidden', 429: 'throttled' };
const withBody: Record<number, ErpFailureKind> = {
  400: 'validation', 404: 'not-found', 409: 'conflict', 410: 'not-found', 412: 'conflict', 422: 'validation', 428: 'conflict',
};

/** Our words: the ERP's own text may hold its internals and is not passed on. */
const sentences: Record<ErpFailureKind, string> = {
  conflict: 'The ERP holds another state of this record than the one the write was based on, or already holds its key.',
  validation: 'The ERP refused the values.',
  forbidden: 'The integration user may not do this in the ERP.',
  'not-found': 'The ERP has no such record.',
  auth: 'The ERP refused the credentials.',
  throttled: 'The ERP asks to be called less often.',
  retryable: 'The ERP could not do it at this moment and did nothing.',
  unavailable: 'The ERP is not available.',
  unreadable: 'The ERP holds what has no canonical form.',
  'unknown-outcome': 'The ERP failed while writing; whether it wrote is not known.',
};

/** Reads an answer that is not a success. `effect`: whether the request may have changed something. */
export function failureFrom(
  configuration: RestConfiguration, answer: ErpHttpResponse, effect: boolean, type?: RestRecordType,
): ErpFailure {
  const body = errorBody(answer);
  const { failures } = configuration;
  const code = failures.code === undefined ? undefined : memberAt(body, failures.code);
  const byCode = typeof code === 'string' ? failures.codes[code] : undefined;
  const bodyIsTheirs = body !== undefined && (failures.code === undefined || typeof code === 'string');
  const kind = byCode ?? failures.statuses[answer.status] ?? withoutBody[answer.status]
    ?? (bodyIsTheirs ? withBody[answer.status] : undefined);
  if (kind === undefined) {
    if (answer.status >= 500) return new ErpFailure(effect ? 'unknown-outcome' : 'unavailable', sentences['unknown-outcome']);
    return notUnderstood(effect, `an answer with status ${answer.status} that is not its own`);
  }
  const field = kind === 'validation' && type ? attributeOf(type, memberAt(body, failures.field ?? '')) : undefined;
  const pause = kind === 'throttled' || answer.headers['retry-after'] !== undefined;
  return new ErpFailure(kind, field ? `The ERP refused the value of ${field}.` : sentences[kind], {
    ...(field ? { field } : {}),
    ...(pause ? { retryAfterMs: retryAfterMs(answer.headers['retry-after'], machineNowMs()) } : {}),
  });
}

function errorBody(answer: ErpHttpResponse): unknown {
  try {
    return jsonOf(answer, false);
  } catch {
    return undefined;
  }
}

function attributeOf(type: RestRecordType, member: unknown): string | undefined {
  return type.fields.find((field) =>
    'languages' in field ? Object.values(field.languages).includes(String(member)) : field.field === member)?.attribute;
}
