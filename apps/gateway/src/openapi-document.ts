import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { declaredPermissions, publicRoute, type DeclaredPermission } from '@datum/platform';
import { RecordCatalogue, type AnyRecord } from '@datum/governed';
import { addExamples } from './openapi-examples.js';
import { problemContent, problemReference, problemResponses, problemSchema } from './openapi-problems.js';
import { describeTags, tagsOf } from './openapi-tags.js';

type Response = { description?: string; $ref?: string; content?: Record<string, Record<string, unknown>> };
type Operation = {
  operationId?: string; summary?: string; description?: string; tags?: string[]; security?: object[]; responses: Record<string, Response>;
  requestBody?: { content?: Record<string, Record<string, unknown>> };
};

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The OpenAPI 3.1 document of the running application, complete with every error each operation can give. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Datum')
    .setDescription('The master data gateway: governed records over REST. Values are written by the system that decides them; others ask by write request.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This gateway')
    .addOAuth2({ type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } } }, 'oauth2')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method, autoTagControllers: false });
  document.openapi = '3.1.0';
  addSecurity(document, permissionsByRoute(app));
  addProblems(document);
  const upgraded = upgradeTo31(document) as OpenAPIObject;
  complete(upgraded, app.get(RecordCatalogue, { strict: false }).all());
  return upgraded;
}

/** `get /v1/items/{id}` → what the route declares: the same word that the guard goes by. */
function permissionsByRoute(app: INestApplication): Map<string, DeclaredPermission | undefined> {
  return new Map(declaredPermissions(app).filter(({ kind }) => kind === 'rest').map(({ route, permission }) => {
    const [method = '', path = ''] = route.split(' ');
    return [`${method.toLowerCase()} ${publicRoute(path.replace(/:(\w+)/g, '{$1}'))}`, permission];
  }));
}

/** Public spelling of the addresses, and the scope each operation needs. */
function addSecurity(document: OpenAPIObject, permissions: Map<string, DeclaredPermission | undefined>): void {
  const paths = Object.entries(document.paths).map(([path, item]) => [publicRoute(path), item] as const);
  document.paths = Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1)));
  const scopes: Record<string, string> = {};
  forEachOperation(document, (path, method, operation) => {
    const permission = permissions.get(`${method} ${path}`);
    const scope = typeof permission === 'object' ? permission.scope : undefined;
    operation.security = permission === 'public' ? [] : [{ oauth2: scope === undefined ? [] : [scope] }];
    if (scope !== undefined) scopes[scope] = scopeInWords(scope);
  });
  const flows = (document.components!.securitySchemes!.oauth2 as { flows: { clientCredentials: { scopes: object } } }).flows;
  flows.clientCredentials.scopes = Object.fromEntries(Object.entries(scopes).sort());
}

const verbs: Record<string, string> = { read: 'Read', write: 'Write', approve: 'Approve', admin: 'Administer', decide: 'Decide' };
const scopeInWords = (scope: string): string => scope.replace(/^(.*)\.(\w+)$/, (_all, domain: string, verb: string) => `${verbs[verb]} ${domain.replaceAll('-', ' ')}`);

/** Every error that each operation can give, as a shared response. */
function addProblems(document: OpenAPIObject): void {
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, Problem: problemSchema as never };
  components.responses = problemResponses() as never;
  forEachOperation(document, (path, method, operation) => {
    for (const status of errorStatuses(path, method, operation.security?.length === 0)) operation.responses[status] ??= problemReference(status);
    for (const [status, response] of Object.entries(operation.responses)) {
      if (Number(status) >= 400 && !response.$ref && !response.content) response.content = problemContent(status) as never;
    }
  });
}

function errorStatuses(path: string, method: string, open: boolean): string[] {
  const statuses = ['400', '429', '503'];
  if (!open) statuses.push('401', '403');
  if (path.includes('{')) statuses.push('404');
  if (path.endsWith('/changes')) statuses.push('410');
  if (method !== 'get') statuses.push('409', '413', '415', '422');
  if (method === 'patch' || method === 'put') statuses.push('412', '428');
  return statuses;
}

/** What reading needs beyond the schemas: tags with descriptions, and an example for every body and answer. */
function complete(document: OpenAPIObject, records: readonly AnyRecord[]): void {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Record<string, unknown>>;
  const used = new Set<string>();
  forEachOperation(document, (path, _method, operation) => {
    operation.tags = tagsOf(path, operation.tags);
    for (const tag of operation.tags) used.add(tag);
    operation.description ??= `${operation.summary ?? operation.operationId}.`;
    addExamples(operation.requestBody?.content, schemas);
    for (const response of Object.values(operation.responses)) addExamples(response.content, schemas);
  });
  document.tags = describeTags(used, records);
}

function forEachOperation(document: OpenAPIObject, visit: (path: string, method: string, operation: Operation) => void): void {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method] as unknown as Operation | undefined;
      if (operation) visit(path, method, operation);
    }
  }
}

/** What 3.1 says in another way than 3.0: `nullable` becomes a type list. */
function upgradeTo31(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(upgradeTo31);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Record<string, unknown>;
  const upgraded = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, upgradeTo31(value)]));
  // The decorators need some type beside `oneOf`; the alternatives say their own.
  if (upgraded.oneOf) delete upgraded.type;
  const schema = withoutIdleType(upgraded);
  return nullable === true ? asNullable(schema) : schema;
}

/** Where parts say what a schema is (`allOf`, `oneOf`), a `type` beside them, which Nest adds, says nothing or is wrong: it goes. */
function withoutIdleType(schema: Record<string, unknown>): Record<string, unknown> {
  const { type: _type, ...rest } = schema;
  return Array.isArray(schema.allOf) || Array.isArray(schema.oneOf) ? rest : schema;
}

function asNullable(schema: Record<string, unknown>): Record<string, unknown> {
  const { $ref, allOf, oneOf, type, ...rest } = schema;
  const parts = $ref ? [{ $ref }] : ((oneOf ?? allOf) as object[] | undefined);
  if (parts) return { ...rest, oneOf: [...parts, { type: 'null' }] };
  if (typeof type !== 'string') return schema;
  return { ...rest, type: [type, 'null'], ...(Array.isArray(rest.enum) ? { enum: [...(rest.enum as unknown[]), null] } : {}) };
}
