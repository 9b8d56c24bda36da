import { Injectable } from '@nestjs/common';
import { Database, gatewayContext } from '@datum/platform';
import { localKeyRecord, RecordWriter, type AnyRecord } from '@datum/governed';
import { ErpGate } from '../dispatch/erp-gate.js';
import type { ErpRecord } from '../erp-port.js';
import { ownerActor } from '../owner.js';
import { activeKeys, clearRefusals, databaseNow, keepRefusal, refusedKeys, type PullClaim } from './inbound.repository.js';
import { Inbox } from './inbox.js';

const refusedAgainMax = 20;
/** More missing keys than this at once are taken for a fault of the ERP's list, and a person has to look. */
const missingMax = (known: number): number => Math.max(10, Math.floor(known / 10));

/** One pull of one record type, under the claim of this process. */
export interface Pull { system: string; definition: AnyRecord; claim: PullClaim; correlationId: string }

/** Compares what is known of an ERP with what it holds, beyond what its changes tell. */
@Injectable()
export class InboundReconciliation {
  constructor(private readonly database: Database, private readonly gate: ErpGate, private readonly inbox: Inbox, private readonly records: RecordWriter) {}

  /** Finds what was deleted there, which no delta shows, and tries again what was refused. */
  async run(pull: Pull): Promise<void> {
    const { system, definition, correlationId } = pull;
    await this.refusedAgain(pull);
    if (!definition.localKeys || this.gate.capability(system, definition.type)?.deletes !== 'reconcile') return;
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
