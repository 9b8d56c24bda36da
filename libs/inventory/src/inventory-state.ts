/** One term of the vocabulary `inventory-state/1`: what a quantity in this state may be used for, and where it counts. */
export interface InventoryState {
  code: string;
  definition: string;
  /** Physically at the site. */
  onHand: boolean;
  /** `now`: free to promise. `date`: from an expected date on. `policy`: as the stock policy of the site says. */
  promise: 'now' | 'date' | 'policy' | 'no';
  /** Counts in the owner's books. */
  valued: boolean;
}

const term = (code: string, onHand: boolean, promise: InventoryState['promise'], valued: boolean, definition: string): InventoryState =>
  ({ code, onHand, promise, valued, definition });

/** `inventory-state/1`. The flags are read wherever stock is summed up; nothing else knows which state counts where. */
export const inventoryStates: readonly InventoryState[] = [
  term('EXPECTED', false, 'date', false, 'Ordered or planned, not yet shipped by the supplier or plant.'),
  term('IN_TRANSIT_IN', false, 'date', false, 'Shipped to this site, not received; title as the terms say.'),
  term('RECEIVED_UNPUT', true, 'no', true, 'Physically at the dock, not put away.'),
  term('QUALITY_INSPECTION', true, 'policy', true, 'Awaiting a quality decision; machine-finished goods are here.'),
  term('AVAILABLE', true, 'now', true, 'Released, unrestricted, not reserved.'),
  term('RESERVED', true, 'no', true, 'Released and tied to an order.'),
  term('QUALITY_HOLD', true, 'no', true, 'Decision negative or suspended; must not be used.'),
  term('IN_PROCESS', true, 'no', true, 'Issued to an order, not yet consumed or returned.'),
  term('CONSIGNED', true, 'no', false, 'Here, but owned by another party.'),
  term('IN_TRANSIT_OUT', false, 'no', true, 'Left this site, not delivered yet; between own sites it is shown once.'),
  term('RECALLED', true, 'no', true, 'Under a recall case; frozen everywhere.'),
  term('SCRAPPED', false, 'no', false, 'Written off, physically gone or marked.'),
];

/** States a balance can be in. What is only expected is kept by the orders. */
export const balanceStates = inventoryStates.map(({ code }) => code).filter((code) => code !== 'EXPECTED');
export const onHandStates = inventoryStates.filter(({ onHand }) => onHand).map(({ code }) => code);
export const valuedStates = inventoryStates.filter(({ valued }) => valued).map(({ code }) => code);
export const transitStates: readonly string[] = ['IN_TRANSIT_IN', 'IN_TRANSIT_OUT'];
/** Whoever moves stock into or out of these takes a quality decision. */
export const decisionStates: readonly string[] = ['QUALITY_INSPECTION', 'QUALITY_HOLD', 'RECALLED'];
