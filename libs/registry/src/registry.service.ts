import { Injectable } from '@nestjs/common';
import { canonicalJson, Database, uuidv7, type RequestContext, type TxContext } from '@datum/platform';
import { mergePatch } from './merge-patch.js';
import { ParticipantService, type AddedParticipant, type ParticipantInput } from './participant.service.js';
import type { SiteInput, SiteRecord, SystemInput, SystemRecord } from './records.js';
import { siteProblems, systemProblems } from './registry.checks.js';
import { registryInvalid, systemNotFound } from './registry.errors.js';
import { RegistryDirectory } from './registry.directory.js';
import { checkPrecondition, RegistryWriter, type Precondition } from './registry.writer.js';
import { findSite, listSites, saveSite } from './site.repository.js';
import { findSystem, noteSystemSeen, saveSystem } from './system.repository.js';

export interface PutResult<T> {
  record: T;
  created: boolean;
}

/** Sites and systems: which exist, and what they are. Usable without HTTP, for seeds. */
@Injectable()
export class RegistryService {
  constructor(
    private readonly database: Database,
    private readonly writer: RegistryWriter,
    private readonly directory: RegistryDirectory,
    private readonly participants: ParticipantService,
  ) {}

  /**
   * Creates the site, or makes it what the input says. The same content again changes nothing.
   * @param precondition for requests; left out by seeds
   * @throws AppError invalid `registry.invalid`, 412, 428
   */
  putSite(context: RequestContext, input: SiteInput, precondition?: Precondition): Promise<PutResult<SiteRecord>> {
    return this.writer.write(context, async (tx) => {
      const before = await findSite(tx.tx, input.code, 'FOR UPDATE');
      checkPrecondition(precondition, before?.version);
      const site = { gln: null, ...defined(input) } as Required<SiteInput>;
      refuse(siteProblems(site));
      if (before && isSame(site, before)) return { record: before, created: false };
      const record = await saveSite(tx.tx, { ...site, id: before?.id ?? uuidv7(), version: (before?.version ?? 0) + 1 });
      const event = before ? 'updated' : 'created';
      await this.writer.record(tx, { recordType: 'site', event, site: record.code, before: before && siteImage(before), after: siteImage(record) });
      return { record, created: !before };
    });
  }

  /** As `putSite`, for a system. What the input leaves out takes its default. */
  putSystem(context: RequestContext, input: SystemInput, precondition?: Precondition): Promise<PutResult<SystemRecord>> {
    return this.writer.write(context, async (tx) => {
      const before = await findSystem(tx.tx, input.code, 'FOR UPDATE');
      checkPrecondition(precondition, before?.version);
      return this.saveSystem(tx, before, withDefaults(input));
    });
  }

  /**
   * Merge patch [RFC 7396] of a system.
   * @throws AppError notFound, invalid, 412, 428
   */
  patchSystem(context: RequestContext, code: string, patch: object, precondition: Precondition): Promise<SystemRecord> {
    return this.writer.write(context, async (tx) => {
      const before = await findSystem(tx.tx, code, 'FOR UPDATE');
      if (!before) throw systemNotFound(code);
      checkPrecondition(precondition, before.version);
      const patched = withDefaults({ ...mergePatch(before, patch) as SystemRecord, code });
      return (await this.saveSystem(tx, before, patched)).record;
    });
  }

  /** Notes a sign of life. @param at business time, RFC 3339 UTC */
  async systemSeen(context: RequestContext, code: string, at: string): Promise<void> {
    await noteSystemSeen(context.tx ?? this.database, code, at);
    this.directory.noteSeen(code, at);
  }

  /** A participant with its first credential, whose secret is in the answer and nowhere else. See `ParticipantService`. */
  addParticipant(context: RequestContext, input: ParticipantInput): Promise<AddedParticipant> {
    return this.participants.addParticipant(context, input);
  }

  private async saveSystem(tx: TxContext, before: SystemRecord | undefined, system: Required<SystemInput>): Promise<PutResult<SystemRecord>> {
    const sites = await listSites(tx.tx, { codes: system.siteCodes, limit: system.siteCodes.length });
    const known = new Set(sites.map(({ code }) => code));
    refuse(systemProblems(system, (code) => known.has(code)));
    if (before && isSame(system, before)) return { record: before, created: false };
    const record = await saveSystem(tx.tx, { ...system, id: before?.id ?? uuidv7(), version: (before?.version ?? 0) + 1 });
    const event = before ? 'updated' : 'created';
    await this.writer.record(tx, { recordType: 'system', event, before: before && systemImage(before), after: systemImage(record) });
    return { record, created: !before };
  }
}

/** The site as the ledger keeps it. */
export const siteImage = ({ id, version, ...site }: SiteRecord) => ({ id, version, ...pick(site, siteAttributes) });

/** The system as the ledger keeps it: without its signs of life, which are no change of it. */
export const systemImage = ({ id, version, ...system }: SystemRecord) => ({ id, version, ...pick(system, systemAttributes) });

const siteAttributes = ['code', 'name', 'gln', 'country', 'timeZone', 'currency', 'kind', 'mode'] as const;
const systemAttributes = [
  'code', 'name', 'kind', 'vendor', 'productVersion', 'siteCodes', 'capabilities', 'callBudget', 'freshness', 'state',
] as const;

function pick<T extends object, K extends keyof T>(source: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, source[name]])) as Pick<T, K>;
}

const defined = <T extends object>(input: T): Partial<T> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<T>;

function withDefaults(input: SystemInput): Required<SystemInput> {
  const defaults = {
    name: input.code, vendor: null, productVersion: null, siteCodes: [], capabilities: {}, callBudget: null, freshness: null,
    state: 'registered' as const,
  };
  return pick({ ...defaults, ...defined(input) } as Required<SystemInput>, systemAttributes);
}

/** Whether everything the input says is so already. */
const isSame = (input: object, record: object): boolean =>
  Object.entries(input).every(([name, value]) => canonicalJson(value) === canonicalJson((record as Record<string, unknown>)[name]));

function refuse(problems: Parameters<typeof registryInvalid>[0]): void {
  if (problems.length > 0) throw registryInvalid(problems);
}
