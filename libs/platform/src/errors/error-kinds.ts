/**
 * The one table of error kinds (docs/ARCHITECTURE.md): what a kind means on the wire, how loud it is in the log, and who acts.
 * ERROR level means that a person must act now; a healthy system logs none.
 */
export const errorKinds = {
  malformed: { status: 400, title: 'Malformed request', level: 'info', who: 'caller' },
  invalid: { status: 422, title: 'Invalid content', level: 'info', who: 'caller' },
  unauthenticated: { status: 401, title: 'Not authenticated', level: 'info', who: 'caller' },
  forbidden: { status: 403, title: 'Not allowed', level: 'info', who: 'caller' },
  ownership: { status: 403, title: 'Another system decides this', level: 'info', who: 'caller' },
  notFound: { status: 404, title: 'Not found', level: 'debug', who: 'caller' },
  methodNotAllowed: { status: 405, title: 'Method not allowed', level: 'info', who: 'caller' },
  notAcceptable: { status: 406, title: 'Not acceptable', level: 'info', who: 'caller' },
  conflict: { status: 409, title: 'Conflict with the current state', level: 'info', who: 'caller' },
  gone: { status: 410, title: 'Gone', level: 'info', who: 'caller' },
  stale: { status: 412, title: 'Stale version', level: 'info', who: 'caller' },
  tooLarge: { status: 413, title: 'Too large', level: 'info', who: 'caller' },
  unsupportedMedia: { status: 415, title: 'Unsupported media type', level: 'info', who: 'caller' },
  preconditionMissing: { status: 428, title: 'Precondition required', level: 'info', who: 'caller' },
  limit: { status: 429, title: 'Too many requests', level: 'warn', who: 'caller' },
  unavailable: { status: 503, title: 'Temporarily unavailable', level: 'warn', who: 'operator' },
  bug: { status: 500, title: 'Internal error', level: 'error', who: 'us' },
} as const satisfies Record<string, { status: number; title: string; level: string; who: string }>;

export type ErrorKind = keyof typeof errorKinds;
