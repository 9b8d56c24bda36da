import { addDecimals, compareDecimals, conflict, gatewayActor, subtractDecimals, type TxContext } from '@datum/platform';
import type { Candidate, Consequence, RecordChange, RecordWriter } from '@datum/governed';
import type { FrozenExplosions } from '@datum/boms';
import { stockMovementRecord, type StockMovement } from '@datum/inventory';
import { supplierRecord } from '@datum/parties';
import { deliveryScores, lineProgress, lockOrders, lockSuppliers, lockTransferLines, type TransferLine } from './order.repository.js';
import { productionOrderRecord, type ProductionOrder } from './production-order.record.js';
import { stepsBetween } from './production-state.js';
import { purchaseOrderLineRecord, transferOrderLineRecord, type OrderType } from './trade-order.record.js';

/** What follows is the gateway's own work; the correlation id leads to who set it off. */
const asGateway = (context: TxContext): TxContext => ({ ...context, actor: gatewayActor });

async function follow(writer: RecordWriter, context: TxContext, definition: OrderType['order'], changes: readonly RecordChange[]): Promise<void> {
  const results = changes.length > 0 ? await writer.applyConsequence(asGateway(context), definition, changes) : [];
  for (const result of results) if (result.status === 'refused') throw result.error;
}

/** A released order keeps what its BOM is on the day from which the release holds. An order without a BOM then, or one that cannot be exploded, is not released. */
export const freezeConsequence = (explosions: FrozenExplosions): Consequence => ({
  recordType: productionOrderRecord.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    for (const { after, before, validFrom } of applied) {
      const order = after as unknown as ProductionOrder;
      const wasPlanned = !before || before.commitment === 'PLANNED';
      if (order.commitment !== 'RELEASED' || !wasPlanned) continue;
      const date = validFrom.slice(0, 10);
      const { record } = await explosions.freeze(context, { orderId: order.id, itemId: order.itemId!, site: order.site!, quantity: order.quantity!.value, date });
      if (record.bomId === null) throw conflict('production-order.no-bom', `Order ${order.number} is not released: its item has no BOM that counts on ${date} at ${order.site}.`, { date });
    }
  },
});

/** States that no progress leads to, nor through. A held order stays held: what was done meanwhile counts when it is taken off hold. */
const shunned = new Set(['ON_HOLD', 'CANCELLED', 'CLOSED']);

/** An order moves on with its lines, step by step of its life cycle. What is not asked for or not reachable now is looked at again with its next change. */
export const progressConsequences = (writer: RecordWriter, type: OrderType): Consequence[] => [
  {
    recordType: type.line.type,
    async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
      const measures = ['quantity', 'baseQuantity', ...type.progress.map(({ attribute }) => attribute)];
      const moved = applied.filter(({ changed }) => measures.some((name) => name in changed));
      await moveOn({ writer, context, type }, moved.map(({ after }) => String(after.orderId)));
    },
  },
  {
    recordType: type.order.type,
    async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
      await moveOn({ writer, context, type }, applied.filter(({ before, changed }) => before && 'state' in changed).map(({ after }) => after.id));
    },
  },
];

async function moveOn({ writer, context, type }: { writer: RecordWriter; context: TxContext; type: OrderType }, orderIds: readonly string[]): Promise<void> {
  const { order, line, progress } = type;
  const ids = [...new Set(orderIds)];
  if (ids.length === 0) return;
  const orders = await lockOrders(context.tx, order.table, ids);
  const wished = new Map<string, string>();
  for (const { attribute, part, all } of [...progress].reverse()) {
    for (const done of await lineProgress(context.tx, line.table, line.attributes[attribute]!.column!, ids)) {
      if (done.some) wished.set(done.orderId, done.all ? all : part);
    }
  }
  const changes = orders.filter(({ id, state }) => wished.has(id) && !shunned.has(state)).flatMap(({ id, state }) => {
    const steps = stepsBetween(order.lifecycle!.transitions, state, wished.get(id)!, shunned) ?? [];
    return steps.map((step): RecordChange => ({ op: 'update', id, attributes: { state: step } }));
  });
  await follow(writer, context, order, changes);
}

/** What moves between sites under a transfer order's number counts on its lines: no single system sees both ends. */
export const transferConsequence = (writer: RecordWriter): Consequence => ({
  recordType: stockMovementRecord.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const movements = applied.map(({ after }) => after as unknown as StockMovement).filter(({ type, document }) => document !== null && type!.startsWith('TRANSFER_SITE_'));
    if (movements.length === 0) return;
    const lines = await lockTransferLines(context.tx, [...new Set(movements.map(({ document }) => document!))]);
    const touched = new Set<TransferLine>();
    for (const movement of movements) for (const line of count(movement, lines)) touched.add(line);
    const changes = [...touched].map(({ id, shipped, received }): RecordChange => ({ op: 'update', id, attributes: { shipped, received } }));
    await follow(writer, context, transferOrderLineRecord, changes);
  },
});

/** Counts a movement on the lines it belongs to, first line first; what is more than ordered stands on the last one. */
function count(movement: StockMovement, all: readonly TransferLine[]): TransferLine[] {
  const out = movement.type === 'TRANSFER_SITE_OUT';
  const [from, to] = out ? [movement.site, movement.counterSite] : [movement.counterSite, movement.site];
  const lines = all.filter((line) => line.number === movement.document && line.itemId === movement.itemId && line.site === from && line.toSite === to);
  const measure = out ? 'shipped' : 'received';
  let left = movement.quantity!.value;
  const touched: TransferLine[] = [];
  for (const [i, line] of lines.entries()) {
    const open = subtractDecimals(line.base, line[measure]);
    const takes = i === lines.length - 1 || compareDecimals(left, open) <= 0 ? left : open;
    if (compareDecimals(takes, '0') <= 0) continue;
    line[measure] = addDecimals(line[measure], takes);
    left = subtractDecimals(left, takes);
    touched.push(line);
  }
  return touched;
}

/** Receipts make the supplier's score: lines that came by the promised day, in percent with one digit. */
export const scoreConsequence = (writer: RecordWriter): Consequence => ({
  recordType: purchaseOrderLineRecord.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const received = applied.filter(({ changed }) => 'received' in changed || 'receivedOn' in changed);
    if (received.length === 0) return;
    const orderIds = received.map(({ after }) => String(after.orderId));
    // Two receipts of one supplier at once would each count without the other's line.
    await lockSuppliers(context.tx, orderIds);
    const scores = await deliveryScores(context.tx, orderIds);
    const changes = scores.map(({ supplierId, lines, onTime }): RecordChange => ({
      op: 'update', id: supplierId, attributes: { onTimePercent: String(Math.round((onTime * 1_000) / lines) / 10), receivedLines: lines },
    }));
    await follow(writer, context, supplierRecord, changes);
  },
});
