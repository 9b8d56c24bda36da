import { Injectable } from '@nestjs/common';
import { Database } from '@datum/platform';
import type { AnyRecord } from '@datum/governed';
import { ErpGate } from '../dispatch/erp-gate.js';
import { ErpFailure, type ErpRecord, type UnreadableRow } from '../erp-port.js';
import { clearRefusals, databaseNow, type PullClaim } from './inbound.repository.js';
import { Inbox } from './inbox.js';

/** One pull of one record type, under the claim of this process. */
export interface Pull { system: string; definition: AnyRecord; claim: PullClaim; correlationId: string }

const looksMax = 5;

/** Reads single records once more and takes them in as they are now, whatever version of them was seen before. */
@Injectable()
export class InboundLook {
  constructor(private readonly database: Database, private readonly gate: ErpGate, private readonly inbox: Inbox) {}

  /** @throws ErpFailure `retryable` when something is written back to one of them faster than it can be read */
  async again(pull: Pull, keys: readonly string[]): Promise<void> {
    let left = keys;
    for (let look = 1; left.length > 0; look += 1) {
      if (look > looksMax) throw new ErpFailure('retryable', `${left.length} records were written back each time they were read.`);
      left = await this.once(pull, left);
    }
  }

  private async once({ system, definition, correlationId }: Pull, keys: readonly string[]): Promise<string[]> {
    const fetchedAt = await databaseNow(this.database);
    const records: ErpRecord[] = [];
    const unreadable: UnreadableRow[] = [];
    const gone: string[] = [];
    for (const key of keys) {
      try {
        const record = await this.gate.call(system, 'look-up', correlationId, (port, call) => port.read(definition.type, key, call));
        if (record) records.push(record);
        else gone.push(key);
      } catch (error) {
        if (!(error instanceof ErpFailure) || error.kind !== 'unreadable') throw error;
        unreadable.push({ key, reason: error.message });
      }
    }
    await clearRefusals(this.database, system, definition.type, gone);
    return this.inbox.take({ system, definition, records, unreadable, fetchedAt, correlationId, isLook: true });
  }
}
