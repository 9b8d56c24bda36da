import { onHandStates } from './inventory-state.js';

/** One end of a movement: which states it may have, and which one is meant when none is given. */
interface End { states: readonly string[]; usual?: string; optional?: boolean }

export interface MovementType {
  code: string;
  definition: string;
  from?: End;
  to?: End;
  /** The end that lies between two sites. */
  transit?: 'from' | 'to';
}

const usable = ['AVAILABLE', 'RESERVED', 'CONSIGNED'];
const received = ['RECEIVED_UNPUT', 'QUALITY_INSPECTION', 'AVAILABLE', 'CONSIGNED'];

/** The vocabulary of movements with its rules, as data: what each type takes from where, and where it puts it. */
export const movementTypes: readonly MovementType[] = [
  { code: 'RECEIPT', definition: 'Comes in from a supplier.', to: { states: received, usual: 'RECEIVED_UNPUT' } },
  {
    code: 'ISSUE_TO_ORDER', definition: 'Goes to a production order: stays in process there, or is used up.',
    from: { states: [...usable, 'IN_PROCESS'], usual: 'AVAILABLE' }, to: { states: ['IN_PROCESS'], optional: true },
  },
  {
    code: 'RETURN_FROM_ORDER', definition: 'Comes back from a production order.',
    from: { states: ['IN_PROCESS'], optional: true }, to: { states: ['AVAILABLE', 'QUALITY_INSPECTION', 'QUALITY_HOLD'], usual: 'AVAILABLE' },
  },
  {
    code: 'COMPLETION', definition: 'Made by a production order.',
    to: { states: ['QUALITY_INSPECTION', 'AVAILABLE', 'QUALITY_HOLD'], usual: 'QUALITY_INSPECTION' },
  },
  {
    code: 'TRANSFER_BIN', definition: 'Moves within the site; putting away makes received stock available or sends it to inspection.',
    from: { states: onHandStates, usual: 'AVAILABLE' }, to: { states: onHandStates },
  },
  {
    code: 'TRANSFER_SITE_OUT', definition: 'Leaves for another site.', transit: 'to',
    from: { states: usable, usual: 'AVAILABLE' }, to: { states: ['IN_TRANSIT_OUT'], usual: 'IN_TRANSIT_OUT' },
  },
  {
    code: 'TRANSFER_SITE_IN', definition: 'Arrives from another site.', transit: 'from',
    from: { states: ['IN_TRANSIT_OUT'], usual: 'IN_TRANSIT_OUT' }, to: { states: received, usual: 'RECEIVED_UNPUT' },
  },
  { code: 'STATE_CHANGE', definition: 'Stays where it is and changes its state.', from: { states: onHandStates }, to: { states: onHandStates } },
  {
    code: 'SHIP', definition: 'Leaves for a customer; from IN_TRANSIT_OUT it is delivered.',
    from: { states: [...usable, 'IN_TRANSIT_OUT'], usual: 'AVAILABLE' }, to: { states: ['IN_TRANSIT_OUT'], usual: 'IN_TRANSIT_OUT', optional: true },
  },
  { code: 'RETURN_IN', definition: 'Comes back from a customer.', to: { states: ['QUALITY_INSPECTION', 'QUALITY_HOLD'], usual: 'QUALITY_INSPECTION' } },
  { code: 'SCRAP', definition: 'Written off.', from: { states: onHandStates, usual: 'AVAILABLE' } },
  {
    code: 'COUNT_ADJUST', definition: 'A count found more (`toState`) or less (`fromState`) than was booked.',
    from: { states: onHandStates, optional: true }, to: { states: onHandStates, optional: true },
  },
];

export const movementTypeCodes = movementTypes.map(({ code }) => code);
export const movementTypeOf = (code: string): MovementType => movementTypes.find((type) => type.code === code)!;
