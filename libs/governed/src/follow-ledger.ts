import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HealthRegistry, LedgerTail, type LedgerRow } from '@datum/platform';
import { OwnershipService } from '@datum/ownership';
import { RecordCache } from './record-cache.js';
import { RecordCatalogue } from './record-catalogue.js';

/** Keeps what this process holds in memory true: hot records are dropped and ownership rules compiled anew when the ledger says that they changed. */
@Injectable()
export class FollowLedger implements OnModuleInit, OnModuleDestroy {
  private readonly undo: (() => void)[] = [];

  constructor(
    private readonly tail: LedgerTail,
    private readonly cache: RecordCache,
    private readonly ownership: OwnershipService,
    private readonly catalogue: RecordCatalogue,
    private readonly health: HealthRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    this.cache.isCertain = () => this.tail.certain();
    this.undo.push(this.tail.onRows((rows) => this.follow(rows)), this.tail.onGap(() => this.forget()));
    await this.ownership.refresh();
    this.health.register({ name: 'ownership', check: async () => this.ownershipIsComplete() });
    this.health.register({ name: 'ledgerTail', severity: 'degraded', check: async () => (this.tail.certain() ? { ok: true } : { ok: false, reason: 'the tail is not certain' }) });
  }

  onModuleDestroy(): void {
    for (const stop of this.undo) stop();
  }

  /** What was missed may have been a change of rules as well. */
  private forget(): void {
    this.cache.clear();
    void this.ownership.refresh().catch(() => undefined);
  }

  private async follow(rows: readonly LedgerRow[]): Promise<void> {
    const byType = new Map<string, string[]>();
    for (const row of rows) byType.set(row.recordType, [...(byType.get(row.recordType) ?? []), row.recordId]);
    for (const [type, ids] of byType) this.cache.evict(type, ids);
    if (byType.has('ownership-rule')) await this.ownership.refresh();
  }

  /** Readiness fails while rules are out of date, and while an attribute group of a domain has no owner somewhere: everything in it would be refused. */
  private ownershipIsComplete(): { ok: true } | { ok: false; reason: string } {
    if (this.ownership.isBehind) return { ok: false, reason: 'the ownership rules have changed and cannot be read' };
    const open = this.ownership.uncovered(this.catalogue.groups());
    if (open.length === 0) return { ok: true };
    return { ok: false, reason: `no owner for ${open.map(({ domain, group, site }) => `${domain}/${group}${site === null ? '' : ` at ${site}`}`).join(', ')}` };
  }
}
