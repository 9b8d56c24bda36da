import { z } from 'zod';

/**
 * The data set the simulated enterprise starts from (SIM_DATA), in the corporate ERP's own words and codes. Unknown members are
 * ignored, so that one file can carry the data of several simulated systems. See README.md.
 */
const itemData = z.object({
  number: z.string().min(1),
  name: z.string().min(1),
  nameDe: z.string().nullable().default(null),
  category: z.string().default('BO'),
  unit: z.string().default('EA'),
  gtin: z.string().nullable().default(null),
  cost: z.string().nullable().default(null),
  blocked: z.boolean().default(false),
});
const supplierData = z.object({
  number: z.string().min(1),
  name: z.string().min(1),
  taxId: z.string().nullable().default(null),
  blocked: z.boolean().default(false),
});
export const enterpriseData = z.object({
  items: z.array(itemData).default([]),
  suppliers: z.array(supplierData).default([]),
});
export type EnterpriseData = z.infer<typeof enterpriseData>;

/** When the data set's records count as changed: before everything that happens in a run. */
const openedAt = '2026-01-01T00:00:00.000000Z';

/** A record as the corporate ERP holds and shows it. */
export type CorporateRecord = Record<string, unknown> & { oid: number; rev: number; changedAt: string; blocked: boolean };

export type CorporateType = 'item' | 'vendor';

/** The records of the data set with the ERP's own field names, by type and number. */
export function openingRecords(data: EnterpriseData): Record<CorporateType, CorporateRecord[]> {
  let oid = 0;
  const opened = (fields: Record<string, unknown>, blocked: boolean): CorporateRecord => ({
    oid: (oid += 1), rev: 1, ...fields, blocked, changedAt: openedAt,
  });
  return {
    item: data.items.map((item) => opened({
      itemNo: item.number, descEn: item.name, descDe: item.nameDe, itemCat: item.category, uom: item.unit, ean: item.gtin,
      stdCost: item.cost, costCurr: 'USD',
    }, item.blocked)),
    vendor: data.suppliers.map((supplier) => opened({
      vendNo: supplier.number, vendName: supplier.name, vatNo: supplier.taxId,
    }, supplier.blocked)),
  };
}
