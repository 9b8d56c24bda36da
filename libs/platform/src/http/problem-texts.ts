/** What a problem code means, for its page and its title. */
export interface ProblemText {
  title: string;
  /** What happened and what to do about it, in a sentence or two. */
  text: string;
}

/** The codes the platform raises itself. Rooms add theirs with `describeProblems`. */
const texts = new Map<string, ProblemText>(Object.entries({
  'request.malformed': { title: 'Malformed request', text: 'The request breaks the rules of HTTP or of this interface. Correct it and send it again.' },
  'request.invalid': { title: 'Invalid content', text: 'The request is well formed, but some values are not accepted. Each entry of errors points at one.' },
  'request.unauthenticated': { title: 'Not authenticated', text: 'The request carries no valid access token. Get one at the token endpoint.' },
  'request.forbidden': { title: 'Not allowed', text: 'The credential does not carry the right for this call.' },
  'route.not-found': { title: 'Not found', text: 'There is nothing at this address.' },
  'route.method-not-allowed': { title: 'Method not allowed', text: 'This address exists, but not for this method. The header Allow lists its methods.' },
  'request.not-acceptable': { title: 'Not acceptable', text: 'The answer does not exist in a media type that the header Accept allows.' },
  'request.conflict': { title: 'Conflict with the current state', text: 'The request does not fit the current state. Read the state and decide again.' },
  'request.gone': { title: 'Gone', text: 'What was here has been withdrawn.' },
  'precondition.failed': { title: 'Stale version', text: 'The record has changed since you read it. Read it again and repeat the change on the new version.' },
  'precondition.required': { title: 'Precondition required', text: 'A change needs the header If-Match with the ETag of the version it was decided on.' },
  'precondition.malformed': { title: 'Malformed precondition', text: 'If-Match and If-None-Match hold entity tags in double quotes, or *.' },
  'body.too-large': { title: 'Body too large', text: 'JSON bodies may have 1 MiB, streamed files 64 MiB, after decoding. Send less at once, or use an import.' },
  'body.too-deep': { title: 'Body nested too deep', text: 'Bodies may be nested 32 levels deep.' },
  'body.too-many-keys': { title: 'Too many keys', text: 'An object may have 1,000 keys, a body 10,000 in all.' },
  'body.too-many-values': { title: 'Too many values', text: 'A JSON body may have 100,000 values. Send larger amounts as an import.' },
  'body.duplicate-key': { title: 'Duplicate key', text: 'A key may stand once in an object; which of two values is meant cannot be known.' },
  'body.forbidden-key': { title: 'Forbidden key', text: 'The keys __proto__, constructor and prototype are not accepted.' },
  'body.malformed': { title: 'Not JSON', text: 'The body is not JSON [RFC 8259].' },
  'body.not-utf8': { title: 'Not UTF-8', text: 'Text is exchanged in UTF-8.' },
  'body.empty': { title: 'Body missing', text: 'The request announces a body and has none.' },
  'body.incomplete': { title: 'Body incomplete', text: 'The connection ended before the whole body had arrived.' },
  'body.too-slow': { title: 'Body too slow', text: 'The body has to arrive within 20 seconds.' },
  'body.encoding': { title: 'Broken content encoding', text: 'The body cannot be decoded as its Content-Encoding says.' },
  'body.encoding-unknown': { title: 'Unknown content encoding', text: 'Content-Encoding may be gzip, deflate, br or identity.' },
  'body.charset': { title: 'Unknown character set', text: 'Text is exchanged in UTF-8.' },
  'media-type.unsupported': { title: 'Unsupported media type', text: 'The body is of a media type that this address does not take.' },
  'text.invalid': { title: 'Forbidden characters', text: 'Control characters and halves of surrogate pairs are not accepted in any text.' },
  'url.too-long': { title: 'Address too long', text: 'Addresses may have 8 kB.' },
  'url.encoding': { title: 'Broken percent-encoding', text: 'The address must be percent-encoded UTF-8.' },
  'problem.unknown': { title: 'Unknown problem', text: 'There is no problem of this name.' },
  'query.invalid': { title: 'Query not understood', text: 'Each entry of errors names a parameter and says what is expected.' },
  'query.unknown-parameter': { title: 'Unknown parameter', text: 'Parameters that are not known are refused, so that a typing error is not read as "all".' },
  'query.repeated': { title: 'Repeated parameter', text: 'Every parameter may stand once.' },
  'query.too-many-parameters': { title: 'Too many parameters', text: 'A query may have 100 parameters.' },
  'cursor.invalid': { title: 'Invalid cursor', text: 'A cursor belongs to one list, one filter and one participant, and expires. Start again without it.' },
  'idempotency.key-missing': { title: 'Idempotency-Key missing', text: 'A POST with an effect needs the header Idempotency-Key with 16 to 255 printable characters.' },
  'idempotency.key-malformed': { title: 'Idempotency-Key malformed', text: 'The header Idempotency-Key takes 16 to 255 printable ASCII characters, bare or in double quotes.' },
  'idempotency.key-reused': { title: 'Idempotency-Key used before', text: 'The key has been used with another request. Use a new key for a new request.' },
  'idempotency.in-progress': { title: 'Request still running', text: 'The first request with this key has not finished. Repeat it after a moment to get its answer.' },
  'ownership.violation': { title: 'Another system decides this', text: 'The attribute belongs to the system named in owner. Send the wish as a write request instead.' },
  'record.exists': { title: 'Record exists', text: 'A record with this key exists already.' },
  'record.referenced': { title: 'Referenced record missing', text: 'The record refers to another one that does not exist.' },
  'database.unavailable': { title: 'Temporarily unavailable', text: 'The store does not answer at the moment. Repeat the request after the time in Retry-After.' },
  'database.conflict': { title: 'Another change came first', text: 'Two changes met. Send the request again.' },
  'rate.limited': { title: 'Quota exceeded', text: 'The quota of this client is used up. Repeat the request after the time in Retry-After.' },
  'service.unavailable': { title: 'Temporarily unavailable', text: 'Repeat the request after the time in Retry-After.' },
  'stale-data': { title: 'Data too old', text: 'The data are older than maxAgeSeconds allows. Wait for the source, or ask for less.' },
  internal: { title: 'Internal error', text: 'Something went wrong on our side. It is logged under the request id.' },
}));

/** Adds the problems of a room, when its module is loaded. */
export function describeProblems(descriptions: Readonly<Record<string, ProblemText>>): void {
  for (const [code, text] of Object.entries(descriptions)) texts.set(code, text);
}

export const problemText = (code: string): ProblemText | undefined => texts.get(code);

export const describedCodes = (): string[] => [...texts.keys()].sort();

/** `ownership.violation` → `ownership-violation`, the last part of its page's address. */
export const problemSlug = (code: string): string => code.replaceAll('.', '-');

/** The code of a page's address, or undefined. */
export const codeOfSlug = (slug: string): string | undefined =>
  [...texts.keys()].find((code) => problemSlug(code) === slug);
