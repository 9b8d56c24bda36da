/** JSON that is text already (a cached or stored answer): it is sent as it is and never parsed or serialised again. */
export class RawJson {
  constructor(readonly text: string) {}
}

/**
 * What a controller method answers. `body` is serialised once; `RawJson` and undefined (no content) pass through. Header names are written
 * as they shall appear; `ETag` makes `If-None-Match` work.
 */
export class Reply<T = unknown> {
  constructor(
    readonly status: number,
    readonly body?: T | RawJson,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** The same reply with more headers; later ones win. */
  with(headers: Readonly<Record<string, string>>): Reply<T> {
    return new Reply(this.status, this.body, { ...this.headers, ...headers });
  }
}

export const ok = <T>(body: T | RawJson, headers: Record<string, string> = {}): Reply<T> =>
  new Reply(200, body, headers);

export const created = <T>(location: string, body: T | RawJson, headers: Record<string, string> = {}): Reply<T> =>
  new Reply(201, body, { Location: location, ...headers });

/** 202 for asynchronous work [RFC 7240]: the operation's address, and when to look again. */
export const accepted = <T>(location: string, body: T | RawJson, headers: Record<string, string> = {}): Reply<T> =>
  new Reply(202, body, { Location: location, 'Retry-After': '1', ...headers });

export const noContent = (headers: Record<string, string> = {}): Reply<never> =>
  new Reply<never>(204, undefined, headers);

/** The text of a reply's body, or undefined when it has none. */
export function bodyTextOf(reply: Reply): string | undefined {
  if (reply.body === undefined) return undefined;
  return reply.body instanceof RawJson ? reply.body.text : JSON.stringify(reply.body);
}

/** A page of a list on the wire. */
export interface ListBody<T> {
  data: T[];
  page: { nextCursor: string | null; hasMore: boolean };
}

/**
 * A list reply with `Link: rel="next"` [RFC 8288] when there is more.
 * @param url path and query of the request, as it came
 */
export function listReply<T>(url: string, data: T[], nextCursor: string | null): Reply<ListBody<T>> {
  const body = { data, page: { nextCursor, hasMore: nextCursor !== null } };
  return nextCursor === null ? ok(body) : ok(body, { Link: `<${nextUrl(url, nextCursor)}>; rel="next"` });
}

/** `listReply` of records that are JSON text already. */
export function rawListReply(url: string, records: readonly string[], nextCursor: string | null): Reply {
  const page = JSON.stringify({ nextCursor, hasMore: nextCursor !== null });
  const body = new RawJson(`{"data":[${records.join(',')}],"page":${page}}`);
  return nextCursor === null ? ok(body) : ok(body, { Link: `<${nextUrl(url, nextCursor)}>; rel="next"` });
}

function nextUrl(url: string, cursor: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const kept = query.split('&').filter((part) => part !== '' && !/^cursor(?:=|$)/.test(part));
  return `${path}?${[...kept, `cursor=${encodeURIComponent(cursor)}`].join('&')}`;
}
