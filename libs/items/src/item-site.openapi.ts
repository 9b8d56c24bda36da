import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiHeader, ApiOperation, ApiParam, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { viewsOf } from '@datum/governed';
import { itemSiteRecord } from './item.record.js';

const { view, patch } = viewsOf(itemSiteRecord);
const schema = { $ref: getSchemaPath(view) };
const id = ApiParam({ name: 'id', description: 'Id of the item.', schema: { type: 'string', format: 'uuid' } });
const site = ApiParam({ name: 'site', description: 'Site code.', schema: { type: 'string' }, example: 'A' });
const etag = { ETag: { description: 'Strong validator of the site part.', schema: { type: 'string' as const }, example: '"v3"' } };
const since = { 'x-since': '0.1.0' };
const page = { type: 'object', required: ['data', 'page'], properties: { data: { type: 'array', items: schema }, page: { type: 'object', additionalProperties: true } } };

export const documentItemSite = {
  list: () => applyDecorators(id, ApiExtraModels(view), ApiOperation({ operationId: 'listSitesOfItem', summary: 'What each site adds to an item', ...since }),
    ApiResponse({ status: 200, description: 'A page.', schema: page })),
  read: () => applyDecorators(id, site, ApiExtraModels(view), ApiOperation({ operationId: 'getSiteOfItem', summary: 'What one site adds to an item', ...since }),
    ApiResponse({ status: 200, description: 'The site part.', schema, headers: etag })),
  put: () => applyDecorators(id, site, ApiBody({ type: patch }), ApiHeader({ name: 'If-None-Match', required: true, schema: { type: 'string' }, example: '*' }),
    ApiOperation({ operationId: 'createSiteOfItem', summary: 'Add the part of a site to an item', ...since }),
    ApiResponse({ status: 201, description: 'Created.', schema, headers: etag })),
  patch: () => applyDecorators(id, site, ApiBody({ type: patch }), ApiConsumes('application/merge-patch+json', 'application/json'),
    ApiHeader({ name: 'If-Match', required: true, schema: { type: 'string' }, example: '"v3"' }),
    ApiOperation({ operationId: 'updateSiteOfItem', summary: 'Change what a site adds to an item', ...since }),
    ApiResponse({ status: 200, description: 'The site part after the change.', schema, headers: etag }),
    ApiResponse({ status: 202, description: 'With Prefer: respond-async: a write request to the owner.' })),
};
