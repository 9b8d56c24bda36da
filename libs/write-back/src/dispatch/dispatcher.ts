import { Inject, Injectable } from '@nestjs/common';
import { Database, LedgerTail, logError, logger, runLoop, type Loop } from '@datum/platform';
import { AdapterRegistry } from '../adapter-registry.js';
import { FenceLost } from '../write-request.journal.js';
import { claimHeads, dueSystems } from '../write-request.repository.js';
import type { WriteRequest } from '../write-request.js';
import { WriteRequestSignal } from '../write-request.signal.js';
import { WRITE_BACK_SETTINGS, type WriteBackSettings } from '../write-back.settings.js';
import { renewLeases } from './dispatch.repository.js';
import { DispatchRun } from './dispatch-run.js';
import { ErpGate } from './erp-gate.js';

/** Takes due write requests, as many per system as it can bear, and brings them forward at their own pace. Any number of processes may do so. */
@Injectable()
export class Dispatcher {
  private readonly underWay = new Map<string, { request: WriteRequest; ended: Promise<void> }>();
  private readonly undo: (() => void)[] = [];
  private loop: Loop | undefined;
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly runner: DispatchRun,
    private readonly gate: ErpGate,
    private readonly adapters: AdapterRegistry,
    private readonly signal: WriteRequestSignal,
    private readonly tail: LedgerTail,
    @Inject(WRITE_BACK_SETTINGS) private readonly settings: WriteBackSettings,
  ) {}

  start(): void {
    if (this.loop) return;
    this.loop = runLoop('write-back', () => this.turn(), { intervalMs: this.settings.pollMs });
    this.undo.push(
      this.signal.onWake(() => this.wake()), this.adapters.onChange(() => this.wake()),
      this.tail.onRows((rows) => { if (rows.some(({ recordType }) => recordType === 'write-request')) this.wake(); }),
    );
    if (this.settings.renewEveryMs > 0) this.renewal = setInterval(() => void this.renew(), this.settings.renewEveryMs);
  }

  wake(): void {
    this.loop?.wake();
  }

  /** Takes nothing more and waits for what is under way: every step of it ends within its deadline. */
  async stop(): Promise<void> {
    for (const stop of this.undo.splice(0)) stop();
    await this.loop?.stop();
    this.loop = undefined;
    while (this.underWay.size > 0) await Promise.all([...this.underWay.values()].map(({ ended }) => ended));
    clearInterval(this.renewal);
  }

  /** Whether nothing is being worked on in this process just now. */
  get isIdle(): boolean {
    return this.underWay.size === 0;
  }

  private async turn(): Promise<void> {
    for (const system of await dueSystems(this.database)) {
      const busy = [...this.underWay.values()].filter(({ request }) => request.targetSystem === system).length;
      const free = this.gate.capacity(system) - busy;
      if (free <= 0) continue;
      for (const request of await claimHeads(this.database, system, free, this.settings.leaseMs)) this.take(request);
    }
  }

  private take(request: WriteRequest): void {
    const ended = this.work(request).finally(() => {
      // A later claim of the same request by this process may stand in its place.
      if (this.underWay.get(request.id)?.request === request) this.underWay.delete(request.id);
      this.wake();
    });
    this.underWay.set(request.id, { request, ended });
  }

  /** Whatever goes wrong here leaves the lease to run out: the next claim looks at what has become of it. */
  private async work(request: WriteRequest): Promise<void> {
    try {
      await this.runner.run(request);
    } catch (error) {
      if (error instanceof FenceLost) logger().info({ writeRequest: request.id }, 'a write request was taken over by another worker');
      else logError(error, { writeRequest: request.id });
    }
  }

  private async renew(): Promise<void> {
    const held = [...this.underWay.values()].map(({ request }) => request);
    await renewLeases(this.database, held, this.settings.leaseMs).catch((error: unknown) => logError(error, { renewing: held.length }));
  }
}
