import { Injectable } from '@nestjs/common';
import { Database, type RequestContext } from '@datum/platform';
import { ExpectedSupplyPort, type ExpectedSupply } from '@datum/inventory';
import { expectedSupply } from './order.repository.js';

/** Tells inventory what orders bring and take. */
@Injectable()
export class OrderSupplyReader extends ExpectedSupplyPort {
  constructor(private readonly database: Database) {
    super();
  }

  override expected(_context: RequestContext, itemIds: readonly string[], today: string): Promise<ExpectedSupply[]> {
    return expectedSupply(this.database, itemIds, today);
  }
}
