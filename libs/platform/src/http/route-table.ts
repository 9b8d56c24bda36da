import type { FastifyInstance } from 'fastify';

interface Route {
  pattern: RegExp;
  methods: Set<string>;
}

const tables = new WeakMap<FastifyInstance['server'], Map<string, Route>>();

/** Notes every route from now on, so that a path that exists for other methods is answered 405. Call it before routes are added. */
export function registerRouteTable(fastify: FastifyInstance): void {
  const routes = new Map<string, Route>();
  tables.set(fastify.server, routes);
  fastify.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
}

/** The methods a path exists for, in alphabetical order; empty when it does not exist. */
export function allowedMethods(fastify: FastifyInstance, path: string): string[] {
  const methods = new Set<string>();
  for (const route of tables.get(fastify.server)?.values() ?? []) {
    if (route.pattern.test(path)) route.methods.forEach((method) => methods.add(method));
  }
  return [...methods].sort();
}

/** The routes and their methods, as the router knows them: `/v1/items/:id` → GET, HEAD, PATCH. */
export function routesOf(fastify: FastifyInstance): { url: string; methods: string[] }[] {
  return [...(tables.get(fastify.server) ?? [])].map(([url, { methods }]) => ({ url, methods: [...methods].sort() }));
}

/** A path pattern of the router: `:name` up to the next `/` or `-`, `::` for a colon, `*` for the rest. A `*` for everything tells nothing. */
function patternOf(url: string): RegExp {
  if (url === '*' || url === '/*') return /(?!)/;
  const source = url.replace(/::|:\w+(?:\([^)]*\))?\??|[*.+^${}()|[\]\\?]/g, (part) => {
    if (part === '::') return ':';
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : `\\${part}`;
  });
  return new RegExp(`^${source}/?$`);
}
