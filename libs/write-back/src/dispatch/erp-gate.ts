import { Inject, Injectable } from '@nestjs/common';
import { logError, observeErpCall } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { AdapterRegistry } from '../adapter-registry.js';
import { ErpFailure, type EntityCapability, type ErpCall, type ErpPort } from '../erp-port.js';
import { backoffMs, WRITE_BACK_SETTINGS, type WriteBackSettings } from '../write-back.settings.js';
import { CallBudget } from './call-budget.js';

/** What is asked of an ERP; only `write` has an effect. */
export type ErpOperation = 'read' | 'look-up' | 'write' | 'read-back' | 'pull' | 'keys';

interface SystemState { budget: CallBudget; failures: number; pausedUntilMs: number }

const refusals = new Set(['conflict', 'validation', 'forbidden', 'not-found', 'unreadable']);

/**
 * The one way of this process to the ERPs: inside the system's call budget, within a deadline, counted, and with a pause while a system is down or wants
 * to be left alone. After a pause one call tries it; only when that succeeds do others follow.
 */
@Injectable()
export class ErpGate {
  private readonly systems = new Map<string, SystemState>();

  constructor(
    private readonly adapters: AdapterRegistry,
    private readonly directory: RegistryDirectory,
    @Inject(WRITE_BACK_SETTINGS) private readonly settings: WriteBackSettings,
  ) {}

  /** Systems with an adapter in this process. */
  connected(): string[] {
    return this.adapters.systems();
  }

  onAdapters(listener: () => void): () => void {
    return this.adapters.onChange(listener);
  }

  entities(system: string): readonly EntityCapability[] {
    return this.adapters.find(system)?.manifest.entities ?? [];
  }

  isConnected(system: string): boolean {
    return this.adapters.find(system) !== undefined;
  }

  /** What the system's adapter can do with records of a type; undefined when nothing. */
  capability(system: string, recordType: string): EntityCapability | undefined {
    return this.adapters.capability(system, recordType);
  }

  /** @throws ErpFailure, and nothing else */
  async call<T>(system: string, operation: ErpOperation, correlationId: string, work: (port: ErpPort, call: ErpCall) => Promise<T>): Promise<T> {
    const port = this.adapters.find(system);
    if (!port) throw new ErpFailure('unavailable', `No adapter is set up for ${system}.`);
    const state = this.stateOf(system);
    return state.budget.run(async () => {
      const startedMs = performance.now();
      const observe = (outcome: 'ok' | 'refused' | 'unknown') =>
        observeErpCall({ system, operation, outcome }, (performance.now() - startedMs) / 1_000);
      try {
        const result = await this.withinDeadline(operation, (signal) => work(port, { deadlineMs: this.deadlineMs(operation), correlationId, signal }));
        state.failures = 0;
        observe('ok');
        return result;
      } catch (error) {
        const failure = asFailure(error, operation);
        observe(refusals.has(failure.kind) ? 'refused' : 'unknown');
        // A list of keys that does not come to its end says nothing of single records; a system that is down shows at the next call.
        if (operation !== 'keys' || failure.kind !== 'unavailable') this.note(state, failure);
        throw failure;
      }
    });
  }

  /**
   * How many requests may be under way at once; one, while it is not known whether the system is up again; none during a pause, while the system is marked
   * as disconnected, or while its adapter is still to come.
   */
  capacity(system: string): number {
    const registered = this.directory.system(system);
    if (registered?.state === 'disconnected') return 0;
    if (!this.adapters.find(system)) return registered?.capabilities.adapter === undefined ? 4 : 0;
    const { budget, failures } = this.stateOf(system);
    if (this.pausedMs(system) > 0) return 0;
    return failures > 0 ? 1 : budget.parallel * 2;
  }

  /** Milliseconds that the system is to be left alone. */
  pausedMs(system: string): number {
    return Math.max(0, (this.systems.get(system)?.pausedUntilMs ?? 0) - performance.now());
  }

  private note(state: SystemState, failure: ErpFailure): void {
    const { kind, options } = failure;
    if (refusals.has(kind)) {
      // It answered: it is up.
      state.failures = 0;
    } else if (kind === 'throttled') {
      state.pausedUntilMs = performance.now() + (options.retryAfterMs ?? backoffMs(this.settings, 0));
    } else if (kind === 'unavailable' || kind === 'auth') {
      const extra = kind === 'auth' ? 4 : 0;
      state.pausedUntilMs = performance.now() + (options.retryAfterMs ?? backoffMs(this.settings, state.failures + extra));
      state.failures += 1;
    }
  }

  private stateOf(system: string): SystemState {
    const limits = this.directory.system(system)?.callBudget ?? this.adapters.find(system)!.manifest.limits;
    let state = this.systems.get(system);
    if (!state) this.systems.set(system, (state = { budget: new CallBudget(limits), failures: 0, pausedUntilMs: 0 }));
    state.budget.adjust(limits);
    return state;
  }

  private deadlineMs(operation: ErpOperation): number {
    return operation === 'keys' ? this.settings.keysDeadlineMs : this.settings.deadlineMs;
  }

  /** An adapter keeps its deadline; one that does not must not hold a slot for ever. */
  private async withinDeadline<T>(operation: ErpOperation, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        abort.abort();
        reject(new ErpFailure(operation === 'write' ? 'unknown-outcome' : 'unavailable', 'The system did not answer in time.'));
      }, this.deadlineMs(operation) + 1_000);
    });
    try {
      return await Promise.race([work(abort.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What an adapter throws that is no ErpFailure is its own fault: nobody knows what became of a write. */
function asFailure(error: unknown, operation: ErpOperation): ErpFailure {
  if (error instanceof ErpFailure) return error;
  logError(error, { erpOperation: operation });
  return new ErpFailure(operation === 'write' ? 'unknown-outcome' : 'unavailable', 'The adapter failed.', { cause: error });
}
