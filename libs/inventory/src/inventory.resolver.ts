import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { DateScalar, Permission, requireScope, type GraphqlContext } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { itemRecord } from '@datum/items';
import { AvailabilityReader } from './availability.reader.js';
import { AvailabilityView, InventoryStateView, StockOverviewView } from './inventory.view.js';
import { inventoryStates } from './inventory-state.js';
import { locationRecord, lotRecord, serialRecord, stockPolicyRecord } from './location.record.js';
import { StockReader } from './stock.reader.js';
import { stockBalanceRecord, stockMovementRecord, valuationRecord } from './stock.record.js';

const relations = [itemRecord];

@Resolver(() => viewsOf(locationRecord).view)
export class LocationResolver extends recordResolver(locationRecord) {}

@Resolver(() => viewsOf(stockPolicyRecord).view)
export class StockPolicyResolver extends recordResolver(stockPolicyRecord, { relations }) {}

@Resolver(() => viewsOf(lotRecord).view)
export class LotResolver extends recordResolver(lotRecord, { relations }) {}

@Resolver(() => viewsOf(serialRecord).view)
export class SerialResolver extends recordResolver(serialRecord, { relations }) {}

@Resolver(() => viewsOf(stockMovementRecord).view)
export class StockMovementResolver extends recordResolver(stockMovementRecord, { relations }) {}

@Resolver(() => viewsOf(stockBalanceRecord).view)
export class StockBalanceResolver extends recordResolver(stockBalanceRecord, { relations }) {}

@Resolver(() => viewsOf(valuationRecord).view)
export class ValuationResolver extends recordResolver(valuationRecord, { relations }) {}

/** What inventory adds to an item, and its own questions. */
@Resolver(() => viewsOf(itemRecord).view)
export class ItemStockResolver {
  constructor(private readonly availabilities: AvailabilityReader, private readonly stocks: StockReader) {}

  @ResolveField('availability', () => AvailabilityView, { nullable: true, description: 'What there is across sites, and what may be promised for the date (default today).' })
  availability(@Parent() item: { id: string }, @Context() graphql: GraphqlContext, @Args('date', { type: () => DateScalar, nullable: true }) date?: string) {
    requireScope(graphql.requestContext.actor, 'inventory.read');
    return this.availabilities.loaded(graphql, item.id, date);
  }

  @Permission('inventory.read')
  @Query(() => AvailabilityView, { name: 'itemAvailability', description: 'What there is of an item across sites, and what may be promised for the date (default today).' })
  itemAvailability(@Args('itemId', { type: () => ID }) itemId: string, @Context() graphql: GraphqlContext, @Args('date', { type: () => DateScalar, nullable: true }) date?: string) {
    return this.availabilities.availability(graphql.requestContext, itemId, date ?? undefined);
  }

  @Permission('inventory.read')
  @Query(() => StockOverviewView, { name: 'stock', description: 'Stock of an item by bin, site and enterprise, with its value and both owners. The item by id, code, GTIN, or system and code.' })
  stock(
    @Context() graphql: GraphqlContext,
    @Args('itemId', { type: () => ID, nullable: true }) id?: string,
    @Args('code', { type: () => String, nullable: true }) code?: string,
    @Args('gtin', { type: () => String, nullable: true }) gtin?: string,
    @Args('system', { type: () => String, nullable: true }) system?: string,
  ) {
    const name = Object.entries({ id, code, gtin, system }).filter(([, value]) => value !== undefined && value !== null);
    return this.stocks.overview(graphql.requestContext, Object.fromEntries(name));
  }

  @Permission('inventory.read')
  @Query(() => [InventoryStateView], { name: 'inventoryStates', description: 'The vocabulary inventory-state/1.' })
  inventoryStates() {
    return inventoryStates;
  }
}
