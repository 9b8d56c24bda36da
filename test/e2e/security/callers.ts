import { declaredPermissions, publicRoute, type RoutePermission } from '@datum/platform';
import { RecordCatalogue, type AnyRecord } from '@datum/governed';
import { testGateway, type Answer, type TestClient, type TestGateway } from '../../support/gateway.js';
import { ErrorHygiene } from './error-hygiene.js';

/** A gateway that thousands of calls of one test may ask without being told to slow down. */
export const unlimited = { DATUM_RATE_PER_MINUTE: '1000000', DATUM_RATE_ANONYMOUS_PER_MINUTE: '1000000', DATUM_SHED_DELAY_MS: '0' };

export interface Grounds { gateway: TestGateway; hygiene: ErrorHygiene; definitions: AnyRecord[]; scopes: string[]; routes: RoutePermission[] }

export async function grounds(options: { poolMax?: number } = {}): Promise<Grounds> {
  const gateway = await testGateway({ env: unlimited, ...options });
  const definitions = gateway.app.get(RecordCatalogue, { strict: false }).all();
  const routes = declaredPermissions(gateway.app);
  const scopes = [...new Set(routes.flatMap(({ permission }) => (typeof permission === 'object' ? [permission.scope] : [])))].sort();
  const hygiene = new ErrorHygiene(gateway, definitions.map(({ table }) => table));
  return { gateway, hygiene, definitions, scopes, routes };
}

/** `POST /v1/items/~batch` → `POST /v1/items:batch` as the OpenAPI document writes it. */
export const documented = (route: string): string => publicRoute(route).replace(/:([A-Z]+)(?=\/|$)/gi, (whole, name: string, at: number, text: string) =>
  (text[at - 1] === '/' ? `{${name}}` : whole)).replace(/\/:([A-Z]+):/gi, '/{$1}:');

/** How an answer looks to somebody who only asks whether the door was open. */
export type Outcome = 'admitted' | 'unauthenticated' | 'insufficient';

export function outcomeOf({ status, body }: Pick<Answer, 'status' | 'body'>): Outcome {
  const code = String(body?.code ?? body?.errors?.[0]?.extensions?.code ?? '');
  if (code === 'auth.insufficient-scope') return 'insufficient';
  return status === 401 && code.startsWith('auth.') ? 'unauthenticated' : 'admitted';
}

/** What a caller must meet at a route, by what the route declares. `scopes` undefined: no token. */
export function expectedOutcome({ permission }: RoutePermission, scopes: ReadonlySet<string> | undefined): Outcome {
  if (permission === 'public') return 'admitted';
  if (scopes === undefined) return 'unauthenticated';
  return permission === 'participant' || (permission && scopes.has(permission.scope)) ? 'admitted' : 'insufficient';
}

export interface Caller {
  name: string;
  client: TestClient | undefined;
  scopes: ReadonlySet<string> | undefined;
  /** Has every scope but those of this domain. */
  without?: string;
}

/** One caller for each kind of credential that the matrix asks about. */
export async function callersOf({ gateway, scopes }: Grounds): Promise<Caller[]> {
  const make = async (name: string, system: string, held: string[], sites?: string[]): Promise<Caller> =>
    ({ name, client: await gateway.client(system, held, sites), scopes: new Set(held) });
  const domains = [...new Set(scopes.map((scope) => scope.split('.')[0]!))];
  return [
    { name: 'no token', client: undefined, scopes: undefined },
    await make('a token without any scope', 'PLN', []),
    await make('read-only', 'PLN', scopes.filter((scope) => scope.endsWith('.read'))),
    await make('write without read', 'CE', scopes.filter((scope) => !scope.endsWith('.read'))),
    ...(await Promise.all(domains.map(async (domain) => ({
      ...(await make(`the owner of everything but ${domain}`, 'CE', scopes.filter((scope) => !scope.startsWith(`${domain}.`)))), without: domain,
    })))),
    await make('another site', 'CLD-EU', scopes, ['D']),
    await make('admin', 'CE', scopes),
  ];
}

/** A call to a REST route by one caller, with nothing in it that a guard would care about. */
export async function callRoute({ gateway }: Grounds, route: string, { client }: Caller): Promise<Answer> {
  const [method = '', pattern = ''] = documented(route).split(' ');
  const url = pattern.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'site' ? 'A' : '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f'));
  const headers: Record<string, string> = { 'idempotency-key': `matrix-${crypto.randomUUID()}`, 'if-match': '"v1"' };
  const body = method === 'GET' || method === 'DELETE' ? undefined : {};
  if (client) return client.send(method, url, body, headers);
  return anonymous(gateway, method, url, body, headers);
}

export async function anonymous(
  gateway: TestGateway, method: string, url: string, body?: unknown, headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await gateway.app.inject({
    method: method as 'GET', url, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  const isJson = /json/.test(String(response.headers['content-type']));
  return { status: response.statusCode, headers: response.headers as Record<string, string>, body: isJson ? response.json() : {}, text: response.body };
}
