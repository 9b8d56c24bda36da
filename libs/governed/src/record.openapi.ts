import { applyDecorators } from '@nestjs/common';
import {
  ApiBody, ApiConsumes, ApiExtraModels, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags, getSchemaPath, type ApiQueryOptions,
} from '@nestjs/swagger';
import { listSpecOf } from './query-spec.js';
import { viewsOf } from './record-view.js';
import type { AnyRecord } from './record-definition.js';

const since = { 'x-since': '0.1.0' };
const etagHeader = { ETag: { description: 'Strong validator of the version.', schema: { type: 'string' }, example: '"v17"' } };
const freshnessHeader = { 'Datum-Freshness': { description: 'How old the oldest part is.', schema: { type: 'string' }, example: 'fresh; as-of="2026-03-04T14:00:00Z"; system="CE"' } };
const ifMatch = ApiHeader({ name: 'If-Match', required: true, description: 'The ETag that was read.', schema: { type: 'string' }, example: '"v17"' });
const ifNoneMatch = ApiHeader({ name: 'If-None-Match', required: false, description: 'Answers 304 when it still holds.', schema: { type: 'string' }, example: '"v17"' });
const idempotencyKey = ApiHeader({ name: 'Idempotency-Key', required: true, description: '16 to 255 characters, one per intent; kept 24 hours.', schema: { type: 'string', minLength: 16, maxLength: 255 }, example: '8e03978e-40d5-43dd-bc93-6894a57f9324' });

const text = (name: string, description: string, example: string): ApiQueryOptions => ({ name, required: false, description, schema: { type: 'string' }, example });

/** The OpenAPI decorators of a governed record's routes, made from its declaration. */
export function document(definition: AnyRecord) {
  const { typeName, pluralName, type } = definition;
  const { view, create, patch } = viewsOf(definition);
  const spec = listSpecOf(definition);
  const many = upperFirst(pluralName);
  const tag = ApiTags(definition.collection);
  const id = ApiParam({ name: 'id', description: `Id of the ${type}.`, schema: { type: 'string', format: 'uuid' } });
  const pointInTime = [
    ApiQuery(text('asOf', 'State that was valid at this business time.', '2026-03-04T14:00:00Z')),
    ApiQuery(text('knownAt', 'According to what was known at this time.', '2026-03-04T14:00:00Z')),
    ApiQuery({ name: 'maxAgeSeconds', required: false, description: 'Refuse with 503 stale-data when the source was not heard for longer.', schema: { type: 'integer', minimum: 0 } }),
  ];
  const shape = [
    ApiQuery(text('fields', 'Only these attributes.', 'id,code')),
    ApiQuery({ name: 'include', required: false, description: `Comma list of ${spec.includes!.join(', ')}.`, schema: { type: 'string' } }),
    ...(spec.expand!.length > 0 ? [ApiQuery({ name: 'expand', required: false, description: `Comma list of ${spec.expand!.join(', ')}.`, schema: { type: 'string' } })] : []),
  ];
  const paging = [
    ApiQuery({ name: 'limit', required: false, description: 'Page size.', schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } }),
    ApiQuery(text('cursor', 'nextCursor of the page before.', '')),
  ];
  const localKey = definition.localKeys ? [
    ApiQuery(text('system', "Look-up by a system's own code: the system.", 'LEG1')),
    ApiQuery(text('code', "Look-up by a system's own code: the code.", 'LA-500-24')),
    ApiQuery(text('site', 'Narrows the look-up where one system serves several sites.', 'A')),
  ] : [];
  const filters = Object.entries(spec.fields).flatMap(([field, { ops }]) => ops.map((op) => ApiQuery({ name: `filter[${field}][${op}]`, required: false, description: `Where ${field} ${op}.`, schema: { type: 'string' } })));
  const sortable = Object.keys(spec.fields).filter((field) => spec.fields[field]!.sortable);
  const one = { $ref: getSchemaPath(view) };
  const page = { type: 'object', required: ['data', 'page'], properties: { data: { type: 'array', items: one }, page: pageSchema } };

  return {
    list: () => applyDecorators(tag, ApiExtraModels(view),
      ApiOperation({ operationId: `list${many}`, summary: `List ${pluralName}, or look one up by a system's code`, ...since }),
      ...paging, ApiQuery(text('sort', `Comma list of ${sortable.join(', ')}; minus for descending.`, '-updatedAt')), ...filters, ...localKey, ...shape,
      ApiResponse({ status: 200, description: 'A page.', schema: page })),
    read: () => applyDecorators(tag, id, ifNoneMatch, ApiExtraModels(view), ...shape, ...pointInTime,
      ApiOperation({ operationId: `get${typeName}`, summary: `Read one ${type}`, ...since }),
      ApiResponse({ status: 200, description: 'The record.', schema: one, headers: { ...etagHeader, ...freshnessHeader } }),
      ApiResponse({ status: 304, description: 'Not modified.' })),
    history: () => applyDecorators(tag, id, ...paging, ApiQuery(text('knownAt', 'According to what was known at this time.', '2026-03-04T14:00:00Z')),
      ApiOperation({ operationId: `list${typeName}History`, summary: `Every version of one ${type}: who, when, what, why`, ...since }),
      ApiResponse({ status: 200, description: 'Versions, oldest first.', schema: historySchema })),
    changes: () => applyDecorators(tag, ...paging, ApiExtraModels(view),
      ApiQuery({ name: 'from', required: false, description: '`now` starts behind the last change instead of at the beginning.', schema: { type: 'string', enum: ['now'] } }),
      ApiOperation({ operationId: `list${typeName}Changes`, summary: `Changes of ${pluralName} since a cursor: none is missed, in order per record`, ...since }),
      ApiResponse({ status: 200, description: 'Changes; the last page still gives a cursor.', schema: changesSchema(one) })),
    create: () => applyDecorators(tag, idempotencyKey, ApiBody({ type: create, required: true }), ApiExtraModels(view),
      ApiOperation({ operationId: `create${typeName}`, summary: `Create ${aOrAn(type)}`, ...since }),
      ApiResponse({ status: 201, description: 'Created.', schema: one, headers: etagHeader })),
    patch: () => applyDecorators(tag, id, ifMatch, ApiConsumes('application/merge-patch+json', 'application/json'), ApiBody({ type: patch, required: true }), ApiExtraModels(view),
      ApiHeader({ name: 'Prefer', required: false, description: '`respond-async` turns a write that belongs to another system into a write request.', schema: { type: 'string' }, example: 'respond-async' }),
      ApiOperation({ operationId: `update${typeName}`, summary: `Change ${aOrAn(type)}; ownership is decided per attribute group`, ...since }),
      ApiResponse({ status: 200, description: 'The record after the change.', schema: one, headers: etagHeader }),
      ApiResponse({ status: 202, description: 'A write request to the owner was registered.', schema: operationRef })),
    batch: () => applyDecorators(tag, idempotencyKey, ApiBody({ schema: batchSchema(create) as never }), ApiExtraModels(create),
      ApiOperation({ operationId: `batch${many}`, summary: `Up to 500 changes of ${pluralName} in one call, each accepted or refused for itself`, ...since }),
      ApiResponse({ status: 200, description: 'A result per row.', schema: rowResults })),
    bulk: () => applyDecorators(tag, idempotencyKey, ApiConsumes('application/x-ndjson'),
      ApiBody({ description: 'One row of a batch per line; at most 50,000 rows and 64 MiB.', schema: { type: 'string', format: 'binary', example: bulkExample(definition) } }),
      ApiOperation({ operationId: `bulk${many}`, summary: `Stream many changes of ${pluralName}; an operation works them off`, ...since }),
      ApiResponse({ status: 202, description: 'Accepted: follow the operation.', schema: operationRef })),
  };
}

const aOrAn = (type: string): string => `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const pageSchema = {
  type: 'object', required: ['nextCursor', 'hasMore'],
  properties: {
    nextCursor: { type: 'string', nullable: true, description: 'Null on the last page of a list; a change feed always gives one.', example: null },
    hasMore: { type: 'boolean', example: false },
  },
};
const operationRef = {
  type: 'object', required: ['id', 'status'],
  properties: { id: { type: 'string', format: 'uuid' }, status: { type: 'string', example: 'queued' }, rows: { type: 'integer' },
    links: { type: 'object', additionalProperties: true, example: { self: { href: '/v1/operations/01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f' } } } },
};
const versionSchema = {
  type: 'object', required: ['version', 'op', 'eventType', 'validFrom', 'recordedAt', 'actor', 'channel', 'correlationId', 'changes', 'decision', 'provenance'],
  properties: {
    version: { type: 'integer', example: 2 }, op: { type: 'string', example: 'update' }, eventType: { type: 'string', example: 'datum.item.item.updated.v1' },
    validFrom: { type: 'string', format: 'date-time' }, recordedAt: { type: 'string', format: 'date-time' }, actor: { type: 'string', example: 'CE' },
    channel: { type: 'string', example: 'rest' }, correlationId: { type: 'string', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e60' },
    changes: { type: 'object', additionalProperties: true, description: 'Attribute to what it was and what it became.' },
    decision: { type: 'object', additionalProperties: true, description: 'The ownership decision per attribute group, and the rule behind it.' },
    provenance: { type: 'object', additionalProperties: true, description: 'Where each attribute group comes from.' },
  },
};
const historySchema = { type: 'object', required: ['data', 'page'], properties: { data: { type: 'array', items: versionSchema }, page: pageSchema } };

const changesSchema = (resource: object) => ({
  type: 'object', required: ['data', 'page'],
  properties: {
    data: { type: 'array', items: { type: 'object', required: ['op', 'id', 'recordType', 'version', 'changedAt', 'validFrom', 'eventType', 'resource'], properties: {
      op: { type: 'string', enum: ['upsert', 'delete'] }, id: { type: 'string', format: 'uuid' }, recordType: { type: 'string' }, version: { type: 'integer', example: 17 },
      changedAt: { type: 'string', format: 'date-time', description: 'When it was recorded.' },
      validFrom: { type: 'string', format: 'date-time', description: 'From when it holds in business time.' }, eventType: { type: 'string', example: 'datum.item.item.updated.v1' }, resource,
    } } },
    page: pageSchema,
  },
});

/** One line as it is sent, made from the examples of what a new record needs. */
function bulkExample({ attributes }: AnyRecord): string {
  const needed = Object.entries(attributes).filter(([, attribute]) => attribute.required && !attribute.computed);
  const row = { op: 'upsert', attributes: Object.fromEntries(needed.map(([name, { example }]) => [name, example])) };
  return `${JSON.stringify(row)}\n`;
}

const batchSchema = (create: new () => object) => ({
  type: 'object', required: ['data'],
  properties: { data: { type: 'array', minItems: 1, maxItems: 500, items: { type: 'object', required: ['attributes'], properties: {
    op: { type: 'string', enum: ['create', 'update', 'upsert'], default: 'upsert' },
    id: { type: 'string', format: 'uuid' },
    key: { type: 'object', additionalProperties: true },
    attributes: { $ref: getSchemaPath(create) },
    localKeys: { type: 'array', maxItems: 50, items: { type: 'object', required: ['system', 'code'], properties: { system: { type: 'string' }, code: { type: 'string' }, site: { type: 'string', nullable: true } } } },
    ifMatch: { type: 'integer', description: 'Version the change was made on.' },
    validFrom: { type: 'string', format: 'date-time' },
  } } } },
});

const rowResults = {
  type: 'object', required: ['data'],
  properties: { data: { type: 'array', items: { type: 'object', required: ['index', 'status'], properties: {
    index: { type: 'integer', example: 0 }, status: { type: 'string', enum: ['created', 'updated', 'unchanged', 'refused'] }, id: { type: 'string', format: 'uuid' },
    version: { type: 'integer', example: 1 }, etag: { type: 'string', example: '"v1"' }, observed: { type: 'array', items: { type: 'string' } },
    problem: { type: 'object', additionalProperties: true },
  } } } },
};
