import { AppError, problemText, toProblem, type ErrorKind } from '@datum/platform';

/** What each error status means here, with one code that answers with it: its problem document is the example. */
const problems: Record<string, { meaning: string; kind: ErrorKind; code: string; detail?: string; details?: Record<string, unknown> }> = {
  400: { meaning: 'Malformed: the request cannot be read.', kind: 'malformed', code: 'query.invalid' },
  401: { meaning: 'No valid token.', kind: 'unauthenticated', code: 'request.unauthenticated' },
  403: {
    meaning: 'The scope is missing, the site is not yours, or another system decides this value.', kind: 'ownership', code: 'ownership.violation',
    detail: 'CE decides the identity of item records at every site, since 2026-01-01. The value was not changed.',
    details: { owner: 'CE', links: { writeRequests: { href: '/v1/write-requests' } } },
  },
  404: { meaning: 'There is nothing here, or you may not know of it.', kind: 'notFound', code: 'route.not-found' },
  409: { meaning: 'Conflict with the current state.', kind: 'conflict', code: 'record.exists' },
  410: { meaning: 'The cursor is older than what is kept.', kind: 'gone', code: 'request.gone' },
  412: { meaning: 'Stale version; the answer carries the current state.', kind: 'stale', code: 'precondition.failed' },
  413: { meaning: 'Too large.', kind: 'tooLarge', code: 'body.too-large' },
  415: { meaning: 'Unsupported media type.', kind: 'unsupportedMedia', code: 'media-type.unsupported' },
  422: { meaning: 'The content is invalid; each field is named.', kind: 'invalid', code: 'request.invalid' },
  428: { meaning: 'If-Match is missing.', kind: 'preconditionMissing', code: 'precondition.required' },
  429: { meaning: 'Too many requests; see Retry-After.', kind: 'limit', code: 'rate.limited' },
  503: { meaning: 'Temporarily unavailable, or staler than demanded; see Retry-After.', kind: 'unavailable', code: 'service.unavailable' },
};

const exampleId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';

export const problemSchema = {
  type: 'object',
  description: 'A problem [RFC 9457]. Further members belong to the code.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Address of a page that explains it.', example: '/problems/ownership-violation' },
    title: { type: 'string', example: 'Another system decides this' },
    status: { type: 'integer', example: 403 },
    detail: { type: 'string', description: 'What happened this time, in a sentence.', example: problems[403]!.detail },
    instance: { type: 'string', format: 'uri-reference', example: `/v1/items/${exampleId}` },
    code: { type: 'string', description: 'What programs go by.', example: 'ownership.violation' },
    requestId: { type: 'string', description: 'Stands in the log line of this request.', example: exampleId },
    errors: { type: 'array', description: 'One entry per value that was not accepted.', items: { type: 'object', required: ['pointer', 'code', 'detail'], properties: {
      pointer: { type: 'string', example: '#/description' }, code: { type: 'string', example: 'field.required' }, detail: { type: 'string', example: 'Needed to create a record.' },
    } } },
  },
  additionalProperties: true,
};

/** The content of every error answer. */
export const problemContent = (status: string): Record<string, unknown> => ({
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example: exampleProblem(status) },
});

/** One shared response per error status. */
export function problemResponses(): Record<string, { description: string; content: Record<string, unknown> }> {
  return Object.fromEntries(Object.entries(problems).map(([status, { meaning }]) => [`Problem${status}`, { description: meaning, content: problemContent(status) }]));
}

export const problemReference = (status: string): { $ref: string } => ({ $ref: `#/components/responses/Problem${status}` });

/** Made by the same function that answers at run time. */
function exampleProblem(status: string): object {
  const { kind, code, detail, details } = problems[status] ?? problems[400]!;
  const errors = status === '422' ? [{ pointer: '#/description', code: 'type.localized', detail: 'An object of language tag to text is expected.' }] : [];
  const error = new AppError(kind, code, detail ?? problemText(code)!.text, { errors, ...(details ? { details } : {}) });
  return toProblem(error, `/v1/items/${exampleId}`, exampleId);
}
