import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ok, Permission, type Reply } from '@datum/platform';
import { recordController } from '@datum/governed';
import { PolicyTrial } from './policy-trial.js';
import { policyRecord } from './policy.record.js';
import { policyTrialSchema, PolicyTrialView } from './policy.view.js';

@Controller({ path: 'policies', version: '1' })
export class PolicyController extends recordController(policyRecord) {}

@ApiTags('policies')
@Controller({ path: 'policies', version: '1' })
export class PolicyTrialController {
  constructor(private readonly trial: PolicyTrial) {}

  @Post('~try') @HttpCode(200) @Permission('policy.read')
  @ApiOperation({ operationId: 'tryPolicy', summary: 'Ask a predicate about a change that is made up; nothing is stored', 'x-since': '0.1.0' } as object)
  @ApiBody({ schema: policyTrialSchema as never })
  @ApiResponse({ status: 200, description: 'What the predicate says.', type: PolicyTrialView })
  try(@Body() body: unknown): Reply {
    return ok(this.trial.try(body));
  }
}
