import { isCreateOnly, parseIfMatch } from '@datum/platform';
import type { Precondition } from './registry.writer.js';

interface WithHeaders {
  headers: Record<string, string | string[] | undefined>;
}

const headerOf = ({ headers }: WithHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

/** What `If-Match` and `If-None-Match: *` of a request demand. @throws AppError malformed `precondition.malformed` */
export const preconditionOf = (request: WithHeaders): Precondition => ({
  ifMatch: parseIfMatch(headerOf(request, 'if-match')),
  createOnly: isCreateOnly(headerOf(request, 'if-none-match')),
});
