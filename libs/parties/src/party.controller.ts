import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CallContext, Idempotent, ok, Permission, type Reply, type RequestContext } from '@datum/platform';
import { isPlainObject, recordController } from '@datum/governed';
import { matchCandidateRecord } from './match-candidate.record.js';
import { MatchBody, PartyMatchesView } from './party.view.js';
import { PartyMatcher } from './party-matcher.service.js';
import { bankChangeRecord, customerRecord, itemSupplierRecord, supplierRecord } from './supplier.record.js';

@Controller({ path: 'suppliers', version: '1' })
export class SupplierController extends recordController(supplierRecord) {}

@Controller({ path: 'supplier-bank-changes', version: '1' })
export class BankChangeController extends recordController(bankChangeRecord) {}

@Controller({ path: 'customers', version: '1' })
export class CustomerController extends recordController(customerRecord) {}

@Controller({ path: 'item-suppliers', version: '1' })
export class ItemSupplierController extends recordController(itemSupplierRecord) {}

@Controller({ path: 'match-candidates', version: '1' })
export class MatchCandidateController extends recordController(matchCandidateRecord) {}

@ApiTags('suppliers')
@Controller({ path: 'parties', version: '1' })
export class PartyMatchController {
  constructor(private readonly matcher: PartyMatcher) {}

  @Post('~match') @HttpCode(200) @Permission('supplier.write') @Idempotent()
  @ApiOperation({ operationId: 'matchParties', summary: "Which of our suppliers a system's records mean: linked, certain, or for a steward", 'x-since': '0.1.0' } as object)
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '16 to 255 characters, one per intent; kept 24 hours.', schema: { type: 'string', minLength: 16, maxLength: 255 } })
  @ApiBody({ type: MatchBody })
  @ApiResponse({ status: 200, description: 'A result per record, in order.', type: PartyMatchesView })
  async match(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
    return ok({ data: await this.matcher.match(context, isPlainObject(body) ? body.records : undefined) });
  }
}
