/**
 * Custom verbs stand behind a colon on the wire (`/v1/items:batch`, `/v1/write-requests/{id}:approve`), which the router would take for a parameter.
 * Inside they are a last segment with a tilde: `@Post('~batch')`. For Fastify's `rewriteUrl`; a tilde from outside leads nowhere.
 */
export function rewriteCustomVerb(url: string): string {
  if (!url.includes(':') && !url.includes('~')) return url;
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const inner = path.replaceAll('/~', '/-').replace(/^(\/v\d+\/[^:]+):([a-z]+)$/, '$1/~$2');
  return at < 0 ? inner : inner + url.slice(at);
}

/** The public spelling of an inner route. */
export const publicRoute = (route: string): string => route.replace('/~', ':');
