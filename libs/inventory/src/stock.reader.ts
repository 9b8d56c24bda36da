import { Injectable } from '@nestjs/common';
import { addDecimals, Clock, Database, type RequestContext } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { freshnessOf, type Freshness, type Money } from '@datum/governed';
import { difference } from './availability.js';
import { AvailabilityReader, type ItemName } from './availability.reader.js';
import { valuedStates } from './inventory-state.js';
import { latestValuations, stockBins, sumStock, type StockBin, type StockSum, type ValuationLine } from './stock.repository.js';

export interface StockOwner { system: string; at: string; freshness: Freshness }
export type BinLine = Omit<StockBin, 'system' | 'at'> & { source: StockOwner };
export interface ValueLine {
  area: string; period: string; method: string; unitCost: Money; quantity: string | null; value: Money | null; source: StockOwner;
  /** What the warehouses count in this area, and how far the books are from it. */
  counted: string; difference: string | null;
}

/** One item's stock at three levels, quantity beside value, each with its owner and time. */
export interface StockOverview {
  itemId: string; itemCode: string; unit: string; asOf: string;
  enterprise: { state: string; quantity: string }[];
  sites: { site: string; state: string; counterSite: string | null; quantity: string }[];
  bins: BinLine[];
  valuations: ValueLine[];
}

/** Stock of one item as the warehouses count it and as the ERP values it. */
@Injectable()
export class StockReader {
  constructor(
    private readonly database: Database,
    private readonly directory: RegistryDirectory,
    private readonly clock: Clock,
    private readonly availability: AvailabilityReader,
  ) {}

  /** @throws AppError notFound when there is no such item */
  async overview(context: RequestContext, name: ItemName): Promise<StockOverview> {
    const item = await this.availability.item(context, name);
    const { sites } = context.actor;
    const [sums, bins, values] = await Promise.all([
      sumStock(this.database, [item.id], sites), stockBins(this.database, item.id, sites), latestValuations(this.database, item.id, sites),
    ]);
    return {
      itemId: item.id, itemCode: item.code, unit: item.baseUnit, asOf: this.clock.now(),
      enterprise: byState(sums),
      sites: sums.map(({ site, state, counterSite, quantity }) => ({ site, state, counterSite, quantity })),
      bins: bins.map(({ system, at, ...bin }) => ({ ...bin, source: this.source(system, at) })),
      valuations: values.map((line) => this.valueLine(line, sums, sites === null)),
    };
  }

  private source(system: string, at: string): StockOwner {
    return { system, at, freshness: freshnessOf(this.directory, system, at, this.clock.nowMs()) };
  }

  /** An area that is a site is compared with that site's count, any other with the count of all: whoever sees a part of it gets no difference. */
  private valueLine(line: ValuationLine, sums: readonly StockSum[], seesAll: boolean): ValueLine {
    const isSite = this.directory.site(line.area) !== undefined;
    const area = isSite ? sums.filter(({ site }) => site === line.area) : sums;
    const counted = area.filter(({ state }) => valuedStates.includes(state)).map(({ quantity }) => quantity).reduce(addDecimals, '0');
    return {
      area: line.area, period: line.period, method: line.method, quantity: line.quantity,
      unitCost: { amount: line.unitCost, currency: line.currency },
      value: line.value === null ? null : { amount: line.value, currency: line.valueCurrency! },
      source: this.source(line.system, line.at),
      counted, difference: line.quantity === null || !(isSite || seesAll) ? null : difference(line.quantity, counted),
    };
  }
}

function byState(sums: readonly StockSum[]): { state: string; quantity: string }[] {
  const states = new Map<string, string>();
  for (const { state, quantity } of sums) states.set(state, addDecimals(states.get(state) ?? '0', quantity));
  return [...states].map(([state, quantity]) => ({ state, quantity })).sort((a, b) => (a.state < b.state ? -1 : 1));
}
