import { Injectable } from '@nestjs/common';
import {
  AppError, appendToLedger, Clock, conflict, Database, invalid, notFound, satisfies, uuidv7,
  type LedgerEntry, type RequestContext, type TxContext,
} from '@datum/platform';
import { OwnershipService } from '@datum/ownership';
import { mergeAt, type MergedChange, type PastChange } from './backdated.js';
import { checkRequired, checkValues, merge, takeIn, type IntakeChange } from './change-intake.js';
import type { Candidate, ChangeResult, LocalKeyInput, RecordChange } from './change.js';
import { applyHalving, hasEffect, refuseSuccessors, toResult, type Outcome } from './change-outcome.js';
import { PolicyGuards, type ChangePurpose } from './guard.js';
import { changesOf } from './history.repository.js';
import { localKeyRecord } from './local-key.record.js';
import { idOf, keyText, keyValues } from './natural-key.js';
import { authorityOf, siteOf, type Authority } from './ownership-check.js';
import { RecordCache } from './record-cache.js';
import { RecordCatalogue } from './record-catalogue.js';
import { eventTypeOf, groupOf, type AnyRecord } from './record-definition.js';
import { resolveReferences } from './reference-lookup.js';
import { toRow, toWire, type ProvenanceByGroup, type WireRecord } from './record-rows.js';
import { idsByKeys, insertRows, lockByIds, updateRows } from './record.repository.js';
import { WriteObserver } from './write-observer.js';

/** Rows per transaction of an import (docs/adr): longer transactions would hold the ledger's ticks back. */
export const batchRowsMax = 500;

interface Work {
  definition: AnyRecord;
  states: Map<string, { record: WireRecord; provenance: ProvenanceByGroup; isNew: boolean }>;
  byKey: Map<string, string>;
  /** The changes so far of records to which the batch brings a change with a date of its own, by id. */
  pasts: Map<string, PastChange[]>;
  /** Undefined for consequences: who may was asked of the change they follow from. */
  authority: Authority | undefined;
  /** Business time of the whole batch: its changes are made together. */
  now: string;
}

/** Why a change is looked at, and who may make it; for a consequence that was asked before. */
interface Terms {
  purpose: ChangePurpose;
  authority?: Authority;
  /** Whether these changes were tried once and found their record made by somebody else meanwhile. */
  isRetry?: boolean;
}

interface Checked { work: Work; candidates: Candidate[] }

/** The local keys that come along with changes, with the change each belongs to. */
interface CheckedKeys extends Checked { owners: Candidate[] }

/**
 * The one way to change a governed record, for every channel: shape, ownership per attribute group, guards, then record and ledger row together.
 * A batch is checked change by change and written in three statements; a single change is a batch of one.
 */
@Injectable()
export class RecordWriter {
  constructor(
    private readonly database: Database,
    private readonly ownership: OwnershipService,
    private readonly catalogue: RecordCatalogue,
    private readonly guards: PolicyGuards,
    private readonly cache: RecordCache,
    private readonly clock: Clock,
    private readonly observer: WriteObserver,
  ) {}

  /** Applies one change. @throws AppError: the refusal, with the value unchanged. */
  async applyOne(context: RequestContext, definition: AnyRecord, change: RecordChange): Promise<Exclude<ChangeResult, { status: 'refused' }>> {
    return this.database.transaction(context, async (tx) => {
      const [result] = await this.apply(tx, definition, [change]);
      if (result!.status === 'refused') throw result!.error;
      return result!;
    });
  }

  /** Applies up to 500 changes in one transaction; each is accepted or refused for itself. */
  async applyBatch(context: RequestContext, definition: AnyRecord, changes: readonly RecordChange[]): Promise<ChangeResult[]> {
    return this.database.transaction(context, (tx) => this.applyEach(tx, definition, changes));
  }

  /** `applyBatch` inside the caller's transaction: what only the store notices refuses its change alone, too. */
  async applyEach(context: TxContext, definition: AnyRecord, changes: readonly RecordChange[]): Promise<ChangeResult[]> {
    const terms = this.termsOf(context);
    return this.observed(context, changes, () => applyHalving(context, changes, (part) => this.run(context, definition, part, terms)));
  }

  /** Applies changes inside the caller's transaction. Later changes of a batch see the effect of earlier ones. @throws AppError what only the store notices */
  async apply(context: TxContext, definition: AnyRecord, changes: readonly RecordChange[]): Promise<ChangeResult[]> {
    return this.observed(context, changes, () => this.run(context, definition, changes, this.termsOf(context)));
  }

  /**
   * Applies what follows from a change whose ownership was decided already: a movement moves the balance, an approval puts the approved value in place.
   * Ownership is not asked again; shape, guards and the ledger are the same. Only for changes that this process derives, never for a request's own.
   */
  async applyConsequence(context: TxContext, definition: AnyRecord, changes: readonly RecordChange[]): Promise<ChangeResult[]> {
    return this.observed(context, changes, () => this.run(context, definition, changes, { purpose: 'consequence' }));
  }

  /**
   * What `apply` would do with one change now, without doing it: the candidate says what would differ, what ownership answers, and in `error` why it
   * would be refused. Inside a transaction the record stays locked until its end.
   */
  async preview(context: RequestContext, definition: AnyRecord, change: RecordChange): Promise<Candidate> {
    const terms: Terms = { purpose: 'preview', authority: authorityOf(this.ownership, context.actor) };
    return this.database.transaction(context, async (tx) => (await this.check(tx, definition, [change], terms)).candidates[0]!);
  }

  private termsOf({ actor }: RequestContext): Terms {
    return { purpose: 'write', authority: authorityOf(this.ownership, actor) };
  }

  private async observed(context: TxContext, changes: readonly RecordChange[], apply: () => Promise<Outcome>): Promise<ChangeResult[]> {
    if (changes.length > batchRowsMax) throw invalid(`At most ${batchRowsMax} changes at once.`, [], 'batch.too-large');
    const { results, seen } = await apply();
    this.observer.count(context, seen);
    return results;
  }

  /** Checks and writes. Where somebody else made the record meanwhile, the changes that do not insist on making it are tried once more: it is there now. */
  private async run(context: TxContext, definition: AnyRecord, changes: readonly RecordChange[], terms: Terms): Promise<Outcome> {
    const { work, candidates } = await this.check(context, definition, changes, terms);
    const keys = await this.checkLocalKeys(context, definition, candidates);
    const lost = await this.write(context, { work, candidates }, keys);
    const results = candidates.map(toResult);
    const isLate = ({ after, change }: Candidate): boolean => !terms.isRetry && change.op !== 'create' && lost.has(after.id);
    const late = candidates.filter(isLate);
    const seen = [...candidates.filter((candidate) => !isLate(candidate)), ...keys.flatMap((batch) => batch.candidates)];
    if (late.length === 0) return { results, seen };
    const again = await this.run(context, definition, late.map(({ change }) => change), { ...terms, isRetry: true });
    late.forEach(({ index }, i) => { results[index] = again.results[i]!; });
    return { results, seen: [...seen, ...again.seen] };
  }

  private async check(context: TxContext, definition: AnyRecord, changes: readonly RecordChange[], { purpose, authority }: Terms): Promise<Checked> {
    const intakes = changes.map((change) => takeIn(definition, change));
    await resolveReferences(context.tx, this.catalogue, definition, intakes);
    for (const intake of intakes) checkValues(definition, intake);
    const work = await this.loadStates(context, definition, intakes, authority);
    const candidates = intakes.map((intake, index) => this.toCandidate(work, intake, index));
    for (const candidate of candidates) {
      if (candidate.error || Object.keys(candidate.changed).length === 0) continue;
      authority?.decide(candidate);
    }
    await this.guards.run(context, candidates.filter((candidate) => !candidate.error && hasEffect(candidate)), purpose);
    return { work, candidates };
  }

  private async loadStates(context: TxContext, definition: AnyRecord, intakes: IntakeChange[], authority?: Authority): Promise<Work> {
    const byKey = new Map<string, string>();
    const keyed = intakes.filter(({ change }) => !change.id).map((intake) => keyValues(definition, intake)).filter((key) => key !== undefined);
    for (const row of await idsByKeys(context.tx, definition, keyed)) byKey.set(keyText(definition, row), row.id);
    const ids = new Set([...byKey.values(), ...intakes.flatMap(({ change }) => change.id ?? [])]);
    const rows = await lockByIds(context.tx, definition, [...ids]);
    const states: Work['states'] = new Map(rows.map((row) => [row.id, { record: toWire(definition, row), provenance: row.provenance, isNew: false }]));
    const dated = intakes.filter(({ change }) => change.validFrom !== undefined).flatMap((intake) => idOf(definition, intake, byKey) ?? []);
    const pasts = await changesOf(context.tx, [...new Set(dated)].filter((id) => states.has(id)));
    return { definition, states, byKey, pasts, authority, now: this.clock.now() };
  }

  private toCandidate(work: Work, intake: IntakeChange, index: number): Candidate {
    const { definition, now } = work;
    const { change } = intake;
    const key = change.id ? undefined : keyValues(definition, intake);
    const id = idOf(definition, intake, work.byKey);
    const state = id ? work.states.get(id) : undefined;
    const candidate: Candidate = {
      index, definition, change, before: undefined, after: {} as WireRecord, changed: {}, superseded: new Set(), provenance: {}, verdicts: new Map(),
      validFrom: change.validFrom ?? latest(now, state?.record.updatedAt), problems: intake.problems,
    };
    // Before anything is said about the record: a conflict or a stale version would show what the caller may not see.
    candidate.error = work.authority?.siteProblem(definition, state?.record, intake.attributes) ?? this.admissionError(definition, change, state?.record, now);
    if (candidate.error) return candidate;
    const { after, changed, superseded } = mergeIn(work, intake, state?.record);
    if (!state) checkRequired(definition, after, intake.problems);
    else checkFixed(definition, changed, intake.problems);
    if (intake.problems.length > 0) {
      candidate.error = invalid(`The ${definition.type} has ${intake.problems.length} problem(s).`, intake.problems, `${definition.type}.invalid`);
      return candidate;
    }
    const version = (state?.record.version ?? 0) + 1;
    candidate.before = state?.record;
    candidate.provenance = state?.provenance ?? {};
    candidate.changed = changed;
    candidate.superseded = superseded;
    candidate.after = { id: id ?? uuidv7(), ...after, version, createdAt: state?.record.createdAt ?? now, updatedAt: latest(now, candidate.validFrom, state?.record.updatedAt) };
    if (hasEffect(candidate)) this.advance(work, candidate, key);
    return candidate;
  }

  /** Lets later changes of the same batch see this one. A change that a guard refuses afterwards takes its successors with it (see `write`). */
  private advance(work: Work, candidate: Candidate, key: Record<string, unknown> | undefined): void {
    const { definition, after } = candidate;
    work.states.set(after.id, { record: after, provenance: candidate.provenance, isNew: !candidate.before });
    if (!candidate.before) work.pasts.set(after.id, []);
    work.pasts.get(after.id)?.push({ validFrom: candidate.validFrom, changes: candidate.changed });
    if (key) work.byKey.set(keyText(definition, key), after.id);
    else if (!candidate.before) work.byKey.set(keyText(definition, after), after.id);
  }

  private admissionError(definition: AnyRecord, change: RecordChange, current: WireRecord | undefined, now: string): AppError | undefined {
    if (change.op === 'create' && current) return conflict(`${definition.type}.exists`, `There is a ${definition.type} with this key already.`, { id: current.id });
    if (change.op === 'update' && !current) return notFound(`${definition.type}.not-found`, `There is no such ${definition.type}.`);
    if (current && definition.appendOnly) return conflict(`${definition.type}.immutable`, `A ${definition.type} is never changed once it is written.`);
    if (current && change.ifMatch && !satisfies(change.ifMatch, current.version)) {
      return new AppError('stale', 'precondition.stale', `The ${definition.type} has moved on to version ${current.version}.`, {
        details: { current }, headers: { ETag: `"v${current.version}"` },
      });
    }
    if (change.validFrom !== undefined && Date.parse(change.validFrom) > Date.parse(now) + 1_000) {
      return invalid('A change cannot hold from a time to come.', [{ pointer: '#/validFrom', code: 'valid-from.future', detail: `It is ${now} in business time.` }]);
    }
    return current && takenProblem(current, change);
  }

  /** Writes what stands. Returns the ids of new records that were not made, because their key was taken meanwhile. */
  private async write(context: TxContext, { work: { definition }, candidates }: Checked, keys: readonly CheckedKeys[] = []): Promise<Set<string>> {
    refuseSuccessors(candidates);
    const effective = candidates.filter((candidate) => !candidate.error && hasEffect(candidate));
    const settled = new Map<string, ProvenanceByGroup>();
    for (const candidate of effective) this.settle(context, candidate, settled);
    const lost = await this.writeRows(context, definition, effective);
    for (const candidate of candidates) {
      if (lost.has(candidate.after.id)) candidate.error ??= conflict(`${definition.type}.exists`, `There is a ${definition.type} with this key already.`);
    }
    const applied = effective.filter((candidate) => !candidate.error);
    await appendToLedger(context, applied.map((candidate) => this.toLedgerEntry(candidate)));
    for (const batch of keys) await this.writeLocalKeys(context, batch);
    await this.guards.runConsequences(context, applied);
    context.tx.afterCommit(() => this.cache.evict(definition.type, applied.map((candidate) => candidate.after.id)));
    return lost;
  }

  /** Provenance of every group whose present values changed; observed groups say that their writer is not the owner. */
  private settle(context: TxContext, candidate: Candidate, settled: Map<string, ProvenanceByGroup>): void {
    const { definition, after, changed, change, superseded, validFrom } = candidate;
    const provenance: ProvenanceByGroup = { ...(settled.get(after.id) ?? candidate.provenance) };
    const present = Object.keys(changed).filter((name) => !superseded.has(name));
    for (const group of new Set(present.map((name) => groupOf(definition, after, name)))) {
      const verdict = candidate.verdicts.get(group);
      provenance[group] = {
        system: context.actor.systemCode,
        at: validFrom,
        ruleId: verdict?.rule?.id,
        ruleVersion: verdict?.rule?.version,
        event: change.source?.event,
        mapping: change.source?.mapping,
        unowned: verdict?.verdict === 'observe' ? verdict.mode : undefined,
      };
    }
    candidate.provenance = provenance;
    settled.set(after.id, provenance);
  }

  private async writeRows(context: TxContext, definition: AnyRecord, effective: Candidate[]): Promise<Set<string>> {
    const last = new Map(effective.map((candidate) => [candidate.after.id, candidate]));
    const created = new Set(effective.filter((candidate) => !candidate.before).map((candidate) => candidate.after.id));
    const rows = [...last.values()].map((candidate) => toRow(definition, candidate.after, candidate.provenance));
    const fresh = rows.filter((row) => created.has(row.id as string));
    const inserted = await insertRows(context.tx, definition, fresh);
    await updateRows(context.tx, definition, rows.filter((row) => !created.has(row.id as string)));
    return new Set(fresh.map((row) => row.id as string).filter((id) => !inserted.has(id)));
  }

  private toLedgerEntry(candidate: Candidate): LedgerEntry {
    const { definition, before, after, changed, verdicts, findings } = candidate;
    const groups = Object.fromEntries([...verdicts].map(([group, { verdict, rule }]) => [group, { verdict, ruleId: rule?.id, ruleVersion: rule?.version }]));
    const verdict = [...verdicts.values()].some((each) => each.verdict === 'observe') ? 'observe' : 'accept';
    return {
      recordType: definition.type,
      recordId: after.id,
      version: after.version,
      site: siteOf(definition, after),
      eventType: eventTypeOf(definition, before ? 'updated' : 'created'),
      op: before ? 'update' : 'create',
      validFrom: candidate.validFrom,
      after,
      changes: changed,
      provenance: candidate.provenance,
      decision: { verdict, groups, ...(findings ? { policies: findings } : {}) },
    };
  }

  /** Before anything is written: a change whose local key is refused is refused with it. A system's code never comes to mean another record this way. */
  private async checkLocalKeys(context: TxContext, definition: AnyRecord, candidates: readonly Candidate[]): Promise<CheckedKeys[]> {
    const wishes = candidates.filter(({ error }) => !error).flatMap((owner) => (owner.change.localKeys ?? []).map((key) => ({ owner, key })));
    const batches: CheckedKeys[] = [];
    for (let from = 0; from < wishes.length; from += batchRowsMax) {
      const slice = wishes.slice(from, from + batchRowsMax);
      const changes = slice.map(({ owner, key }) => localKeyChange(definition, owner.after.id, key));
      const checked = await this.check(context, localKeyRecord, changes, this.termsOf(context));
      checked.candidates.forEach(({ error }, i) => { slice[i]!.owner.error ??= error; });
      batches.push({ ...checked, owners: slice.map(({ owner }) => owner) });
    }
    return batches;
  }

  /** @throws AppError when a code was given to another record since it was checked */
  private async writeLocalKeys(context: TxContext, { work, candidates, owners }: CheckedKeys): Promise<void> {
    candidates.forEach((candidate, i) => { candidate.error ??= owners[i]!.error; });
    await this.write(context, { work, candidates });
    const late = candidates.find((candidate, i) => candidate.error && !owners[i]!.error);
    if (late) throw late.error!;
  }
}

/**
 * The latest of instants. Business time may be set back; a change without a date of its own still holds from no earlier than what it changes, or the
 * history would tell another present than the record. `updatedAt` is never before the latest of its changes.
 */
function latest(first: string, ...others: (string | undefined)[]): string {
  return others.reduce<string>((a, b) => (b !== undefined && Date.parse(b) > Date.parse(a) ? b : a), first);
}

function mergeIn({ definition, pasts }: Work, { change, attributes }: IntakeChange, current: WireRecord | undefined): MergedChange {
  const past = current && pasts.get(current.id);
  if (past && change.validFrom !== undefined) return mergeAt(definition, current, attributes, { past, validFrom: change.validFrom });
  return { ...merge(definition, current, attributes), superseded: new Set() };
}

function localKeyChange(definition: AnyRecord, recordId: string, key: LocalKeyInput): RecordChange {
  const attributes = { recordType: definition.type, recordId, system: key.system, code: key.code, site: key.site ?? null, status: 'active' };
  return { op: 'upsert', attributes, isAlong: true };
}

/** A code in use stays with its record; giving it to another is a change of the local key itself. */
function takenProblem(current: WireRecord, { isAlong, attributes }: RecordChange): AppError | undefined {
  if (!isAlong || current.status !== 'active' || current.recordId === attributes.recordId) return undefined;
  return conflict('local-key.taken', `${String(current.system)} uses the code ${String(current.code)} for another ${String(current.recordType)} already.`);
}

function checkFixed(definition: AnyRecord, changed: Record<string, unknown>, problems: { pointer: string; code: string; detail: string }[]): void {
  for (const name of Object.keys(changed)) {
    if (definition.attributes[name]!.fixed) problems.push({ pointer: `#/${name}`, code: 'field.fixed', detail: 'Given once, on create.' });
  }
}
