import { Injectable } from '@nestjs/common';
import { Database, gatewayContext } from '@datum/platform';
import { localKeyRecord, RecordWriter } from '@datum/governed';
import { ErpGate } from '../dispatch/erp-gate.js';
import { ownerActor } from '../owner.js';
import { InboundLook, type Pull } from './inbound-look.js';
import { activeKeys, clearRefusals, keepRefusal, refusedKeys } from './inbound.repository.js';

const refusedAgainMax = 20;
/** More missing keys than this at once are taken for a fault of the ERP's list, and a person has to look. */
const missingMax = (known: number): number => Math.max(10, Math.floor(known / 10));

/** Compares what is known of an ERP with what it holds, beyond what its changes tell. */
@Injectable()
export class InboundReconciliation {
  constructor(private readonly database: Database, private readonly gate: ErpGate, private readonly look: InboundLook, private readonly records: RecordWriter) {}

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

  /** The longest not looked at come first; each look counts, so that none keeps the others from their turn. */
  private async refusedAgain(pull: Pull): Promise<void> {
    const keys = await refusedKeys(this.database, pull.system, pull.definition.type, refusedAgainMax);
    await this.look.again(pull, keys);
  }
}
