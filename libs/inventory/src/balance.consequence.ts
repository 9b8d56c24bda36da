import { addDecimals, compareDecimals, compareInstants, conflict, subtractDecimals, type TxContext } from '@datum/platform';
import type { Candidate, Consequence, RecordChange, RecordWriter } from '@datum/governed';
import { derivedChanges } from './balance.guard.js';
import { balanceKeyText, type BalanceKey } from './balance-key.js';
import { lockBalances } from './balance.repository.js';
import { movementOf, movingEnds, negativeStock, touchedKeys } from './movement.guard.js';
import { stockBalanceRecord } from './stock.record.js';

interface NetChange { key: BalanceKey; delta: string; unit: string; asOf: string; place: string | null; event: string }

/** Balances move with their movements, in the same transaction and under the same locks. */
export const balanceConsequence = (writer: RecordWriter): Consequence => ({
  recordType: 'stock-movement',
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const net = netChanges(applied);
    const locked = await lockBalances(context.tx, touchedKeys(applied.map(movingEnds)));
    const changes = net.map((each): RecordChange => {
      const balance = locked.get(balanceKeyText(each.key));
      const value = addDecimals(balance?.quantity ?? '0', each.delta);
      const quantity = { value, unit: each.unit };
      // The guard has seen to it already; this holds when a movement that others lived on fell out of the batch after the guard.
      if (compareDecimals(value, '0') < 0) throw negativeStock({ type: 'Movement', quantity: { value: each.delta.slice(1), unit: each.unit } }, each.key, balance?.quantity ?? '0');
      if (balance && balance.unit !== each.unit && compareDecimals(balance.quantity, '0') !== 0) {
        throw conflict('inventory.unit-differs', `The stock at ${each.key.site} is counted in ${balance.unit}, the movement in ${each.unit}.`, { balance: each.key });
      }
      const source = { event: each.event };
      if (balance) return { op: 'update', id: balance.id, attributes: { quantity, asOf: later(balance.asOf, each.asOf) }, source };
      return { op: 'create', attributes: { ...each.key, place: each.place, quantity, asOf: each.asOf }, source };
    });
    for (const change of changes) derivedChanges.add(change);
    for (let start = 0; start < changes.length; start += 500) {
      const results = await writer.applyConsequence(context, stockBalanceRecord, changes.slice(start, start + 500));
      const refused = results.find((result) => result.status === 'refused');
      if (refused) throw conflict('inventory.balance-moved', 'Another count of the same stock came first; send the movement again.');
    }
  },
});

/** One change per balance, however many movements of the batch touch it. */
function netChanges(applied: readonly Candidate[]): NetChange[] {
  const net = new Map<string, NetChange>();
  const add = (candidate: Candidate, key: BalanceKey | undefined, sign: 1 | -1): void => {
    if (!key) return;
    const { quantity, occurredAt, place, number } = movementOf(candidate);
    const id = balanceKeyText(key);
    const before = net.get(id) ?? { key, delta: '0', unit: quantity!.unit, asOf: occurredAt!, place: place ?? null, event: number! };
    const delta = sign === 1 ? addDecimals(before.delta, quantity!.value) : subtractDecimals(before.delta, quantity!.value);
    net.set(id, { ...before, delta, asOf: later(before.asOf, occurredAt!) });
  };
  for (const candidate of applied) {
    const { from, to } = movingEnds(candidate);
    add(candidate, from, -1);
    add(candidate, to, 1);
  }
  return [...net.values()];
}

/** A late message about an earlier movement does not turn the balance's time back. */
const later = (known: string | null, instant: string): string => (known !== null && compareInstants(known, instant) > 0 ? known : instant);
