import { addDecimals, compareDecimals, multiplyDecimals, subtractDecimals } from '@datum/platform';
import type { ProductionState } from './production-order.record.js';

/** What the state follows from. Decimals in base units. */
export interface ProductionFacts {
  planned: string;
  commitment: string;
  executionState: string | null;
  machineFinished: string;
  qualityReleased: string;
  qualityRejected: string;
  posted: string;
  underTolerancePercent: string;
}

const atLeast = (a: string, b: string): boolean => compareDecimals(a, b) >= 0;
const some = (a: string): boolean => compareDecimals(a, '0') > 0;

/** `share` percent of a quantity, exactly. */
export const percentOf = (quantity: string, share: string): string => multiplyDecimals(quantity, multiplyDecimals(share, '0.01'));

/** The canonical state that the facts amount to [vocabulary production-order-state/1]. Pure. */
export function productionState(facts: ProductionFacts): ProductionState {
  const { planned, commitment, executionState, machineFinished, qualityReleased, qualityRejected, posted, underTolerancePercent } = facts;
  if (commitment === 'CLOSED' || commitment === 'CANCELLED') return commitment;
  const enough = subtractDecimals(planned, percentOf(planned, underTolerancePercent));
  if (some(qualityReleased) && atLeast(qualityReleased, enough) && atLeast(posted, qualityReleased)) return 'COMPLETED';
  const finished = executionState === 'MACHINE_FINISHED' || (some(planned) && atLeast(machineFinished, planned));
  const decided = some(machineFinished) && atLeast(addDecimals(qualityReleased, qualityRejected), machineFinished);
  if (finished) return decided ? 'QUALITY_RELEASED' : 'MACHINE_FINISHED';
  if (executionState === 'STARTED' || executionState === 'INTERRUPTED') return executionState;
  if (some(machineFinished)) return 'STARTED';
  return commitment === 'RELEASED' ? 'RELEASED' : 'PLANNED';
}

/** Measures that say more than what they rest on: what is decided was made before, and so was what is posted. Pure. */
export function measureProblem(facts: Pick<ProductionFacts, 'machineFinished' | 'qualityReleased' | 'qualityRejected' | 'posted'>): { attribute: string; detail: string } | undefined {
  const { machineFinished, qualityReleased, qualityRejected, posted } = facts;
  const decided = addDecimals(qualityReleased, qualityRejected);
  if (!atLeast(machineFinished, decided)) {
    return { attribute: 'qualityReleased', detail: `Quality released ${qualityReleased} and rejected ${qualityRejected}, but only ${machineFinished} are machine-finished.` };
  }
  if (!atLeast(machineFinished, posted)) return { attribute: 'posted', detail: `${posted} are posted, but only ${machineFinished} are machine-finished.` };
  return undefined;
}

/** The steps from one state to another by a life cycle, the shortest way: `[]` when it is there already, undefined when there is no way. Pure. */
export function stepsBetween(transitions: Record<string, readonly string[]>, from: string, to: string, shunned: ReadonlySet<string> = new Set()): string[] | undefined {
  let ways: string[][] = [[]];
  const seen = new Set([from]);
  if (from === to) return [];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) => (transitions[way.at(-1) ?? from] ?? []).filter((next) => next === to || !shunned.has(next)).map((next) => [...way, next]));
    const found = longer.find((way) => way.at(-1) === to);
    if (found) return found;
    ways = longer.filter((way) => !seen.has(way.at(-1)!));
    for (const way of ways) seen.add(way.at(-1)!);
  }
  return undefined;
}

/** Completed as the enterprise counts: what quality has released and the books know. */
export const completedQuantity = (qualityReleased: string, posted: string): string => (atLeast(qualityReleased, posted) ? posted : qualityReleased);
