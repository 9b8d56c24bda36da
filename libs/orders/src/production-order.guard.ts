import { addDecimals, compareDecimals, conflict, invalid, type AppError, type TxContext } from '@datum/platform';
import { type Candidate, type Guard } from '@datum/governed';
import { itemFactsOf } from '@datum/items';
import { productionOrderRecord, type ProductionOrder } from './production-order.record.js';
import { completedQuantity, measureProblem, percentOf, productionState, stepsBetween, type ProductionFacts } from './production-state.js';

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
      candidate.error = unitProblem(order, baseUnit) ?? stepProblem(candidate) ?? overCompletion(candidate) ?? measuresProblem(candidate) ?? jumpProblem(candidate);
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

/** Only a report of these measures is refused for them: an order may come in as its ERP has it, and what was wrong before is not the next report's. */
function measuresProblem(candidate: Candidate): AppError | undefined {
  if (!['machineFinished', 'qualityReleased', 'qualityRejected', 'posted'].some((name) => name in candidate.changed)) return undefined;
  const found = measureProblem(factsOf(orderOf(candidate)));
  if (!found) return undefined;
  const { machineFinished, qualityReleased, qualityRejected, posted } = factsOf(orderOf(candidate));
  return conflict('production-order.measures', found.detail, { attribute: found.attribute, machineFinished, qualityReleased, qualityRejected, posted });
}

/** What the facts amount to must lie ahead in the life cycle. Backwards goes only a count that is put right, or an order that is changed. */
function jumpProblem(candidate: Candidate): AppError | undefined {
  const { before, changed } = candidate;
  if (!before) return undefined;
  const [from, to] = [String(before.state), productionState(factsOf(orderOf(candidate)))];
  if (stepsBetween(productionOrderRecord.lifecycle!.transitions, from, to, new Set(['CANCELLED', 'CLOSED'])) !== undefined) return undefined;
  const putsRight = shut.has(from) ? [] : ['quantity', 'underTolerancePercent', ...reports];
  return putsRight.some((name) => name in changed) ? undefined : illegalStep('state', from, to);
}

const factsOf = (order: ProductionOrder): ProductionFacts => ({
  planned: order.quantity!.value, commitment: order.commitment!, executionState: order.executionState, machineFinished: order.machineFinished ?? '0',
  qualityReleased: order.qualityReleased ?? '0', qualityRejected: order.qualityRejected ?? '0', posted: order.posted ?? '0',
  underTolerancePercent: order.underTolerancePercent ?? '0',
});

/** Sets what the gateway computes. */
function derive({ after, changed }: Candidate): void {
  const facts = factsOf(after as unknown as ProductionOrder);
  const state = productionState(facts);
  const completed = completedQuantity(facts.qualityReleased, facts.posted);
  if (after.state !== state) changed.state = after.state = state;
  if (after.completed !== completed) changed.completed = after.completed = completed;
}
