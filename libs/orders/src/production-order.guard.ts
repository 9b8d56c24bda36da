import { addDecimals, compareDecimals, conflict, invalid, type AppError, type TxContext } from '@datum/platform';
import { type Candidate, type Guard } from '@datum/governed';
import { itemFactsOf } from '@datum/items';
import { productionOrderRecord, type ProductionOrder } from './production-order.record.js';
import { completedQuantity, percentOf, productionState } from './production-state.js';

/** Orders in these states take no more reports. */
const shut = new Set(['PLANNED', 'CLOSED', 'CANCELLED']);
const reports = ['machineFinished', 'scrapped', 'rework', 'qualityReleased', 'qualityRejected', 'posted'] as const;

/**
 * Keeps the canonical state: what the ERP and the line report must be a step that the life cycle has; what is counted moves the state by itself, back
 * as well when a count is put right. A refused report changes nothing, and the refusal names both states.
 */
export const productionOrderGuard: Guard = {
  name: 'production-order',
  recordTypes: [productionOrderRecord.type],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const items = await itemFactsOf(context.tx, [...new Set(candidates.map(({ after }) => String(after.itemId)))]);
    for (const candidate of candidates) {
      const order = orderOf(candidate);
      const baseUnit = items.get(order.itemId!)?.baseUnit;
      candidate.error = unitProblem(order, baseUnit) ?? stepProblem(candidate) ?? overCompletion(candidate);
      if (!candidate.error) derive(candidate);
    }
  },
};

const orderOf = ({ after }: Candidate): ProductionOrder => after as unknown as ProductionOrder;

function unitProblem({ quantity }: ProductionOrder, baseUnit: string | undefined): AppError | undefined {
  if (baseUnit === undefined || quantity!.unit === baseUnit) return undefined;
  const detail = `The item is counted in ${baseUnit}, not in ${quantity!.unit}.`;
  return invalid(detail, [{ pointer: '#/quantity/unit', code: 'order.unit', detail }], 'production-order.invalid');
}

function stepProblem({ before, changed }: Candidate): AppError | undefined {
  if (!before) return undefined;
  const from = String(before.state);
  for (const name of ['commitment', 'executionState'] as const) {
    const to = changed[name];
    if (typeof to === 'string' && to !== from && !allowed(from).includes(to) && !confirms(from, to)) return illegalStep(name, from, to);
  }
  const counted = reports.find((name) => name in changed);
  return counted && shut.has(from) ? illegalStep(counted, from, 'STARTED') : undefined;
}

/** The line may say that it has finished after quality was quicker. */
const confirms = (from: string, to: string): boolean => to === 'MACHINE_FINISHED' && (from === 'QUALITY_RELEASED' || from === 'COMPLETED');

const allowed = (from: string): readonly string[] => productionOrderRecord.lifecycle!.transitions[from] ?? [];

function illegalStep(attribute: string, from: string, to: string): AppError {
  const ways = allowed(from).length > 0 ? `only to ${allowed(from).join(', ')}` : 'nowhere: it is an end';
  const sentence = `A production-order cannot go from ${from} to ${to}; from ${from} it goes ${ways}.`;
  return invalid(sentence, [{ pointer: `#/${attribute}`, code: 'lifecycle.illegal', detail: sentence }], 'production-order.illegal-transition');
}

function overCompletion(candidate: Candidate): AppError | undefined {
  if (!('machineFinished' in candidate.changed)) return undefined;
  const { quantity, overTolerancePercent, machineFinished, number } = orderOf(candidate);
  const planned = quantity!.value;
  const limit = addDecimals(planned, percentOf(planned, overTolerancePercent ?? '0'));
  if (compareDecimals(machineFinished ?? '0', limit) <= 0) return undefined;
  return conflict('production-order.over-completion', `Order ${number} may come to ${limit} of ${planned} planned, not to ${machineFinished}.`, {
    planned, limit, reported: machineFinished,
  });
}

/** Sets what the gateway computes. */
function derive({ after, changed }: Candidate): void {
  const order = after as unknown as ProductionOrder;
  const qualityReleased = order.qualityReleased ?? '0';
  const posted = order.posted ?? '0';
  const state = productionState({
    planned: order.quantity!.value, commitment: order.commitment!, executionState: order.executionState, machineFinished: order.machineFinished ?? '0',
    qualityReleased, qualityRejected: order.qualityRejected ?? '0', posted, underTolerancePercent: order.underTolerancePercent ?? '0',
  });
  const completed = completedQuantity(qualityReleased, posted);
  if (after.state !== state) changed.state = after.state = state;
  if (after.completed !== completed) changed.completed = after.completed = completed;
}
