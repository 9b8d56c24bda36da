import type { ErpWrite } from '@datum/write-back';
import { z } from 'zod';
import { flagOrRefusal, onlyWritable, textOrRefusal } from './tryton-record-type.js';
import type { TrytonRecordType, TrytonRow, TrytonWrite } from './tryton-record-type.js';
import { trytonInstant } from './tryton-values.js';

const partyRow = z.object({
  id: z.int(),
  code: z.string().min(1),
  name: z.string().nullable(),
  active: z.boolean(),
  _timestamp: z.string().min(1),
  create_date: trytonInstant,
  write_date: trytonInstant.nullable(),
});

/** A supplier is a party; Tryton 6.0 does not mark which parties are suppliers, so every party is seen as one. */
export const suppliers: TrytonRecordType = {
  capability: {
    recordType: 'supplier',
    read: true, create: true, update: true,
    readable: ['code', 'name', 'active'],
    writable: ['name', 'active'],
    concurrency: 'timestamp',
    delta: 'timestamp',
    deletes: 'reconcile',
    idempotency: 'natural-key',
    bulk: false,
  },
  model: 'party.party',
  fields: ['code', 'name', 'active', '_timestamp', 'create_date', 'write_date'],
  datedPrefixes: [''],
  labels: { Name: 'name', Code: 'code', Active: 'active' },

  toRow(row: unknown): TrytonRow | undefined {
    const { success, data } = partyRow.safeParse(row);
    if (!success) return undefined;
    const { id, code, name, active } = data;
    return {
      id,
      record: {
        recordType: 'supplier', key: code, internalId: String(id), token: data._timestamp, attributes: { code, name, active },
        changedAt: data.write_date ?? data.create_date, active,
      },
      details: {},
    };
  },

  async creation(write: ErpWrite): Promise<{ model: string; values: Record<string, unknown> }> {
    return { model: 'party.party', values: { code: write.key, ...valuesOf(write) } };
  },

  async change(row: TrytonRow, write: ErpWrite): Promise<TrytonWrite> {
    return { model: 'party.party', ids: [row.id], values: valuesOf(write), timestamps: { [`party.party,${row.id}`]: write.token! } };
  },
};

function valuesOf({ attributes }: ErpWrite): Record<string, unknown> {
  onlyWritable(suppliers.capability, attributes);
  return {
    ...('name' in attributes ? { name: attributes.name === null ? null : textOrRefusal('name', attributes.name) } : {}),
    ...('active' in attributes ? { active: flagOrRefusal('active', attributes.active) } : {}),
  };
}
