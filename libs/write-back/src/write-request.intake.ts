import { Injectable } from '@nestjs/common';
import { AppError, conflict, invalid, uuidv7, type RequestContext, type TxContext } from '@datum/platform';
import {
  idsByLocalKeys, RecordCatalogue, RecordReader, RecordWriter, type AnyRecord, type Candidate, type RecordChange, type WriteRequestIntent,
} from '@datum/governed';
import { approvalsOf, ownerActor, ownersOfCandidate } from './owner.js';
import { severalOwners } from './write-request.errors.js';
import type { NewWriteRequest } from './write-request.journal.js';
import { lockLane } from './write-request.repository.js';
import type { Values } from './write-request.js';

/** What somebody wishes of a record that another system decides. */
export interface WriteRequestWish {
  op: 'create' | 'update';
  recordType: string;
  /** The record, by id, by its natural key, or by the code a system uses for it. */
  target: { id: string } | { key: Record<string, unknown> } | { system: string; code: string; site?: string | null } | undefined;
  ifMatch: WriteRequestIntent['ifMatch'];
  patch: Values;
  /** For a create: the code that the record shall get in the owner's system. */
  localKey?: string;
  reason?: string;
}

/** Checks a wish before it becomes a write request: shape, version, who decides, guards, who has to agree. Writes nothing. */
@Injectable()
export class WriteRequestIntake {
  constructor(
    private readonly catalogue: RecordCatalogue,
    private readonly records: RecordWriter,
    private readonly reader: RecordReader,
  ) {}

  /** @throws AppError: why it cannot become a write request */
  async take(context: TxContext, wish: WriteRequestWish): Promise<NewWriteRequest> {
    const definition = this.catalogue.get(wish.recordType);
    const recordId = wish.op === 'update' ? await this.recordIdOf(context, definition, wish) : undefined;
    const change: RecordChange = wish.op === 'create'
      ? { op: 'create', attributes: wish.patch }
      : { op: 'update', id: recordId!, attributes: wish.patch, ...(wish.ifMatch ? { ifMatch: wish.ifMatch } : {}) };
    const asked = await this.records.preview(context, definition, change);
    if (asked.error && asked.error.kind !== 'ownership') throw asked.error;
    this.checkVisible(context, definition, wish, asked);
    const targetSystem = ownerOf(asked);
    const owned = await this.records.preview({ ...context, actor: ownerActor(targetSystem), requester: context.actor }, definition, change);
    if (owned.error) throw owned.error;
    const lane = `${targetSystem}/${definition.type}/${recordId ?? JSON.stringify(definition.key.map((name) => asked.after[name] ?? null))}`;
    if (wish.op === 'create') await lockLane(context.tx, lane);
    return {
      id: uuidv7(), op: wish.op, recordType: definition.type, recordId: recordId ?? null, localKey: wish.localKey ?? null,
      site: definition.site ? ((asked.after[definition.site] as string | null) ?? null) : null,
      targetSystem, lane, patch: canonicalPatch(definition, wish.patch, asked), seen: seenBy(wish.patch, asked),
      seenVersion: asked.before?.version ?? null, reason: wish.reason ?? null, requestedBy: context.actor.participantId,
      requestedClient: context.actor.clientId, requestedSystem: context.actor.systemCode, ...approvalsOf([...asked.verdicts.values()], owned),
      guards: [{ at: asked.validFrom, when: 'acceptance', passed: true }], correlationId: context.correlationId,
    };
  }

  private async recordIdOf(context: TxContext, definition: AnyRecord, { target }: WriteRequestWish): Promise<string> {
    if (!target) throw targetProblem('#/target', 'An update names its record by id or key.');
    if ('id' in target) return target.id;
    const ids = 'system' in target
      ? (await idsByLocalKeys(context.tx, definition.type, [{ system: target.system, code: target.code, site: target.site ?? null }]))[0]!
      : [await this.reader.idByKey(context, definition, target.key)].filter((id) => id !== undefined);
    if (ids.length === 1) return ids[0]!;
    if (ids.length === 0) throw new AppError('notFound', `${definition.type}.not-found`, `There is no such ${definition.type}.`);
    throw targetProblem('#/target/key', 'The code means several records; say which site.');
  }

  /** What the requester may not see does not exist for it, and cannot be wished for. */
  private checkVisible({ actor }: RequestContext, definition: AnyRecord, { op }: WriteRequestWish, { after }: Candidate): void {
    const site = definition.site ? (after[definition.site] as string | null) : null;
    if (!site || actor.sites === null || actor.sites.includes(site)) return;
    if (op === 'create') throw new AppError('forbidden', 'site.forbidden', `This credential is not for site ${site}.`, { details: { site } });
    throw new AppError('notFound', `${definition.type}.not-found`, `There is no such ${definition.type}.`);
  }
}

/** The touched attributes as the requester saw them. */
const seenBy = (patch: Values, { before }: Candidate): Values =>
  (before ? Object.fromEntries(Object.keys(patch).map((name) => [name, before[name] ?? null])) : {});

function ownerOf(asked: Candidate): string {
  if (asked.before && Object.keys(asked.changed).length === 0) throw conflict('write-request.no-change', 'The record holds these values already.');
  const { systems, ownGroups, orphans } = ownersOfCandidate(asked);
  if (orphans.length > 0) throw conflict('write-request.no-owner', `Nobody was given the ${orphans.join(', ')} of ${asked.definition.domain} records.`);
  if (systems.length === 0) return ownSystemOf(asked);
  if (systems.length > 1 || ownGroups.length > 0) throw severalOwners(systems, ownGroups);
  return systems[0]!;
}

/** An owner asks for its own values only when a policy wants another person to agree: written directly, the change would be refused. */
function ownSystemOf({ approvals, verdicts }: Candidate): string {
  if (!approvals || approvals.length === 0) throw conflict('write-request.not-needed', 'Your own system decides these values: write them directly.');
  const owners = [...new Set([...verdicts.values()].map((verdict) => verdict.owners[0]!))];
  if (owners.length > 1) throw severalOwners(owners, []);
  return owners[0]!;
}

/** References resolved and decimals in normal form; texts and maps stay merge patches. */
function canonicalPatch(definition: AnyRecord, patch: Values, { after }: Candidate): Values {
  return Object.fromEntries(Object.entries(patch).map(([name, value]) => {
    const { kind } = definition.attributes[name]!;
    return [name, kind === 'localized' || kind === 'map' ? value : (after[name] ?? null)];
  }));
}

const targetProblem = (pointer: string, detail: string): AppError => invalid(detail, [{ pointer, code: 'write-request.target', detail }], 'write-request.invalid');

