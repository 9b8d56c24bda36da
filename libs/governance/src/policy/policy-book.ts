import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Database, HealthRegistry, LedgerTail, Renewal } from '@datum/platform';
import { RecordCatalogue } from '@datum/governed';
import { CompiledPolicy, type PolicyAnswer } from './compiled-policy.js';
import { typesOf } from './policy-acceptance.js';
import type { PolicyQuestion } from './policy-variables.js';
import { policyRecord, type Policy } from './policy.record.js';
import { readPolicies } from './policy.repository.js';

/** A policy in memory. One that does not compile any more answers with that, to every change that it is about. */
export interface KeptPolicy { policy: Policy; ask: (question: PolicyQuestion) => PolicyAnswer; attributes: ReadonlySet<string> }

/** The policies of this process, compiled once per version and kept true by the ledger's tail. */
@Injectable()
export class PolicyBook implements OnModuleInit, OnModuleDestroy {
  private policies = new Map<string, KeptPolicy>();
  private byType = new Map<string, KeptPolicy[]>();
  private readonly undo: (() => void)[] = [];
  private readonly renewal: Renewal<Policy[]>;
  /** The database was taken back, perhaps to older versions: the next reading replaces everything, and until then what is held goes on guarding. */
  private afterGap = false;

  constructor(
    database: Database,
    private readonly tail: LedgerTail,
    private readonly catalogue: RecordCatalogue,
    private readonly health: HealthRegistry,
  ) {
    this.renewal = new Renewal('policies', () => readPolicies(database), (policies) => {
      if (this.afterGap) this.policies.clear();
      this.afterGap = false;
      this.take(policies);
    });
  }

  async onModuleInit(): Promise<void> {
    this.undo.push(
      this.tail.onRows(async (rows) => { if (rows.some((row) => row.recordType === policyRecord.type)) await this.refresh(); }),
      this.tail.onGap(() => { this.afterGap = true; void this.refresh().catch(() => undefined); }),
    );
    this.health.register({
      name: 'policies',
      check: async () => (this.renewal.isBehind ? { ok: false, reason: 'policies have changed and cannot be read' } : { ok: true }),
    });
    await this.refresh();
  }

  onModuleDestroy(): void {
    for (const stop of this.undo) stop();
    this.renewal.stop();
  }

  /** Reads the policies anew. What fails is tried again until it succeeds, and this process is not ready meanwhile. */
  refresh(): Promise<void> {
    return this.renewal.renew();
  }

  /** Takes policies over as they were just stored; older versions than are known already are left alone. */
  take(policies: readonly Policy[]): void {
    for (const policy of policies) {
      const known = this.policies.get(policy.id);
      if (!known || known.policy.version < policy.version) this.policies.set(policy.id, this.keep(policy));
    }
    const byType = new Map<string, KeptPolicy[]>();
    const ordered = [...this.policies.values()].sort((a, b) => (a.policy.name < b.policy.name ? -1 : 1));
    for (const kept of ordered) for (const type of kept.policy.recordTypes) byType.set(type, [...(byType.get(type) ?? []), kept]);
    this.byType = byType;
  }

  /** The policies in force for a record type at a business time, by name. */
  inForce(recordType: string, now: string): KeptPolicy[] {
    const at = Date.parse(now);
    return (this.byType.get(recordType) ?? []).filter(({ policy: { validFrom, validTo } }) =>
      Date.parse(validFrom) <= at && (validTo === null || at < Date.parse(validTo)));
  }

  private keep(policy: Policy): KeptPolicy {
    try {
      const compiled = CompiledPolicy.of(policy, typesOf(this.catalogue, policy.recordTypes).definitions);
      return { policy, ask: (question) => compiled.ask(question), attributes: compiled.analysis.attributes };
    } catch (error) {
      const answer: PolicyAnswer = { says: 'failed', sentence: (error as Error).message };
      return { policy, ask: () => answer, attributes: new Set() };
    }
  }
}
