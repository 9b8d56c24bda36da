import { Inject, Injectable } from '@nestjs/common';
import { Clock, Database, gatewayContext, logError, logger, runLoop, uuidv7, type Loop } from '@datum/platform';
import { RegistryService } from '@datum/registry';
import { RecordCatalogue, type AnyRecord } from '@datum/governed';
import { ErpGate } from '../dispatch/erp-gate.js';
import { ErpFailure } from '../erp-port.js';
import { backoffMs, WRITE_BACK_SETTINGS, type WriteBackSettings } from '../write-back.settings.js';
import { claimPull, databaseNow, stepPull, wakePull } from './inbound.repository.js';
import { InboundLook, type Pull } from './inbound-look.js';
import { InboundReconciliation } from './inbound-reconciliation.js';
import { Inbox } from './inbox.js';

const pagesMax = 100;
/** Fetches what was changed in the ERPs themselves, one puller per system and record type among all processes. */
@Injectable()
export class InboundPuller {
  private readonly underWay = new Map<string, Promise<void>>();
  private loop: Loop | undefined;
  private forget: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly catalogue: RecordCatalogue,
    private readonly gate: ErpGate,
    private readonly inbox: Inbox,
    private readonly look: InboundLook,
    private readonly reconciliation: InboundReconciliation,
    private readonly registry: RegistryService,
    private readonly clock: Clock,
    @Inject(WRITE_BACK_SETTINGS) private readonly settings: WriteBackSettings,
  ) {}

  start(): void {
    this.loop ??= runLoop('inbound-pull', async () => this.turn(), { intervalMs: Math.min(500, this.settings.pullEveryMs) });
    this.forget = this.gate.onAdapters(() => this.loop?.wake());
  }

  async stop(): Promise<void> {
    this.forget?.();
    await this.loop?.stop();
    this.loop = undefined;
    await Promise.all(this.underWay.values());
  }

  /** Makes the pull of a record type due now: somebody was told of a change. */
  async wake(system: string, recordType: string): Promise<void> {
    await wakePull(this.database, system, recordType);
    this.loop?.wake();
  }

  /** Pulls once, now, if nobody else does. For tests and the command line. */
  async pullNow(system: string, recordType: string): Promise<void> {
    await wakePull(this.database, system, recordType);
    await this.pullIfDue(system, this.catalogue.get(recordType));
  }

  private turn(): void {
    for (const system of this.gate.connected()) {
      if (this.gate.capacity(system) === 0) continue;
      for (const { recordType, read, delta } of this.gate.entities(system)) {
        const definition = this.catalogue.find(recordType);
        const name = `${system}/${recordType}`;
        if (!definition || !read || delta === 'none' || this.underWay.has(name)) continue;
        const ended = this.pullIfDue(system, definition).finally(() => this.underWay.delete(name));
        this.underWay.set(name, ended);
      }
    }
  }

  private async pullIfDue(system: string, definition: AnyRecord): Promise<void> {
    try {
      const claim = await claimPull(this.database, system, definition.type, this.settings);
      if (claim) await this.pull({ system, definition, claim, correlationId: uuidv7() });
    } catch (error) {
      logError(error, { pull: system, recordType: definition.type });
    }
  }

  private async pull(pull: Pull): Promise<void> {
    const { system, definition, claim } = pull;
    const { leaseMs, pullEveryMs } = this.settings;
    try {
      if (!(await this.pages(pull))) return;
      const reconciledAgoMs = claim.reconcile ? await this.reconcile(pull) : undefined;
      await stepPull(this.database, system, definition.type, claim.fence, { leaseMs, dueInMs: pullEveryMs, reconciledAgoMs });
    } catch (error) {
      if (!(error instanceof ErpFailure)) throw error;
      logger().warn({ system, recordType: definition.type, kind: error.kind, reason: error.message }, 'a pull failed');
      const dueInMs = Math.max(pullEveryMs, this.gate.pausedMs(system), backoffMs(this.settings, 0));
      await stepPull(this.database, system, definition.type, claim.fence, { leaseMs, dueInMs });
    }
  }

  /** Compares all keys; where that fails it is due again after a twelfth of its pause, and pulls go on meanwhile. Returns how long ago it counts as done. */
  private async reconcile(pull: Pull): Promise<number> {
    const { system, definition, claim } = pull;
    const { keysDeadlineMs, leaseMs, reconcileEveryMs } = this.settings;
    await stepPull(this.database, system, definition.type, claim.fence, { leaseMs: leaseMs + keysDeadlineMs });
    try {
      await this.reconciliation.run(pull);
      return 0;
    } catch (error) {
      if (!(error instanceof ErpFailure)) throw error;
      logger().warn({ system, recordType: definition.type, kind: error.kind, reason: error.message }, 'a comparison of all keys failed');
      return (reconcileEveryMs * 11) / 12;
    }
  }

  /** All pages there are. False when somebody else has taken the pull over. */
  private async pages(pull: Pull): Promise<boolean> {
    const { system, definition, claim, correlationId } = pull;
    let watermark = claim.watermark ?? undefined;
    for (let page = 1; ; page += 1) {
      const heardAt = this.clock.now();
      const fetchedAt = await databaseNow(this.database);
      const delta = await this.gate.call(system, 'pull', correlationId, (port, call) =>
        port.changedSince(definition.type, watermark, this.settings.pullRowsMax, call));
      const { records, unreadable } = delta;
      const overtaken = await this.inbox.take({ system, definition, records, ...(unreadable ? { unreadable } : {}), fetchedAt, correlationId });
      // Written back after the page was fetched. The feed may not tell of them again, and the write-back took over only what it had touched.
      await this.look.again(pull, overtaken);
      watermark = delta.watermark;
      if (!(await stepPull(this.database, system, definition.type, claim.fence, { watermark, leaseMs: this.settings.leaseMs }))) return false;
      if (!delta.more) {
        // Only now has the system told everything up to when it was asked.
        await this.registry.systemSeen(gatewayContext(correlationId), system, heardAt);
        return true;
      }
      if (page >= pagesMax) return true;
    }
  }
}
