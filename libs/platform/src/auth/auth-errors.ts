import { AppError } from '../errors/app-error.js';

const challenge = (parameters: string): Record<string, string> => ({ 'WWW-Authenticate': `Bearer ${parameters}` });

/** 401 for a call without credentials: the challenge names no error then [RFC 6750 3]. The body is the same for every 401. */
export const credentialsMissing = (): AppError =>
  new AppError('unauthenticated', 'auth.unauthenticated', unauthenticatedMessage, { headers: challenge('realm="datum"') });

/** 401 for a token that is not good, whatever is wrong with it: why stands in `cause`, for the log only. */
export const invalidToken = (cause?: unknown): AppError =>
  new AppError('unauthenticated', 'auth.unauthenticated', unauthenticatedMessage, {
    headers: challenge('realm="datum", error="invalid_token"'),
    cause,
  });

/** 403 [RFC 6750 3.1]: the token is good, and its scopes do not reach. */
export const insufficientScope = (scope: string): AppError =>
  new AppError('forbidden', 'auth.insufficient-scope', `This needs the scope ${scope}.`, {
    details: { scope },
    headers: challenge(`realm="datum", error="insufficient_scope", scope="${scope}"`),
  });

/** 403 for a route that declares no permission: deny by default. The boot check keeps such routes from going live. */
export const undeclaredRoute = (): AppError =>
  new AppError('forbidden', 'auth.forbidden', 'Nobody may call this.');

const unauthenticatedMessage = 'A valid access token is required.';
