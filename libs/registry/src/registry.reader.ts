import { Injectable } from '@nestjs/common';
import {
  CursorSigner, Database, filterValuesOf, isUuid, listScope, parseListQuery, type ListQuery, type ListQuerySpec, type RequestContext,
} from '@datum/platform';
import { credentialsOf } from './credential.repository.js';
import { findParticipant, listParticipants } from './participant.repository.js';
import type { CredentialRecord, ParticipantRecord, SiteRecord, SystemRecord } from './records.js';
import { participantNotFound, siteNotFound, systemNotFound } from './registry.errors.js';
import { findSite, listSites } from './site.repository.js';
import { findSystem, listSystems } from './system.repository.js';
import { participantStates, siteKinds, siteModes, systemKinds, systemStates } from './vocabulary.js';

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

const cursorTtlSeconds = 3_600;
const credentialsMax = 500;
const without = ['asOf', 'knownAt', 'maxAgeSeconds'] as const;
const oneOf = ['eq', 'in'] as const;

const siteList: ListQuerySpec = {
  fields: {
    code: { type: 'text', ops: oneOf },
    kind: { type: 'enum', ops: oneOf, values: siteKinds },
    mode: { type: 'enum', ops: oneOf, values: siteModes },
  },
  select: [],
  without,
};

const systemList: ListQuerySpec = {
  fields: {
    code: { type: 'text', ops: oneOf },
    kind: { type: 'enum', ops: oneOf, values: systemKinds },
    state: { type: 'enum', ops: oneOf, values: systemStates },
  },
  extra: ['site'],
  select: [],
  without,
};

const participantList: ListQuerySpec = {
  fields: {
    name: { type: 'text', ops: oneOf },
    state: { type: 'enum', ops: oneOf, values: participantStates },
    systemCode: { type: 'text', ops: oneOf },
  },
  select: [],
  without,
};

/** Reads of the registry. Every participant may see sites and systems: who decides what is no secret. */
@Injectable()
export class RegistryReader {
  constructor(private readonly database: Database, private readonly cursors: CursorSigner) {}

  /** @throws AppError notFound `site.not-found` */
  async site(code: string): Promise<SiteRecord> {
    const site = await findSite(this.database, code);
    if (!site) throw siteNotFound(code);
    return site;
  }

  /** @throws AppError notFound `system.not-found` */
  async system(code: string): Promise<SystemRecord> {
    const system = await findSystem(this.database, code);
    if (!system) throw systemNotFound(code);
    return system;
  }

  /** @throws AppError notFound `participant.not-found` */
  async participant(context: RequestContext, id: string): Promise<ParticipantRecord> {
    const participant = isUuid(id) ? await findParticipant(context.tx ?? this.database, id) : undefined;
    if (!participant) throw participantNotFound();
    return participant;
  }

  /** Without secrets, revoked ones included, in order of issue. @throws AppError notFound */
  async credentials(context: RequestContext, participantId: string): Promise<CredentialRecord[]> {
    const { id } = await this.participant(context, participantId);
    return credentialsOf(context.tx ?? this.database, id, credentialsMax);
  }

  /** @param rawQuery the text behind `?` @throws AppError malformed `query.invalid`, `cursor.invalid` */
  sites(context: RequestContext, rawQuery: string): Promise<Page<SiteRecord>> {
    const query = parseListQuery(rawQuery, siteList);
    return this.page(context, 'sites', query, (site) => site.code, (after, limit) => listSites(this.database, {
      codes: filterValuesOf(query.filters, 'code'), kinds: filterValuesOf(query.filters, 'kind'), modes: filterValuesOf(query.filters, 'mode'),
      afterCode: after, limit,
    }));
  }

  systems(context: RequestContext, rawQuery: string): Promise<Page<SystemRecord>> {
    const query = parseListQuery(rawQuery, systemList);
    return this.page(context, 'systems', query, (system) => system.code, (after, limit) => listSystems(this.database, {
      codes: filterValuesOf(query.filters, 'code'), kinds: filterValuesOf(query.filters, 'kind'), states: filterValuesOf(query.filters, 'state'),
      site: query.extra['site'], afterCode: after, limit,
    }));
  }

  participants(context: RequestContext, rawQuery: string): Promise<Page<ParticipantRecord>> {
    const query = parseListQuery(rawQuery, participantList);
    return this.page(context, 'participants', query, (participant) => participant.id, (after, limit) => listParticipants(this.database, {
      names: filterValuesOf(query.filters, 'name'), states: filterValuesOf(query.filters, 'state'), systemCodes: filterValuesOf(query.filters, 'systemCode'),
      afterId: after, limit,
    }));
  }

  private async page<T>(
    context: RequestContext, kind: string, query: ListQuery, keyOf: (record: T) => string,
    read: (after: string | undefined, limit: number) => Promise<T[]>,
  ): Promise<Page<T>> {
    const scope = listScope(context.actor.participantId, query);
    const after = query.cursor === undefined ? undefined : String(this.cursors.verify(kind, scope, query.cursor));
    const rows = await read(after, query.limit + 1);
    const data = rows.slice(0, query.limit);
    const last = data.at(-1);
    const nextCursor = rows.length > query.limit && last ? this.cursors.sign(kind, scope, keyOf(last), cursorTtlSeconds) : null;
    return { data, nextCursor };
  }
}
