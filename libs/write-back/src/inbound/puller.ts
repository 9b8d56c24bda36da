import { Inject, Injectable } from '@nestjs/common';
import { Clock, Database, gatewayContext, logError, logger, runLoop, uuidv7, type Loop } from '@datum/platform';
import { RegistryService } from '@datum/registry';
import { localKeyRecord, RecordCatalogue, RecordWriter, type AnyRecord } from '@datum/governed';
import { AdapterRegistry } from '../adapter-registry.js';
import { ErpGate } from '../dispatch/erp-gate.js';
import { ErpFailure, type ErpRecord } from '../erp-port.js';
import { ownerActor } from '../owner.js';
import { backoffMs, WRITE_BACK_SETTINGS, type WriteBackSettings } from '../write-back.settings.js';
import { activeKeys, claimPull, clearRefusals, databaseNow, keepRefusal, refusedKeys, stepPull, wakePull, type PullClaim } from './inbound.repository.js';
import { Inbox } from './inbox.js';

const pagesMax = 100;
const refusedAgainMax = 20;
/** More missing keys than this at once are taken for a fault of the ERP's list, and a person has to look. */
const missingMax = (known: number): number => Math.max(10, Math.floor(known / 10));

interface Pull { system: string; definition: AnyRecord; claim: PullClaim; correlationId: string }

/** Fetches what was changed in the ERPs themselves, one puller per system and record type among all processes. */
@Injectable()
export class InboundPuller {
  private readonly underWay = new Map<string, Promise<void>>();
  private loop: Loop | undefined;
  private forget: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly adapters: AdapterRegistry,
    private readonly catalogue: RecordCatalogue,
    private readonly gate: ErpGate,
    private readonly inbox: Inbox,
    private readonly records: RecordWriter,
    private readonly registry: RegistryService,
    private readonly clock: Clock,
    @Inject(WRITE_BACK_SETTINGS) private readonly settings: WriteBackSettings,
  ) {}

  start(): void {
    this.loop ??= runLoop('inbound-pull', async () => this.turn(), { intervalMs: Math.min(500, this.settings.pullEveryMs) });
    this.forget = this.adapters.onChange(() => this.loop?.wake());
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
    for (const system of this.adapters.systems()) {
      if (this.gate.capacity(system) === 0) continue;
      for (const { recordType, read, delta } of this.adapters.find(system)!.manifest.entities) {
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
      if (claim.reconcile) await this.reconcile(pull);
      await stepPull(this.database, system, definition.type, claim.fence, { leaseMs, dueInMs: pullEveryMs, reconciled: claim.reconcile });
    } catch (error) {
      if (!(error instanceof ErpFailure)) throw error;
      logger().warn({ system, recordType: definition.type, kind: error.kind, reason: error.message }, 'a pull failed');
      const dueInMs = Math.max(pullEveryMs, this.gate.pausedMs(system), backoffMs(this.settings, 0));
      await stepPull(this.database, system, definition.type, claim.fence, { leaseMs, dueInMs });
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
      await this.inbox.take({ system, definition, records: delta.records, fetchedAt, correlationId });
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

  /** Finds what was deleted there, which no delta shows, and tries again what was refused. */
  private async reconcile(pull: Pull): Promise<void> {
    const { system, definition, correlationId } = pull;
    await this.refusedAgain(pull);
    if (!definition.localKeys || this.adapters.capability(system, definition.type)?.deletes !== 'reconcile') return;
    const known = await activeKeys(this.database, system, definition.type);
    const present = new Set(await this.gate.call(system, 'keys', correlationId, (port, call) => port.keys(definition.type, call)));
    const missing = known.filter(({ code }) => !present.has(code));
    const list = { system, recordType: definition.type, key: '*', token: null };
    if (missing.length > missingMax(known.length)) {
      const detail = `${system} does not show ${missing.length} of ${known.length} known ${definition.type} codes any more. Nothing was retired; a person has to look.`;
      const problem = { type: '/problems/inbound-keys-missing', code: 'inbound.keys-missing', status: 409, title: 'Too many keys are missing', detail };
      return keepRefusal(this.database, { ...list, raw: { missing: missing.slice(0, 100).map(({ code }) => code) }, problem });
    }
    await clearRefusals(this.database, system, definition.type, ['*']);
    const changes = missing.map(({ id }) => ({ op: 'update' as const, id, attributes: { status: 'retired' } }));
    await this.records.applyBatch({ ...gatewayContext(correlationId), actor: ownerActor(system), channel: 'erp' }, localKeyRecord, changes.slice(0, 500));
  }

  private async refusedAgain({ system, definition, correlationId }: Pull): Promise<void> {
    const keys = (await refusedKeys(this.database, system, definition.type, refusedAgainMax)).filter((key) => key !== '*');
    const fetchedAt = await databaseNow(this.database);
    const records: ErpRecord[] = [];
    for (const key of keys) {
      const record = await this.gate.call(system, 'look-up', correlationId, (port, call) => port.read(definition.type, key, call));
      if (record) records.push(record);
      else await clearRefusals(this.database, system, definition.type, [key]);
    }
    await this.inbox.take({ system, definition, records, fetchedAt, correlationId });
  }
}
