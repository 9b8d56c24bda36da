import { Injectable } from '@nestjs/common';
import {
  appendToLedger, Clock, Database, etagOf, satisfies, type IfMatch, type LedgerEntry, type RequestContext, type TxContext,
} from '@datum/platform';
import { preconditionMissing, staleVersion } from './registry.errors.js';
import { RegistryDirectory } from './registry.directory.js';
import { raiseRevision } from './revision.repository.js';

/** A fact for the ledger: what a record is after its change. Never a secret or its hash. */
export interface RegistryFact {
  recordType: 'site' | 'system' | 'participant' | 'credential';
  event: string;
  site?: string | null;
  before?: object;
  after: { id: string; version: number };
}

/** How every change of the registry is written: in one transaction with its ledger row and the revision that tells other processes. */
@Injectable()
export class RegistryWriter {
  constructor(
    private readonly database: Database,
    private readonly directory: RegistryDirectory,
    private readonly clock: Clock,
  ) {}

  /** The directory of this process holds the change when this resolves, unless the caller's own transaction is still open. */
  async write<T>(context: RequestContext, work: (tx: TxContext) => Promise<T>): Promise<T> {
    const result = await this.database.transaction(context, async (tx) => {
      await raiseRevision(tx.tx);
      const value = await work(tx);
      // A refresh that fails is made up for by the next comparison of revisions.
      if (context.tx) tx.tx.afterCommit(() => void this.directory.refresh().catch(() => undefined));
      return value;
    });
    if (!context.tx) await this.directory.refresh();
    return result;
  }

  async record(tx: TxContext, { recordType, event, site, before, after }: RegistryFact): Promise<void> {
    const image = { ...after } as Record<string, unknown>;
    const entry: LedgerEntry = {
      recordType,
      recordId: after.id,
      version: after.version,
      site: site ?? null,
      eventType: `datum.registry.${recordType}.${event}.v1`,
      op: before ? 'update' : 'create',
      validFrom: this.clock.now(),
      after: image,
      changes: changesOf(before as Record<string, unknown> | undefined, image),
      decision: { verdict: 'accept', reason: 'registry.admin' },
    };
    await appendToLedger(tx, [entry]);
  }
}

function changesOf(before: Record<string, unknown> | undefined, after: Record<string, unknown>): Record<string, unknown> {
  const changed = Object.entries(after).filter(([name, value]) =>
    name !== 'id' && name !== 'version' && (!before || JSON.stringify(before[name]) !== JSON.stringify(value)));
  return Object.fromEntries(changed);
}

/** Undefined skips the check: that is for seeds and the gateway itself, never for a request. */
export interface Precondition {
  ifMatch?: IfMatch;
  createOnly?: boolean;
}

/** @throws AppError 428 when a request names no version of an existing record, 412 when it names another one */
export function checkPrecondition(precondition: Precondition | undefined, version: number | undefined): void {
  if (!precondition) return;
  const { ifMatch, createOnly } = precondition;
  if (createOnly && version === undefined) return;
  if (!ifMatch && !createOnly) throw preconditionMissing();
  if (!ifMatch || !satisfies(ifMatch, version)) throw staleVersion(version === undefined ? '' : etagOf(version));
}
