import { addDecimals, compareDecimals, gatewayActor, subtractDecimals, type TxContext } from '@datum/platform';
import type { Candidate, Consequence, RecordChange, RecordWriter } from '@datum/governed';
import type { FrozenExplosions } from '@datum/boms';
import { stockMovementRecord, type StockMovement } from '@datum/inventory';
import { supplierRecord } from '@datum/parties';
import { deliveryScores, lineProgress, lockOrders, lockTransferLines, type TransferLine } from './order.repository.js';
import { productionOrderRecord, type ProductionOrder } from './production-order.record.js';
import { purchaseOrderLineRecord, transferOrderLineRecord, type OrderType } from './trade-order.record.js';

/** What follows is the gateway's own work; the correlation id leads to who set it off. */
const asGateway = (context: TxContext): TxContext => ({ ...context, actor: gatewayActor });

async function follow(writer: RecordWriter, context: TxContext, definition: OrderType['order'], changes: readonly RecordChange[]): Promise<void> {
  const results = changes.length > 0 ? await writer.applyConsequence(asGateway(context), definition, changes) : [];
  for (const result of results) if (result.status === 'refused') throw result.error;
}

/** A released order keeps what its BOM is on that day. An order that cannot be exploded is not released. */
export const freezeConsequence = (explosions: FrozenExplosions): Consequence => ({
  recordType: productionOrderRecord.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    for (const { after, before } of applied) {
      const order = after as unknown as ProductionOrder;
      const wasPlanned = !before || before.commitment === 'PLANNED';
      if (order.commitment !== 'RELEASED' || !wasPlanned) continue;
      await explosions.freeze(context, { orderId: order.id, itemId: order.itemId!, site: order.site!, quantity: order.quantity!.value });
    }
  },
});

/** An order moves on with its lines, where its life cycle has such a step. */
export const progressConsequence = (writer: RecordWriter, { order, line, progress }: OrderType): Consequence => ({
  recordType: line.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const moved = applied.filter(({ changed }) => progress.some(({ attribute }) => attribute in changed));
    if (moved.length === 0) return;
    const ids = [...new Set(moved.map(({ after }) => String(after.orderId)))];
    const orders = await lockOrders(context.tx, order.table, ids);
    const wished = new Map<string, string>();
    for (const { attribute, part, all } of [...progress].reverse()) {
      for (const done of await lineProgress(context.tx, line.table, line.attributes[attribute]!.column!, ids)) {
        if (done.some) wished.set(done.orderId, done.all ? all : part);
      }
    }
    const changes = orders.filter(({ id, state }) => wished.has(id) && (order.lifecycle!.transitions[state] ?? []).includes(wished.get(id)!))
      .map(({ id }): RecordChange => ({ op: 'update', id, attributes: { state: wished.get(id) } }));
    await follow(writer, context, order, changes);
  },
});

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
    const scores = await deliveryScores(context.tx, received.map(({ after }) => String(after.orderId)));
    const changes = scores.map(({ supplierId, lines, onTime }): RecordChange => ({
      op: 'update', id: supplierId, attributes: { onTimePercent: String(Math.round((onTime * 1_000) / lines) / 10), receivedLines: lines },
    }));
    await follow(writer, context, supplierRecord, changes);
  },
});
