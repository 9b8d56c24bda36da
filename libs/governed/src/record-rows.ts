import type { Attribute, Money, Quantity } from './attribute.js';
import type { AnyRecord, RecordBase } from './record-definition.js';

/** A row as it stands in a governed table: the columns all have, and those of the attributes. */
export type RecordRow = Record<string, unknown> & {
  id: string; version: number; created_at: string; updated_at: string; provenance: ProvenanceByGroup;
};

/** Who is behind the present values of a group. */
export interface GroupProvenance {
  /** The system whose word this is. */
  system: string;
  /** Business time from which it holds. */
  at: string;
  ruleId?: string;
  ruleVersion?: number;
  event?: string;
  mapping?: string;
  /** Set when the value stands although its writer does not own it (observe or warn mode, override). */
  unowned?: string;
}
export type ProvenanceByGroup = Record<string, GroupProvenance>;

export type WireRecord = RecordBase & Record<string, unknown>;

/** Names of the two columns of a compound value: the value and what it is counted in. */
const compound: Partial<Record<Attribute['kind'], string>> = { money: '_currency', quantity: '_unit' };

export function columnsOf(attribute: Attribute): string[] {
  const suffix = compound[attribute.kind];
  return suffix ? [attribute.column!, attribute.column! + suffix] : [attribute.column!];
}

export const baseColumns = ['id', 'version', 'created_at', 'updated_at', 'provenance'] as const;

/** Wire record → row, ready for json_populate_recordset. */
export function toRow(definition: AnyRecord, record: WireRecord, provenance: ProvenanceByGroup): Record<string, unknown> {
  const row: Record<string, unknown> = {
    id: record.id, version: record.version, created_at: record.createdAt, updated_at: record.updatedAt, provenance,
  };
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    const value = record[name] ?? null;
    const [column, second] = columnsOf(attribute);
    if (attribute.kind === 'money') {
      row[column!] = (value as Money | null)?.amount ?? null;
      row[second!] = (value as Money | null)?.currency ?? null;
    } else if (attribute.kind === 'quantity') {
      row[column!] = (value as Quantity | null)?.value ?? null;
      row[second!] = (value as Quantity | null)?.unit ?? null;
    } else {
      row[column!] = value;
    }
  }
  return row;
}

const attributeLists = new WeakMap<AnyRecord, [string, Attribute][]>();

/** The attributes as a list that is made once: this is asked for every row. */
function attributesOf(definition: AnyRecord): [string, Attribute][] {
  let list = attributeLists.get(definition);
  if (!list) attributeLists.set(definition, (list = Object.entries(definition.attributes)));
  return list;
}

/** Row → wire record. Every attribute is present; null means known to be empty. */
export function toWire(definition: AnyRecord, row: Record<string, unknown>): WireRecord {
  const record: Record<string, unknown> = { id: row.id };
  for (const [name, attribute] of attributesOf(definition)) record[name] = wireValue(attribute, row);
  record.version = row.version;
  record.createdAt = row.created_at;
  record.updatedAt = row.updated_at;
  return record as WireRecord;
}

function wireValue(attribute: Attribute, row: Record<string, unknown>): unknown {
  const value = row[attribute.column!] ?? null;
  if (value === null) return null;
  if (attribute.kind === 'money') return { amount: value, currency: row[`${attribute.column}_currency`] };
  if (attribute.kind === 'quantity') return { value, unit: row[`${attribute.column}_unit`] };
  return value;
}
