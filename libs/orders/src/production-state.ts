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

/** Completed as the enterprise counts: what quality has released and the books know. */
export const completedQuantity = (qualityReleased: string, posted: string): string => (atLeast(qualityReleased, posted) ? posted : qualityReleased);
