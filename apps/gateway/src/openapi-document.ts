import type { INestApplication } from '@nestjs/common';
import { publicRoute } from '@datum/platform';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

type Operation = { operationId?: string; security?: object[]; responses: Record<string, object>; parameters?: object[] } & Record<string, unknown>;

const problemSchema = {
  type: 'object',
  description: 'A problem [RFC 9457].',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference', example: '/problems/ownership-violation' },
    title: { type: 'string', example: 'Another system decides this' },
    status: { type: 'integer', example: 403 },
    detail: { type: 'string', example: 'CE decides the identity of item records at every site, since 2026-01-01. The value was not changed.' },
    instance: { type: 'string', example: '/v1/items/01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f' },
    code: { type: 'string', example: 'ownership.violation' },
    requestId: { type: 'string', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f' },
    errors: { type: 'array', items: { type: 'object', required: ['pointer', 'code', 'detail'], properties: {
      pointer: { type: 'string', example: '#/description' }, code: { type: 'string', example: 'field.required' }, detail: { type: 'string', example: 'Needed to create a record.' },
    } } },
  },
  additionalProperties: true,
};

const problems: Record<string, string> = {
  400: 'Malformed: the request cannot be read.',
  401: 'No valid token.',
  403: 'The scope is missing, the site is not yours, or another system decides this value.',
  404: 'There is nothing here, or you may not know of it.',
  409: 'Conflict with the current state.',
  410: 'The cursor is older than what is kept.',
  412: 'Stale version; the answer carries the current state.',
  413: 'Too large.',
  415: 'Unsupported media type.',
  422: 'The content is invalid; each field is named.',
  428: 'If-Match is missing.',
  429: 'Too many requests; see Retry-After.',
  503: 'Temporarily unavailable, or staler than demanded; see Retry-After.',
};

const problemResponse = (status: string) => ({ $ref: `#/components/responses/Problem${status}` });

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
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method });
  document.openapi = '3.1.0';
  finish(document);
  return upgradeTo31(document) as OpenAPIObject;
}

function finish(document: OpenAPIObject): void {
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, Problem: problemSchema as never };
  components.responses = Object.fromEntries(Object.entries(problems).map(([status, description]) => [`Problem${status}`, {
    description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }]));
  const paths: OpenAPIObject['paths'] = {};
  for (const [path, item] of Object.entries(document.paths)) paths[publicRoute(path)] = item;
  document.paths = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = item[method] as unknown as Operation | undefined;
      if (operation) addProblems(path, method, operation);
    }
  }
}

function addProblems(path: string, method: string, operation: Operation): void {
  const open = !path.startsWith('/v1') && path !== '/metrics';
  const statuses = ['400', '429', '503'];
  if (!open) statuses.push('401', '403');
  if (path.includes('{')) statuses.push('404');
  if (path.endsWith('/changes')) statuses.push('410');
  if (method !== 'get') statuses.push('409', '413', '415', '422');
  if (method === 'patch' || method === 'put') statuses.push('412', '428');
  for (const status of statuses) operation.responses[status] ??= problemResponse(status);
  if (!open) operation.security = [{ oauth2: [] }];
  else operation.security = [];
}

/** What 3.1 says in another way than 3.0: `nullable` becomes a type list. */
function upgradeTo31(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(upgradeTo31);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Record<string, unknown>;
  const upgraded = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, upgradeTo31(value)]));
  if (nullable === true) return asNullable(upgraded);
  return upgraded;
}

function asNullable(schema: Record<string, unknown>): Record<string, unknown> {
  if (typeof schema.type === 'string') return { ...schema, type: [schema.type, 'null'], ...(Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}) };
  const { $ref, allOf, oneOf, description, example, ...rest } = schema;
  const reference = $ref ? [{ $ref }] : ((oneOf ?? allOf) as object[] | undefined);
  if (!reference) return schema;
  return { ...rest, description, ...(example === undefined ? {} : { example }), oneOf: [...reference, { type: 'null' }] };
}
