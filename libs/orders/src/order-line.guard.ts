import { compareDecimals, invalid, type AppError, type TxContext } from '@datum/platform';
import type { Candidate, Guard, Quantity } from '@datum/governed';
import { itemFactsOf } from '@datum/items';
import { orderTypes } from './trade-order.record.js';

/** Stock, receipts and promises are counted in base units: every line says its quantity in them, whatever unit it was ordered in. */
export const orderLineGuard: Guard = {
  name: 'order-line',
  recordTypes: orderTypes.map(({ line }) => line.type),
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const items = await itemFactsOf(context.tx, [...new Set(candidates.map(({ after }) => String(after.itemId)))]);
    for (const candidate of candidates) candidate.error = settleBaseQuantity(candidate, items.get(String(candidate.after.itemId))?.baseUnit);
  },
};

function settleBaseQuantity({ definition, after, changed }: Candidate, baseUnit: string | undefined): AppError | undefined {
  const quantity = after.quantity as Quantity;
  const given = after.baseQuantity as string | null;
  if (quantity.unit !== baseUnit) {
    if (given !== null) return undefined;
    const detail = `The item is counted in ${baseUnit}: say how many ${baseUnit} the ${quantity.value} ${quantity.unit} are.`;
    return invalid(detail, [{ pointer: '#/baseQuantity', code: 'order-line.base-quantity', detail }], `${definition.type}.invalid`);
  }
  if ('baseQuantity' in changed && given !== null && compareDecimals(given, quantity.value) !== 0) {
    const detail = `The line is in the base unit already, so this must be ${quantity.value}.`;
    return invalid(detail, [{ pointer: '#/baseQuantity', code: 'order-line.base-quantity', detail }], `${definition.type}.invalid`);
  }
  if (given !== quantity.value) changed.baseQuantity = after.baseQuantity = quantity.value;
  return undefined;
}
