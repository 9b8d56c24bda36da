import { canonicalJson, type Actor } from '@datum/platform';
import { groupOf, type AnyRecord, type RecordChange, type WireRecord } from '@datum/governed';
import type { OwnershipService } from '@datum/ownership';
import type { ErpRecord } from '../erp-port.js';
import { fromErp, type ErpForm } from '../erp-values.js';

/** A value that the ERP holds and does not decide, and that differs from what the one who does says. */
export interface Drift { attribute: string; owners: readonly string[]; held: unknown; golden: unknown }

export interface InboundChange { change: RecordChange; drift: Drift[] }

interface Source {
  form: ErpForm;
  actor: Actor;
  ownership: OwnershipService;
}

/**
 * What an ERP record means for the golden one: what the ERP decides is taken over, what it does not decide is compared. Its own code for the record is not
 * the record's: natural keys are taken over only when the record is made.
 */
export function inboundChange(source: Source, record: ErpRecord, golden: WireRecord | undefined): InboundChange {
  const { definition } = source.form;
  const values = knownValues(source.form, record);
  const state = golden ?? { ...values };
  const drift: Drift[] = [];
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (golden && (definition.key.includes(name) || definition.attributes[name]!.fixed)) continue;
    const owners = foreignOwners(source, state, name);
    if (!owners) attributes[name] = value;
    else if (golden && (golden[name] ?? null) !== null && canonicalJson(golden[name]) !== canonicalJson(value)) drift.push({ attribute: name, owners, held: value, golden: golden[name] });
  }
  const event = { event: `${source.actor.systemCode}:${record.recordType}:${record.key}:${record.token ?? record.changedAt ?? ''}` };
  if (golden) return { change: { op: 'update', id: golden.id, attributes, source: event }, drift };
  return { change: { op: 'upsert', attributes: withState(definition, withKey(definition, attributes, record)), source: event, ...localKeys(definition, source, record) }, drift };
}

function knownValues(form: ErpForm, record: ErpRecord): Record<string, unknown> {
  const names = Object.keys(record.attributes).filter((name) => form.definition.attributes[name] && !form.definition.attributes[name].computed);
  return Object.fromEntries(names.map((name) => [name, fromErp(form, name, record.attributes[name])]));
}

/** Undefined when the ERP decides the attribute itself. */
function foreignOwners({ form: { definition }, actor, ownership }: Source, state: Record<string, unknown>, name: string): readonly string[] | undefined {
  const site = definition.site ? ((state[definition.site] as string | null) ?? null) : null;
  const recordSystem = definition.system ? String(state[definition.system]) : null;
  const verdict = ownership.decide({ actor, domain: definition.domain, group: groupOf(definition, state, name), site, recordSystem });
  return verdict.verdict === 'refuse' ? verdict.owners : undefined;
}

/** A new record gets the ERP's code as its own where the ERP names no other. */
function withKey(definition: AnyRecord, attributes: Record<string, unknown>, record: ErpRecord): Record<string, unknown> {
  const [first] = definition.key;
  return attributes[first!] === undefined && definition.key.length === 1 ? { ...attributes, [first!]: record.key } : attributes;
}

/** What works in the ERP is in use; a life cycle that the ERP does not know begins there. */
function withState(definition: AnyRecord, attributes: Record<string, unknown>): Record<string, unknown> {
  const { lifecycle } = definition;
  if (!lifecycle || attributes[lifecycle.attribute] !== undefined) return attributes;
  return { ...attributes, [lifecycle.attribute]: lifecycle.initial.includes('active') ? 'active' : lifecycle.initial[0] };
}

const localKeys = (definition: AnyRecord, { actor }: Source, record: ErpRecord): Pick<RecordChange, 'localKeys'> =>
  (definition.localKeys ? { localKeys: [{ system: actor.systemCode, code: record.key }] } : {});
