import { z } from 'zod';
import type { CorporateType } from './corporate-data.js';

/** The corporate ERP's codes. They are deliberately not the canonical ones. */
const itemCategories = ['FG', 'SF', 'BO', 'RM', 'PH', 'SV', 'TL'] as const;
const units = ['EA', 'KG', 'G', 'LB', 'M', 'FT', 'L', 'H'] as const;

const text = (charactersMax: number) => z.string().min(1).max(charactersMax);
const number = z.string().regex(/^[\w./-]{1,30}$/);

const item = z.strictObject({
  itemNo: number,
  descEn: text(120),
  descDe: text(120).nullable().default(null),
  itemCat: z.enum(itemCategories).default('BO'),
  uom: z.enum(units).default('EA'),
  ean: z.string().regex(/^\d{14}$/).nullable().default(null),
  stdCost: z.string().regex(/^\d{1,11}(\.\d{1,6})?$/).nullable().default(null),
  costCurr: z.literal('USD').default('USD'),
  blocked: z.boolean().default(false),
});
const vendor = z.strictObject({
  vendNo: number,
  vendName: text(120),
  vatNo: text(30).nullable().default(null),
  blocked: z.boolean().default(false),
});

/** Per type: the field that is the documented natural key, and what a whole record must look like. */
export const corporateFields: Record<CorporateType, { key: string; whole: z.ZodObject }> = {
  item: { key: 'itemNo', whole: item },
  vendor: { key: 'vendNo', whole: vendor },
};
