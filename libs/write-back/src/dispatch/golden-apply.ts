import { Injectable } from '@nestjs/common';
import { AppError, Database, newContext, type TxContext } from '@datum/platform';
import { RecordWriter, type AnyRecord, type ChangeResult, type OperationError, type RecordChange } from '@datum/governed';
import { confirmedPatch, type ErpForm } from '../erp-values.js';
import { clearRefusals, noteApplied } from '../inbound/inbound.repository.js';
import { ownerActor } from '../owner.js';
import { FenceLost, WriteRequestJournal } from '../write-request.journal.js';
import type { Values, WriteRequest } from '../write-request.js';
import type { CheckpointName } from '../write-back.settings.js';
import * as answers from './dispatch-answers.js';
import { workerContext } from './worker-context.js';
import { lockHeld } from './held-request.js';

/** What the owner holds, as it was read back. */
export interface OwnersWord {
  values: Values;
  /** Absent when the gateway itself is where the value is decided. */
  form?: ErpForm;
  key?: string;
  /** Set when the owner holds something else than what was asked for. */
  differs?: OperationError | undefined;
  checkpoint: (name: CheckpointName) => Promise<void>;
}

const attemptsMax = 5;

/** Takes the owner's confirmed values over: golden record, write request, operation and ledger change in one transaction, or not at all. */
@Injectable()
export class GoldenApply {
  constructor(private readonly database: Database, private readonly records: RecordWriter, private readonly journal: WriteRequestJournal) {}

  /** @throws FenceLost */
  async confirm(request: WriteRequest, definition: AnyRecord, word: OwnersWord): Promise<void> {
    await word.checkpoint('applying');
    try {
      await this.applied(request, definition, word);
    } catch (error) {
      // A local key that the record could not take; everything else it might be is not a refusal.
      if (!(error instanceof AppError) || error instanceof FenceLost || error.kind === 'unavailable' || error.kind === 'bug' || isCollision(error)) throw error;
      await this.database.transaction(workerContext(request), (tx) => this.refused(tx, request, error, word));
    }
    await word.checkpoint('confirmed');
  }

  /** Two transactions that met, which the database settled by ending one, say nothing about the values: it is tried again. */
  private async applied(request: WriteRequest, definition: AnyRecord, word: OwnersWord): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.database.transaction(workerContext(request), (tx) => this.apply(tx, request, definition, word));
      } catch (error) {
        if (!isCollision(error) || attempt >= attemptsMax) throw error;
      }
    }
  }

  private async apply(tx: TxContext, request: WriteRequest, definition: AnyRecord, word: OwnersWord): Promise<void> {
    const held = await lockHeld(tx, request);
    // In the order of the pulls: first what was seen of the ERP, then the record. Only the touched attributes are taken over, so no version counts as seen.
    if (word.key !== undefined) await noteApplied(tx.tx, { system: request.targetSystem, recordType: request.recordType, key: word.key, token: null });
    const owner = newContext(ownerActor(request.targetSystem), word.form ? 'erp' : 'gateway', { correlationId: request.correlationId });
    const [result] = await this.records.apply({ ...owner, tx: tx.tx }, definition, [changeOf(request, definition, word)]) as [ChangeResult];
    await word.checkpoint('applied');
    if (result.status === 'refused') return this.refused(tx, held, result.error, word);
    const { record } = result;
    // A pull may have met it on its way.
    if (request.op === 'create' && word.key !== undefined) await clearRefusals(tx.tx, request.targetSystem, request.recordType, [word.key]);
    await this.journal.step(tx, held, request.fence, {
      state: word.differs ? 'needs-review' : 'confirmed', answer: word.differs ?? null, guards: request.guards, valuesWritten: word.values,
      recordId: record.id, recordVersion: record.version, ...(word.key === undefined ? {} : { localKey: word.key }),
    });
  }

  private async refused(tx: TxContext, request: WriteRequest, error: AppError, word: OwnersWord): Promise<void> {
    await this.journal.step(tx, request, request.fence, { state: 'needs-review', answer: answers.goldenRefused(request, error.message), valuesWritten: word.values });
  }
}

const isCollision = (error: unknown): boolean => error instanceof AppError && error.code === 'database.conflict';

function changeOf(request: WriteRequest, definition: AnyRecord, { values, form, key }: OwnersWord): RecordChange {
  const source = { event: request.id };
  const attributes = form ? confirmedPatch(form, request.patch, values) : values;
  if (request.op === 'update') return { op: 'update', id: request.recordId!, attributes, source };
  // A pull may have brought the new record in already.
  const localKeys = key === undefined ? [] : [{ system: request.targetSystem, code: key }];
  // Key and life cycle are the requester's word; of everything else the owner's counts, as it was read back.
  const ours = [...definition.key, definition.lifecycle?.attribute].filter((name) => name !== undefined && Object.hasOwn(request.patch, name));
  return { op: 'upsert', attributes: { ...Object.fromEntries(ours.map((name) => [name, request.patch[name!]])), ...attributes }, localKeys, source };
}
