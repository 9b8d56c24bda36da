/** The columns of `item`, as pg gives them. */
export interface ItemRow {
  id: string; version: number; created_at: string; updated_at: string; code: string; gtin: string | null; type: string; base_unit: string;
  description: unknown; classification: unknown; legacy_code: string | null; state: string; drawing: string | null; material: string | null;
  net_weight: string | null; net_weight_unit: string | null; attributes: unknown; valuation_class: string | null; standard_cost: string | null;
  standard_cost_currency: string | null; inspection_plan: string | null; list_price: string | null; list_price_currency: string | null;
  product_line: string | null;
}

const money = (amount: string | null, currency: string | null): unknown => (amount === null ? null : { amount, currency });

/** The item as the gateway would send it, written out by hand. */
export const toItem = (row: ItemRow): object => ({
  id: row.id, code: row.code, gtin: row.gtin, type: row.type, baseUnit: row.base_unit, description: row.description,
  classification: row.classification, legacyCode: row.legacy_code, state: row.state, drawing: row.drawing, material: row.material,
  netWeight: row.net_weight === null ? null : { value: row.net_weight, unit: row.net_weight_unit }, attributes: row.attributes,
  valuationClass: row.valuation_class, standardCost: money(row.standard_cost, row.standard_cost_currency), inspectionPlan: row.inspection_plan,
  listPrice: money(row.list_price, row.list_price_currency), productLine: row.product_line, version: row.version, createdAt: row.created_at,
  updatedAt: row.updated_at,
});
