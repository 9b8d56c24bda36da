import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { viewsOf, type AnyRecord } from '@datum/governed';
import { bomLineRecord, bomRecord } from './bom.record.js';
import { BomExplosionView, ExplosionLineView, ExplosionTotalView } from './explosion.view.js';
import { routingOperationRecord, routingRecord } from './routing.record.js';
import { BomComparisonView, CostRollupView, WhereUsedView } from './structure.view.js';

const since = { 'x-since': '0.1.0' };
const id = ApiParam({ name: 'id', description: 'Id of the item.', schema: { type: 'string', format: 'uuid' } });
const text = (name: string, description: string, example: string) => ApiQuery({ name, required: false, description, schema: { type: 'string' }, example });
const day = (name: string, description: string, required = false) => ApiQuery({ name, required, description, schema: { type: 'string', format: 'date' }, example: '2026-03-04' });
const choice = (name: string, description: string, values: string[]) => ApiQuery({ name, required: false, description, schema: { type: 'string', enum: values, default: values[0]! } });

const site = text('site', "The site's own BOMs come before the enterprise's; absent: the enterprise's only.", 'A');
const usage = choice('usage', 'What the BOM is for; the engineering BOM stands in where there is none.', ['manufacturing', 'engineering', 'costing', 'service']);
const alternates = choice('alternates', 'Which alternates are used: the first by priority, or all by their usage percent.', ['priority', 'usage']);
const numbers = [text('serial', 'Serial number of the end product, for lines limited to serials.', 'SN-1000'), text('lot', 'Lot of the end product, for lines limited to lots.', 'L-0219')];
const quantity = text('quantity', 'In the base unit of the item; default 1.', '100');
const operation = (operationId: string, summary: string) => ApiOperation({ operationId, summary, ...since });

export const documentStructure = {
  explode: () => applyDecorators(ApiTags('boms'), id, ApiExtraModels(ExplosionLineView, ExplosionTotalView), quantity,
    day('date', 'Day whose BOMs count; default today.'), site, usage, alternates, ...numbers,
    choice('mode', 'summary: totals; multilevel: every use; single: one level, phantoms passed through.', ['summary', 'multilevel', 'single']),
    text('revision', 'This revision of the item itself, whatever its state and dates.', 'C'),
    operation('explodeItem', 'What a quantity of an item needs, exactly; streamed'),
    ApiResponse({ status: 200, description: 'The explosion.', type: BomExplosionView })),
  whereUsed: () => applyDecorators(ApiTags('boms'), id, day('date', 'Day whose BOMs count; default today.'), site, usage,
    choice('levels', 'All parents upwards, or the direct ones.', ['all', 'single']),
    operation('whereItemIsUsed', 'In what an item is used, on every path upwards'),
    ApiResponse({ status: 200, description: 'The paths.', type: WhereUsedView })),
  compare: () => applyDecorators(ApiTags('boms'), id, day('from', 'Day to compare; or fromRevision.'), day('to', 'Day to compare with; or toRevision.'),
    text('fromRevision', 'Revision to compare.', 'B'), text('toRevision', 'Revision to compare with.', 'C'), quantity, site, usage, alternates, ...numbers,
    operation('compareBoms', 'What differs between two days or revisions, and what it costs'),
    ApiResponse({ status: 200, description: 'Added, removed, changed and replaced components.', type: BomComparisonView })),
  costRollup: () => applyDecorators(ApiTags('boms'), id, day('date', 'Day whose BOMs and routings count; default today.'), site, usage, alternates, ...numbers,
    text('revision', 'This revision of the item itself, whatever its state and dates.', 'C'),
    text('capacity', 'Work centres at another rate than planned: units per hour or percent.', 'A-ASM-1:3'),
    text('lotSize', 'Units that set-up and fixed quantities are spread over; default 1.', '50'),
    operation('rollUpCost', 'Cost of one unit, rolled up from what is bought, exactly'),
    ApiResponse({ status: 200, description: 'The roll-up.', type: CostRollupView })),
};

const idempotencyKey = ApiHeader({ name: 'Idempotency-Key', required: true, description: '16 to 255 characters, one per intent; kept 24 hours.', schema: { type: 'string', minLength: 16, maxLength: 255 } });

/** A create that takes the parts along: the body of the record, with a list of those of its parts. */
function createWithParts(definition: AnyRecord, part: AnyRecord, field: string, reference: string) {
  const { view, create } = viewsOf(definition);
  const parts = viewsOf(part);
  const body = (whole: object, each: object) => ({ allOf: [whole, { type: 'object', properties: { [field]: { type: 'array', maxItems: 5_000, items: each } } }] });
  const partBody = { type: 'object', description: `A ${part.type} without ${reference} and site, which come from the ${definition.type}.`, additionalProperties: true };
  return applyDecorators(ApiTags(definition.collection), idempotencyKey, ApiExtraModels(view, create, parts.view),
    operation(`create${definition.typeName}`, `Create a ${definition.type}, with its ${field}, in one transaction`),
    ApiBody({ required: true, schema: body({ $ref: getSchemaPath(create) }, partBody) as never }),
    ApiResponse({ status: 201, description: `Created, with its ${field}.`, schema: body({ $ref: getSchemaPath(view) }, { $ref: getSchemaPath(parts.view) }),
      headers: { ETag: { description: 'Strong validator of the version.', schema: { type: 'string' } } } }));
}

export const documentCreateBom = () => createWithParts(bomRecord, bomLineRecord, 'lines', 'bomId');
export const documentCreateRouting = () => createWithParts(routingRecord, routingOperationRecord, 'operations', 'routingId');

export const documentFrozenLines = () => applyDecorators(ApiTags('frozen-explosions'),
  ApiParam({ name: 'id', description: 'Id of the frozen explosion.', schema: { type: 'string', format: 'uuid' } }),
  operation('listFrozenExplosionLines', 'The lines of a frozen explosion, after their hash was checked'),
  ApiResponse({ status: 200, description: 'The lines.', schema: { type: 'object', required: ['hash', 'data'], properties: {
    hash: { type: 'string' }, data: { type: 'array', items: { type: 'object', additionalProperties: true } },
  } } }));
