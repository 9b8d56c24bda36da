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
  /** The figure of an availability that it stands in, besides what is on hand; null: in none, or on its way. */
  figure: StockFigure | null;
}

export type StockFigure = 'free' | 'reserved' | 'inInspection' | 'onHold' | 'inProcess' | 'atDock' | 'consigned';

type Flags = [onHand: boolean, promise: InventoryState['promise'], valued: boolean, figure: StockFigure | null];

const term = (code: string, [onHand, promise, valued, figure]: Flags, definition: string): InventoryState =>
  ({ code, onHand, promise, valued, figure, definition });

/** `inventory-state/1`. Figures, promises and values are summed up by these flags; what movements may do with a state stands with the movement types. */
export const inventoryStates: readonly InventoryState[] = [
  term('EXPECTED', [false, 'date', false, null], 'Ordered or planned, not yet shipped by the supplier or plant.'),
  term('IN_TRANSIT_IN', [false, 'date', false, null], 'Shipped to this site, not received; title as the terms say.'),
  term('RECEIVED_UNPUT', [true, 'no', true, 'atDock'], 'Physically at the dock, not put away.'),
  term('QUALITY_INSPECTION', [true, 'policy', true, 'inInspection'], 'Awaiting a quality decision; machine-finished goods are here.'),
  term('AVAILABLE', [true, 'now', true, 'free'], 'Released, unrestricted, not reserved.'),
  term('RESERVED', [true, 'no', true, 'reserved'], 'Released and tied to an order.'),
  term('QUALITY_HOLD', [true, 'no', true, 'onHold'], 'Decision negative or suspended; must not be used.'),
  term('IN_PROCESS', [true, 'no', true, 'inProcess'], 'Issued to an order, not yet consumed or returned.'),
  term('CONSIGNED', [true, 'no', false, 'consigned'], 'Here, but owned by another party.'),
  term('IN_TRANSIT_OUT', [false, 'no', true, null], 'Left this site, not delivered yet; between own sites it is shown once.'),
  term('RECALLED', [true, 'no', true, 'onHold'], 'Under a recall case; frozen everywhere.'),
  term('SCRAPPED', [false, 'no', false, null], 'Written off, physically gone or marked.'),
];

/** States a balance can be in. What is only expected is kept by the orders. */
export const balanceStates = inventoryStates.map(({ code }) => code).filter((code) => code !== 'EXPECTED');
export const onHandStates = inventoryStates.filter(({ onHand }) => onHand).map(({ code }) => code);
/** States by what may be promised of them. */
export const statesPromised = (promise: InventoryState['promise']): string[] => inventoryStates.filter((state) => state.promise === promise).map(({ code }) => code);
/** States that stand in one of these figures. */
export const statesIn = (...figures: StockFigure[]): string[] => inventoryStates.filter(({ figure }) => figure !== null && figures.includes(figure)).map(({ code }) => code);
export const valuedStates = inventoryStates.filter(({ valued }) => valued).map(({ code }) => code);
export const transitStates: readonly string[] = ['IN_TRANSIT_IN', 'IN_TRANSIT_OUT'];
/** Not to be used until quality says so. */
export const heldStates: readonly string[] = ['QUALITY_HOLD', 'RECALLED'];
/** Whoever moves stock into or out of these takes a quality decision. */
export const decisionStates: readonly string[] = ['QUALITY_INSPECTION', 'QUALITY_HOLD', 'RECALLED'];
