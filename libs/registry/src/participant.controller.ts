import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  CallContext, created, etagOf, Idempotent, listReply, noContent, ok, Permission, rawQueryOf, type Reply, type RequestContext,
} from '@datum/platform';
import { CredentialPage, ParticipantPage } from './page.view.js';
import { CredentialBody, ParticipantBody, ParticipantPatch, RotationBody } from './participant.body.js';
import { ParticipantService } from './participant.service.js';
import { AddedParticipantView, IssuedCredentialView, ParticipantView, toCredentialView, toParticipantView } from './participant.view.js';
import { preconditionOf } from './precondition.js';
import { RegistryReader } from './registry.reader.js';
import { leaveSecret, ShowSecretOnce } from './show-secret-once.interceptor.js';

const idempotencyHeader = { name: 'Idempotency-Key', required: true, description: '16 to 255 characters; one per intent.' };

@ApiTags('Registry')
@Controller({ path: 'participants', version: '1' })
export class ParticipantController {
  constructor(private readonly reader: RegistryReader, private readonly participants: ParticipantService) {}

  @Post()
  @Permission('registry.admin')
  @Idempotent()
  @ShowSecretOnce()
  @HttpCode(201)
  @ApiOperation({ operationId: 'addParticipant', summary: 'Add a participant with a sandbox credential that reads', 'x-since': '0.1.0' } as object)
  @ApiHeader(idempotencyHeader)
  @ApiResponse({ status: 201, type: AddedParticipantView, description: 'Added. The secret is shown here and never again.' })
  @ApiResponse({ status: 409, description: 'The name is taken.' })
  @ApiResponse({ status: 422, description: 'Some values are not accepted.' })
  async addParticipant(
    @CallContext() context: RequestContext, @Body() body: ParticipantBody, @Req() request: FastifyRequest,
  ): Promise<Reply<AddedParticipantView>> {
    const { scopes = ['item.read'], sites, ...input } = body;
    const added = await this.participants.addParticipant(context, { ...input, credential: { kind: 'sandbox', scopes, sites } });
    leaveSecret(request, added.clientSecret);
    const view = { participant: toParticipantView(added.participant), credential: toCredentialView(added.credential), clientSecret: null };
    return created(`/v1/participants/${added.participant.id}`, view, { ETag: etagOf(added.participant.version) });
  }

  @Get()
  @Permission('registry.read')
  @ApiOperation({ operationId: 'listParticipants', summary: 'List the participants', description: 'Oldest first. Filters: name, state, systemCode.', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, type: ParticipantPage, description: 'One page.' })
  async listParticipants(@CallContext() context: RequestContext, @Req() request: FastifyRequest): Promise<Reply> {
    const { data, nextCursor } = await this.reader.participants(context, rawQueryOf(request));
    return listReply(request.url, data.map(toParticipantView), nextCursor);
  }

  @Get(':id')
  @Permission('registry.read')
  @ApiOperation({ operationId: 'getParticipant', summary: 'Get a participant', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, type: ParticipantView, description: 'The participant, with its ETag.' })
  @ApiResponse({ status: 404, description: 'There is no such participant.' })
  async getParticipant(@CallContext() context: RequestContext, @Param('id') id: string): Promise<Reply> {
    const participant = await this.reader.participant(context, id);
    return ok(toParticipantView(participant), { ETag: etagOf(participant.version) });
  }

  @Patch(':id')
  @Permission('registry.admin')
  @ApiOperation({ operationId: 'moveParticipant', summary: 'Move a participant to another state', 'x-since': '0.1.0' } as object)
  @ApiConsumes('application/merge-patch+json')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The ETag of the version that is changed.' })
  @ApiResponse({ status: 200, type: ParticipantView, description: 'Moved. Suspending stops its credentials at once.' })
  @ApiResponse({ status: 404, description: 'There is no such participant.' })
  @ApiResponse({ status: 409, description: 'There is no way from its state to that one.' })
  @ApiResponse({ status: 412, description: 'The participant has changed since.' })
  @ApiResponse({ status: 428, description: 'No If-Match.' })
  async moveParticipant(
    @CallContext() context: RequestContext, @Param('id') id: string, @Body() patch: ParticipantPatch, @Req() request: FastifyRequest,
  ): Promise<Reply> {
    await this.reader.participant(context, id);
    const participant = await this.participants.moveParticipant(context, id, patch.state, preconditionOf(request));
    return ok(toParticipantView(participant), { ETag: etagOf(participant.version) });
  }

  @Get(':id/credentials')
  @Permission('registry.read')
  @ApiOperation({ operationId: 'listCredentials', summary: 'List the credentials of a participant, without secrets', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, type: CredentialPage, description: 'All of them, revoked ones included.' })
  @ApiResponse({ status: 404, description: 'There is no such participant.' })
  async listCredentials(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: FastifyRequest): Promise<Reply> {
    return listReply(request.url, (await this.reader.credentials(context, id)).map(toCredentialView), null);
  }

  @Post(':id/credentials')
  @Permission('registry.admin')
  @Idempotent()
  @ShowSecretOnce()
  @HttpCode(201)
  @ApiOperation({ operationId: 'addCredential', summary: 'Issue a credential', 'x-since': '0.1.0' } as object)
  @ApiHeader(idempotencyHeader)
  @ApiResponse({ status: 201, type: IssuedCredentialView, description: 'Issued. The secret is shown here and never again.' })
  @ApiResponse({ status: 404, description: 'There is no such participant.' })
  @ApiResponse({ status: 422, description: 'Some values are not accepted.' })
  async addCredential(
    @CallContext() context: RequestContext, @Param('id') id: string, @Body() body: CredentialBody, @Req() request: FastifyRequest,
  ): Promise<Reply<IssuedCredentialView>> {
    await this.reader.participant(context, id);
    const { credential, clientSecret } = await this.participants.addCredential(context, id, body);
    leaveSecret(request, clientSecret);
    return created(`/v1/participants/${id}/credentials`, { credential: toCredentialView(credential), clientSecret: null });
  }

  @Post(':id/credentials/:clientId/~rotate')
  @Permission('registry.admin')
  @Idempotent()
  @ShowSecretOnce()
  @HttpCode(200)
  @ApiOperation({ operationId: 'rotateCredential', summary: 'Give a credential a new secret, with an overlap', 'x-since': '0.1.0' } as object)
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiParam({ name: 'clientId', schema: { type: 'string' } })
  @ApiHeader(idempotencyHeader)
  @ApiResponse({ status: 200, type: IssuedCredentialView, description: 'Rotated. The secret is shown here and never again.' })
  @ApiResponse({ status: 404, description: 'There is no such credential, or it is revoked.' })
  async rotateCredential(
    @CallContext() context: RequestContext, @Param() path: Record<'id' | 'clientId', string>, @Body() body: RotationBody, @Req() request: FastifyRequest,
  ): Promise<Reply<IssuedCredentialView>> {
    const { id } = await this.reader.participant(context, path.id);
    const { clientId } = path;
    const { credential, clientSecret } = await this.participants.rotateCredential(context, id, clientId, body?.overlapSeconds);
    leaveSecret(request, clientSecret);
    return ok({ credential: toCredentialView(credential), clientSecret: null });
  }

  @Delete(':id/credentials/:clientId')
  @Permission('registry.admin')
  @HttpCode(204)
  @ApiOperation({ operationId: 'revokeCredential', summary: 'Revoke a credential and every token issued with it', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 204, description: 'Revoked.' })
  @ApiResponse({ status: 404, description: 'There is no such credential, or it is revoked already.' })
  async revokeCredential(
    @CallContext() context: RequestContext, @Param('id') id: string, @Param('clientId') clientId: string,
  ): Promise<Reply> {
    await this.reader.participant(context, id);
    await this.participants.revokeCredential(context, id, clientId);
    return noContent();
  }
}
