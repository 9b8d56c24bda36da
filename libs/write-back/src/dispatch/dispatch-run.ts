import { Inject, Injectable, Optional } from '@nestjs/common';
import { RecordCatalogue, type AnyRecord } from '@datum/governed';
import { ErpFailure, type ErpRecord } from '../erp-port.js';
import { ErpTargets } from '../erp-target.js';
import { agree, shownPatch, toErp, touchedValues, wishedValues } from '../erp-values.js';
import type { Values, WriteRequest } from '../write-request.js';
import { backoffMs, CHECKPOINT, WRITE_BACK_SETTINGS, type Checkpoint, type CheckpointName, type WriteBackSettings } from '../write-back.settings.js';
import * as answers from './dispatch-answers.js';
import { DispatchDecision } from './dispatch-decision.js';
import { ErpGate, type ErpOperation } from './erp-gate.js';
import { GoldenApply } from './golden-apply.js';
import { outlookOf, type Run } from './outlook.js';
import { RequestSteps } from './request-steps.js';

/** Marks, in place of a token, that a create was sent. */
const createSent = 'create';
const writesMax = 3;

/**
 * Brings one claimed request forward, in short transactions, none of which is open while the ERP is called. The steps are the same after a crash: what the
 * ERP holds is looked at before anything is sent, so a change whose answer was lost is found and not sent again.
 */
@Injectable()
export class DispatchRun {
  constructor(
    private readonly catalogue: RecordCatalogue,
    private readonly steps: RequestSteps,
    private readonly decision: DispatchDecision,
    private readonly targets: ErpTargets,
    private readonly gate: ErpGate,
    private readonly golden: GoldenApply,
    @Inject(WRITE_BACK_SETTINGS) private readonly settings: WriteBackSettings,
    @Optional() @Inject(CHECKPOINT) private readonly checkpoint?: Checkpoint,
  ) {}

  /** @throws FenceLost when somebody else has taken it over; whatever the database throws */
  async run(claimed: WriteRequest): Promise<void> {
    await this.at('claimed', claimed);
    const definition = this.catalogue.find(claimed.recordType);
    if (!definition) return this.steps.end(claimed, 'needs-review', answers.unsupported(claimed, `this worker does not know ${claimed.recordType} records.`));
    // What was sent already is found out before anything is decided anew.
    const decided = claimed.tokenSent === null ? await this.decision.decide(claimed, definition) : claimed;
    if (!decided) return;
    await this.at('decided', decided);
    const checkpoint = (name: CheckpointName) => this.at(name, decided);
    if (decided.targetSystem === 'GW') return this.golden.confirm(decided, definition, { values: decided.patch, checkpoint });
    const run = await this.prepare(decided, definition);
    if (!run) return;
    try {
      await this.exchange(run);
    } catch (failure) {
      if (!(failure instanceof ErpFailure)) throw failure;
      await this.onFailure(run, failure);
    }
  }

  /** Finds adapter, key and form; ends the request where there is none. */
  private async prepare(request: WriteRequest, definition: AnyRecord): Promise<Run | undefined> {
    const { targetSystem, op } = request;
    if (!this.gate.isConnected(targetSystem)) return void (await this.steps.end(request, 'needs-review', answers.notConnected(request)));
    const problem = this.capabilityProblem(request, definition);
    if (problem) return void (await this.steps.end(request, 'rejected', answers.unsupported(request, problem)));
    const key = op === 'create' ? (request.localKey ?? textOf(request.patch[definition.key[0]!])) : await this.targets.localKeyOf(definition, request.recordId!, targetSystem);
    if (key === undefined) return void (await this.steps.end(request, 'rejected', answers.unsupported(request, `the ${definition.type} has no code there.`)));
    const earlierWishes = await this.steps.earlierWishes(request);
    return { request, definition, form: this.targets.formOf(definition, targetSystem), key, earlierWishes, wasSent: request.tokenSent !== null, calling: 'read' };
  }

  private capabilityProblem({ targetSystem, op, patch }: WriteRequest, definition: AnyRecord): string | undefined {
    const capability = this.gate.capability(targetSystem, definition.type);
    if (!capability || !(op === 'create' ? capability.create : capability.update)) return `its adapter cannot ${op} ${definition.type} records.`;
    if (op === 'update' && capability.concurrency === 'none') return 'it cannot protect a write against a change made there at the same time.';
    // What the ERP cannot be given, or cannot show afterwards, would be confirmed without its word. Of a new record, key and life cycle are ours.
    const ours = op === 'create' ? [...definition.key, definition.lifecycle?.attribute] : [];
    const wished = Object.keys(patch).filter((name) => !ours.includes(name) && !(op === 'create' && patch[name] === null));
    const foreign = wished.filter((name) => !capability.writable.includes(name) || !capability.readable.includes(name));
    return foreign.length > 0 ? `its adapter cannot write ${foreign.join(', ')}.` : undefined;
  }

  /** Look, write, read back, take over. A token that went stale in between is looked at again, a few times. */
  private async exchange(run: Run): Promise<void> {
    let held = await this.read(run, run.wasSent ? 'look-up' : 'read');
    await this.at('read', run.request);
    for (let write = 1; ; write += 1) {
      const outlook = outlookOf(run, held, {
        isLookUp: run.wasSent && write === 1, dropsRepeats: this.gate.capability(run.request.targetSystem, run.definition.type)?.idempotency === 'key',
      });
      if (outlook === 'wished') return this.confirm(run, held!);
      if (outlook !== 'write') return this.steps.end(run.request, outlook.state, outlook.answer, held ? { valuesRead: this.heldValues(run, held) } : {});
      try {
        return await this.write(run, held);
      } catch (failure) {
        if (run.calling !== 'write' || !(failure instanceof ErpFailure) || failure.kind !== 'conflict' || write >= writesMax) throw failure;
        // The ERP has certainly not taken this one. Perhaps an earlier try of ours has arrived meanwhile, or somebody else has written.
        held = await this.read(run, 'look-up');
      }
    }
  }

  private read(run: Run, operation: ErpOperation): Promise<ErpRecord | undefined> {
    const { request, definition, key } = run;
    run.calling = operation;
    return this.gate.call(request.targetSystem, operation, request.correlationId, (port, call) => port.read(definition.type, key, call));
  }

  private heldValues({ form, request }: Run, held: ErpRecord): Values {
    return touchedValues(form, held, Object.keys(request.patch));
  }

  /** Says first that it is being sent, so that whoever finds the request after a crash knows that it may have been. */
  private async write(run: Run, held: ErpRecord | undefined): Promise<void> {
    const { request, definition, key, form } = run;
    const values = held ? this.heldValues(run, held) : {};
    await this.at('marking', request);
    run.request = await this.steps.step(run.request, {
      state: 'dispatched', localKey: key, valuesRead: held ? values : null, guards: request.guards,
      tokenSent: request.op === 'create' ? createSent : (held?.token ?? ''), leaseMs: this.settings.leaseMs,
    });
    await this.at('marked', request);
    const { writable } = this.gate.capability(request.targetSystem, definition.type)!;
    const wished = Object.entries(wishedValues(form, request.patch, values)).filter(([name]) => writable.includes(name));
    const attributes = Object.fromEntries(wished.map(([name, value]) => [name, toErp(form, name, value, held?.attributes[name])]));
    const order = { recordType: definition.type, key, attributes, deduplicationKey: request.id, ...(held?.token === undefined ? {} : { token: held.token }) };
    run.calling = 'write';
    const written = await this.gate.call(request.targetSystem, 'write', request.correlationId, (port, call) =>
      (request.op === 'create' ? port.create(order, call) : port.update(order, call)));
    await this.at('written', request);
    return this.confirm(run, written);
  }

  /** What the ERP answered is read back before it counts. */
  private async confirm(run: Run, answered: ErpRecord): Promise<void> {
    const { request, form, definition, key } = run;
    const held = (await this.read(run, 'read-back')) ?? answered;
    await this.at('read-back', request);
    const values = this.heldValues(run, held);
    const shown = shownPatch(form, request.patch, values);
    // Somebody may have written after us: our change is confirmed by the answer, and the golden record takes over what the owner holds now.
    const isWished = this.showsAll(run, values) && [values, this.heldValues(run, answered)].some((each) => agree(form, shown, wishedValues(form, shown, each), each));
    const checkpoint = (name: CheckpointName) => this.at(name, request);
    const differs = isWished ? undefined : answers.differs(request, values);
    await this.golden.confirm(run.request, definition, { values, form, key, differs, checkpoint });
  }

  /** Whether everything that was sent, and was to be seen afterwards, is to be seen. */
  private showsAll({ request: { targetSystem, patch }, definition }: Run, values: Values): boolean {
    const { writable } = this.gate.capability(targetSystem, definition.type)!;
    return Object.keys(patch).every((name) => patch[name] === null || Object.hasOwn(values, name) || definition.key.includes(name) || !writable.includes(name));
  }

  /** What a failed call means for the request; the system's own pause is the gate's. */
  private async onFailure(run: Run, failure: ErpFailure): Promise<void> {
    const { request, calling } = run;
    const { kind } = failure;
    const attempts = request.attempts + 1;
    const dueInMs = Math.max(this.gate.pausedMs(request.targetSystem), backoffMs(this.settings, request.attempts + request.lookUps));
    if (calling === 'write' && kind === 'unknown-outcome') {
      // Looked up before it is sent again; but what the ERP chokes on each time must not be sent for ever.
      if (attempts >= this.settings.attemptsMax) return this.steps.end(request, 'needs-review', answers.answersLost({ ...request, attempts }, failure), { attempts });
      await this.steps.step(request, { state: 'unknown', attempts, dueInMs });
    } else if (calling !== 'write' && request.tokenSent !== null) {
      await this.onLookUpFailure(request, failure, dueInMs);
    } else if (kind === 'validation' || kind === 'forbidden' || kind === 'not-found') {
      await this.steps.end(request, 'rejected', answers.refusedByOwner(request, failure));
    } else {
      const isPaused = kind === 'throttled' || kind === 'unavailable' || kind === 'auth';
      if (!isPaused && attempts >= this.settings.attemptsMax) return this.steps.end(request, 'needs-review', answers.keptFailing(request, failure));
      const counted = { attempts: isPaused ? request.attempts : attempts, dueInMs };
      // Certainly without effect: the next try starts as if nothing had been sent, unless an earlier one may still be on its way.
      if (run.wasSent || request.state !== 'dispatched') await this.steps.putOff(request, counted);
      else await this.steps.step(request, { ...counted, state: 'guarded', tokenSent: null });
    }
  }

  private async onLookUpFailure(request: WriteRequest, failure: ErpFailure, dueInMs: number): Promise<void> {
    const lookUps = request.lookUps + 1;
    if (lookUps >= this.settings.lookUpsMax) return this.steps.end(request, 'needs-review', answers.lookUpsFailed(request, failure));
    const unknown = request.state === 'unknown' ? request : await this.steps.step(request, { state: 'unknown', leaseMs: this.settings.leaseMs });
    await this.steps.putOff(unknown, { lookUps, dueInMs });
  }

  private async at(name: CheckpointName, { id }: WriteRequest): Promise<void> {
    await this.checkpoint?.(name, id);
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
