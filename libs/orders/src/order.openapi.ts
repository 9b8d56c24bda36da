import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { viewsOf, type AnyRecord } from '@datum/governed';

const operation = (operationId: string, summary: string) => ApiOperation({ operationId, summary, 'x-since': '0.1.0' } as object);
const id = ApiParam({ name: 'id', description: 'Id of the order.', schema: { type: 'string', format: 'uuid' } });

/** An order is created with its lines in one call. */
export function documentCreateOrder(order: AnyRecord, line: AnyRecord) {
  const { view, create } = viewsOf(order);
  const lines = viewsOf(line);
  const withLines = (whole: object, each: object) => ({ allOf: [whole, { type: 'object', properties: { lines: { type: 'array', maxItems: 5_000, items: each } } }] });
  const lineBody = { type: 'object', description: `A ${line.type} without orderId and site, which come from the order.`, additionalProperties: true };
  return applyDecorators(
    ApiTags(order.collection), ApiExtraModels(view, create, lines.view), operation(`create${order.typeName}`, `Create a ${order.type} with its lines, all or nothing`),
    ApiHeader({ name: 'Idempotency-Key', required: true, description: '16 to 255 characters, one per intent; kept 24 hours.', schema: { type: 'string', minLength: 16, maxLength: 255 } }),
    ApiBody({ required: true, schema: withLines({ $ref: getSchemaPath(create) }, lineBody) as never }),
    ApiResponse({ status: 201, description: 'Created, with its lines.', schema: withLines({ $ref: getSchemaPath(view) }, { $ref: getSchemaPath(lines.view) }),
      headers: { ETag: { description: 'Strong validator of the order.', schema: { type: 'string' } } } }));
}

export function documentLines(order: AnyRecord, line: AnyRecord) {
  const { view } = viewsOf(line);
  const page = { type: 'object', required: ['data', 'page'], properties: { data: { type: 'array', items: { $ref: getSchemaPath(view) } }, page: { type: 'object', additionalProperties: true } } };
  return applyDecorators(ApiTags(order.collection), id, ApiExtraModels(view), operation(`listLinesOf${order.typeName}`, `Lines of a ${order.type}`),
    ApiResponse({ status: 200, description: 'A page.', schema: page }));
}

export const documentFrozenExplosion = (view: new () => object) => applyDecorators(ApiTags('production-orders'), id, ApiExtraModels(view),
  operation('getExplosionOfProductionOrder', 'What the order was released with: its BOM as it stood then'),
  ApiResponse({ status: 200, description: 'The frozen explosion.', schema: { $ref: getSchemaPath(view) } }));
