import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { CallContext, Idempotent, KeyRing, noContent, Permission, type Reply, type RequestContext } from '@datum/platform';

export class RotateKeysBody {
  @ApiPropertyOptional({ type: Boolean, example: false, description: 'Refuse tokens of the old keys at once: a key has leaked.' })
  @IsOptional() @IsBoolean()
  withdraw?: boolean;
}

/** The keys of the built-in issuer turn by themselves every 30 days; this turns them now. */
@ApiTags('registry')
@Controller({ path: 'signing-keys', version: '1' })
export class SigningKeyController {
  constructor(private readonly ring: KeyRing) {}

  @Post('~rotate') @HttpCode(204) @Permission('registry.admin') @Idempotent()
  @ApiOperation({ operationId: 'rotateSigningKeys', summary: 'Turn the signing keys of the built-in issuer now', 'x-since': '0.1.0' } as object)
  @ApiBody({ type: RotateKeysBody })
  @ApiResponse({ status: 204, description: 'Turned. Tokens of the key before stay valid until they run out, unless it was withdrawn.' })
  async rotate(@CallContext() context: RequestContext, @Body() body: RotateKeysBody): Promise<Reply> {
    await this.ring.rotateIn(context, body?.withdraw ? { withdraw: true } : {});
    return noContent();
  }
}
