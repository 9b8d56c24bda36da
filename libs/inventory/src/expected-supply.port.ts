import { Injectable } from '@nestjs/common';
import type { RequestContext } from '@datum/platform';

/** A quantity that an order promises to bring to a site (positive) or to take from it (negative), in the item's base unit. */
export interface ExpectedSupply {
  itemId: string;
  site: string;
  /** ISO date from which it counts. */
  date: string;
  /** Decimal; negative for what is owed. */
  quantity: string;
  /** What it comes from: `purchase-order`, `production-order`, `transfer-order`, `sales-order`. */
  kind: string;
  document: string;
}

/** Knows what is expected. Filled by the orders room: inventory does not know orders. */
export abstract class ExpectedSupplyPort {
  /** Everything open for these items, whenever it is due; what is owed without a day counts from `today`. */
  abstract expected(context: RequestContext, itemIds: readonly string[], today: string): Promise<ExpectedSupply[]>;
}

/** Where sources of expected supply are registered; without one, availability speaks of stock alone. */
@Injectable()
export class ExpectedSupplySources {
  private readonly sources: ExpectedSupplyPort[] = [];

  add(source: ExpectedSupplyPort): void {
    this.sources.push(source);
  }

  async expected(context: RequestContext, itemIds: readonly string[], today: string): Promise<ExpectedSupply[]> {
    return (await Promise.all(this.sources.map((source) => source.expected(context, itemIds, today)))).flat();
  }
}
