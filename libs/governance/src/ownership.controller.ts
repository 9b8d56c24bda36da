import { Controller, Get, Req } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AnyParticipant, ok, parseRecordQuery, type Reply } from '@datum/platform';
import { recordController, type WireRequest } from '@datum/governed';
import { OwnershipExplainer } from './ownership-explainer.js';
import { OwnershipExplanationView } from './ownership.view.js';
import { ownershipRuleRecord } from './ownership-rule.record.js';

@Controller({ path: 'ownership/rules', version: '1' })
export class OwnershipRuleController extends recordController(ownershipRuleRecord) {}

@ApiTags('ownership')
@Controller({ path: 'ownership', version: '1' })
export class OwnershipController {
  constructor(private readonly explainer: OwnershipExplainer) {}

  @Get('explain') @AnyParticipant()
  @ApiOperation({ operationId: 'explainOwnership', summary: 'Who decides an attribute, in a sentence', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'domain', required: true, schema: { type: 'string' }, example: 'item' })
  @ApiQuery({ name: 'attribute', required: true, description: 'Attribute or attribute group.', schema: { type: 'string' }, example: 'description' })
  @ApiQuery({ name: 'site', required: false, schema: { type: 'string' }, example: 'A' })
  @ApiQuery({ name: 'at', required: false, description: 'Business time; default now.', schema: { type: 'string', format: 'date-time' } })
  @ApiResponse({ status: 200, description: 'The rule in force, as a sentence and in full.', type: OwnershipExplanationView })
  async explain(@Req() request: WireRequest): Promise<Reply> {
    const query = parseRecordQuery(request.url.split('?')[1] ?? '', { extra: ['domain', 'attribute', 'site', 'at'], without: ['asOf', 'knownAt', 'maxAgeSeconds'] });
    return ok(await this.explainer.explain(query.extra));
  }
}
