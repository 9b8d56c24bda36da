import { isDeepStrictEqual } from 'node:util';
import type { ServerName, Servers } from './servers.js';
import type { StageData } from './stage-data.js';

/** Requests as each server understands them, all asking for the same. */
export interface ReadWork {
  name: string;
  title: string;
  status: number;
  requests: Partial<Record<ServerName, string[]>>;
}

interface Ask { method?: string; path: string; headers?: Record<string, string>; body?: string }

const requestsMax = 1_000;

/** A whole HTTP/1.1 request. */
function httpText({ method = 'GET', path, headers = {}, body }: Ask): string {
  const all = { Host: '127.0.0.1', ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }) };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body ?? ''}`;
}

const sitesQuery = 'query($id: ID!) { item(id: $id) { id code type state sites { site leadTimeDays safetyStock procurementType standardCost { amount currency } } } }';
const linesQuery = 'query($id: ID!) { item(id: $id) { id code type bom { id revision lines { position quantityPer unit component { id code type state } } } } }';

export function readWorks(data: StageData, token: string, canReadBoms: boolean): ReadWork[] {
  const authorization = { Authorization: `Bearer ${token}` };
  const unchanged = { 'If-None-Match': '"v1"' };
  const hot = data.itemIds.slice(0, requestsMax);
  const graphql = (query: string, id: string): string => httpText({ method: 'POST', path: '/graphql', headers: authorization, body: JSON.stringify({ query, variables: { id } }) });
  const works: ReadWork[] = [
    {
      name: 'hot', title: 'hot item by key, with ETag', status: 200,
      requests: {
        gateway: hot.map((id) => httpText({ path: `/v1/items/${id}`, headers: authorization })),
        'hand-written': hot.map((id) => httpText({ path: `/items/${id}` })),
        'node:http': [httpText({ path: '/' })],
      },
    },
    {
      name: 'conditional', title: 'conditional read answering 304', status: 304,
      requests: {
        gateway: hot.map((id) => httpText({ path: `/v1/items/${id}`, headers: { ...authorization, ...unchanged } })),
        'hand-written': hot.map((id) => httpText({ path: `/items/${id}`, headers: unchanged })),
        'node:http': [httpText({ path: '/', headers: unchanged })],
      },
    },
    {
      name: 'list', title: 'list of 100 with filter', status: 200,
      requests: {
        gateway: [httpText({ path: '/v1/items?filter[type][eq]=purchased&limit=100', headers: authorization })],
        'hand-written': [httpText({ path: '/items?type=purchased&limit=100' })],
      },
    },
    {
      name: 'graphql-sites', title: 'nested GraphQL: item → 3 sites', status: 200,
      requests: { gateway: data.sitedIds.map((id) => graphql(sitesQuery, id)), 'hand-written': data.sitedIds.map((id) => httpText({ path: `/items/${id}/with-sites` })) },
    },
  ];
  if (canReadBoms) {
    works.push({
      name: 'graphql-bom', title: 'nested GraphQL: item → 50 BOM lines → component', status: 200,
      requests: { gateway: data.madeIds.map((id) => graphql(linesQuery, id)), 'hand-written': data.madeIds.map((id) => httpText({ path: `/items/${id}/with-lines` })) },
    });
  }
  return works;
}

/** Sends one request as the load does, and reads the answer. */
export async function ask(servers: Servers, server: ServerName, text: string): Promise<{ status: number; body: unknown }> {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [first, ...lines] = head!.split('\r\n');
  const [method, path] = first!.split(' ') as [string, string];
  const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]).filter(([name]) => !/^(?:host|content-length)$/i.test(name)));
  const body = rest.join('\r\n\r\n');
  const answer = await fetch(`http://127.0.0.1:${servers[server].port}${path}`, { method, headers, ...(body === '' ? {} : { body }) });
  const answered = await answer.text();
  return { status: answer.status, body: answered === '' ? undefined : JSON.parse(answered) };
}

/** Before anything is measured: both services must say the same, or the ratio of their speeds means nothing. @throws Error */
export async function checkAnswers(servers: Servers, work: ReadWork): Promise<void> {
  const [ours, theirs] = await Promise.all((['gateway', 'hand-written'] as const).map((server) => ask(servers, server, work.requests[server]![0]!)));
  for (const answer of [ours, theirs]) {
    if (answer!.status !== work.status) throw new Error(`${work.name}: status ${answer!.status}: ${JSON.stringify(answer!.body).slice(0, 500)}`);
  }
  if (!isDeepStrictEqual(comparable(ours!.body), comparable(theirs!.body))) {
    throw new Error(`${work.name}: the answers differ:\n${JSON.stringify(ours!.body).slice(0, 2_000)}\n${JSON.stringify(theirs!.body).slice(0, 2_000)}`);
  }
}

/** A cursor is ours to choose, and what an operation cost is said by GraphQL only. */
function comparable(body: unknown): unknown {
  const { page, extensions, ...rest } = (body ?? {}) as { page?: { hasMore: boolean }; extensions?: unknown };
  void extensions;
  return page ? { ...rest, hasMore: page.hasMore } : rest;
}
