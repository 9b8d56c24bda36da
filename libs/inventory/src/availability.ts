import { addDecimals, compareDecimals, subtractDecimals } from '@datum/platform';
import type { Freshness } from '@datum/governed';
import type { ExpectedSupply } from './expected-supply.port.js';
import { onHandStates, statesIn, statesPromised } from './inventory-state.js';
import type { StockSum } from './stock.repository.js';

/** What a site has of an item. Decimals in the item's base unit. */
export interface AvailabilityLine {
  site: string;
  /** Released: free and reserved together. */
  available: string;
  free: string;
  reserved: string;
  inInspection: string;
  onHold: string;
  inProcess: string;
  atDock: string;
  consigned: string;
  onHand: string;
  inTransitIn: string;
  inTransitOut: string;
  /** What can be promised for the date without breaking a promise: the least that is there on that day or any later one, with all that comes and is owed by then. */
  availableToPromise: string;
  freshness: Freshness | null;
}

/** Sums over sites. What is between own sites is counted once; what is on its way to customers apart. */
export type AvailabilityTotal = Omit<AvailabilityLine, 'site' | 'freshness' | 'inTransitIn' | 'inTransitOut'> & { inTransit: string; toCustomers: string };

const measures: Record<string, readonly string[]> = {
  available: statesIn('free', 'reserved'),
  free: statesIn('free'),
  reserved: statesIn('reserved'),
  inInspection: statesIn('inInspection'),
  onHold: statesIn('onHold'),
  inProcess: statesIn('inProcess'),
  atDock: statesIn('atDock'),
  consigned: statesIn('consigned'),
  onHand: onHandStates,
};

export interface PromiseFacts {
  date: string;
  today: string;
  expected: readonly ExpectedSupply[];
  /** Days until stock in inspection may be promised at a site; undefined: never. */
  inspectionDays: ReadonlyMap<string, number>;
  freshness: ReadonlyMap<string, Freshness>;
}

const sum = (values: readonly string[]): string => values.reduce(addDecimals, '0');
const quantities = (rows: readonly { quantity: string }[]): string => sum(rows.map(({ quantity }) => quantity));

/** The lines of one item, in order of site. Pure. */
export function availabilityLines(stock: readonly StockSum[], facts: PromiseFacts): AvailabilityLine[] {
  const sites = new Set([...stock.flatMap(({ site, counterSite }) => [site, counterSite ?? site]), ...facts.expected.map(({ site }) => site)]);
  return [...sites].sort().map((site) => {
    const here = stock.filter((row) => row.site === site);
    const figures = Object.fromEntries(Object.entries(measures).map(([name, states]) => [name, quantities(here.filter(({ state }) => states.includes(state)))]));
    const incoming = [...here.filter(({ state }) => state === 'IN_TRANSIT_IN'), ...stock.filter(({ state, counterSite }) => state === 'IN_TRANSIT_OUT' && counterSite === site)];
    const line = {
      site, ...figures, inTransitIn: quantities(incoming), inTransitOut: quantities(here.filter(({ state }) => state === 'IN_TRANSIT_OUT')),
      freshness: facts.freshness.get(site) ?? null,
    } as AvailabilityLine;
    return { ...line, availableToPromise: promise(site, here, facts) };
  });
}

function promise(site: string, here: readonly StockSum[], { date, today, expected, inspectionDays }: PromiseFacts): string {
  const inStates = (states: readonly string[]): string => quantities(here.filter(({ state }) => states.includes(state)));
  const days = inspectionDays.get(site);
  const inspected = days === undefined ? [] : [{ date: addDays(today, days), quantity: inStates(statesPromised('policy')) }];
  const events = [...expected.filter((supply) => supply.site === site), ...inspected].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  let there = sum([inStates(statesPromised('now')), quantities(events.filter((event) => event.date <= date))]);
  let least = there;
  const later = events.filter((event) => event.date > date);
  for (const [i, event] of later.entries()) {
    there = addDecimals(there, event.quantity);
    // A day counts as a whole: what comes and what goes on it are one.
    const dayEnds = later[i + 1]?.date !== event.date;
    if (dayEnds && compareDecimals(there, least) < 0) least = there;
  }
  return least;
}

export function availabilityTotal(stock: readonly StockSum[], lines: readonly AvailabilityLine[]): AvailabilityTotal {
  const total = Object.fromEntries([...Object.keys(measures), 'availableToPromise'].map((name) =>
    [name, sum(lines.map((line) => line[name as keyof AvailabilityLine] as string))]));
  const between = quantities(stock.filter(({ state, counterSite }) => state === 'IN_TRANSIT_IN' || (state === 'IN_TRANSIT_OUT' && counterSite !== null)));
  const out = quantities(stock.filter(({ state, counterSite }) => state === 'IN_TRANSIT_OUT' && counterSite === null));
  return { ...total, inTransit: between, toCustomers: out } as AvailabilityTotal;
}

/** How far the books and the count are apart, positive when the books have more. */
export const difference = (booked: string, counted: string): string =>
  compareDecimals(booked, counted) === 0 ? '0' : subtractDecimals(booked, counted);

const addDays = (date: string, days: number): string => new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
