import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Database, LedgerTail } from '@datum/platform';
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

  constructor(
    private readonly database: Database,
    private readonly tail: LedgerTail,
    private readonly catalogue: RecordCatalogue,
  ) {}

  async onModuleInit(): Promise<void> {
    this.undo.push(
      this.tail.onRows(async (rows) => { if (rows.some((row) => row.recordType === policyRecord.type)) await this.refresh(); }),
      this.tail.onGap(() => { this.policies.clear(); void this.refresh().catch(() => undefined); }),
    );
    await this.refresh();
  }

  onModuleDestroy(): void {
    for (const stop of this.undo) stop();
  }

  async refresh(): Promise<void> {
    this.take(await readPolicies(this.database));
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
