import { Field, ID, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { DateScalar, DateTimeScalar, DecimalScalar } from '@datum/platform';
import { MoneyView } from '@datum/governed';

const decimal = (description: string, example: string) => ({ type: String, description, example });

@ObjectType('StockFreshness', { description: 'How old what is said is, against what its source promised.' })
export class StockFreshnessView {
  @ApiProperty({ type: String, description: 'fresh or stale; readers must expect more.', example: 'fresh' }) @Field(() => String) state: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-03-04T14:00:00Z' }) @Field(() => DateTimeScalar, { nullable: true }) asOf: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null }) @Field(() => DateTimeScalar, { nullable: true }) since: string | null;
  @ApiProperty({ type: String, example: 'WMS-A' }) @Field(() => String) system: string;
}

@ObjectType('AvailabilityFigures', { isAbstract: true })
abstract class AvailabilityFigures {
  @ApiProperty(decimal('Released: free and reserved together.', '340')) @Field(() => DecimalScalar) available: string;
  @ApiProperty(decimal('Released and not reserved.', '290')) @Field(() => DecimalScalar) free: string;
  @ApiProperty(decimal('Tied to orders.', '50')) @Field(() => DecimalScalar) reserved: string;
  @ApiProperty(decimal('Awaiting a quality decision.', '0')) @Field(() => DecimalScalar) inInspection: string;
  @ApiProperty(decimal('On hold or recalled.', '0')) @Field(() => DecimalScalar) onHold: string;
  @ApiProperty(decimal('Issued to orders.', '0')) @Field(() => DecimalScalar) inProcess: string;
  @ApiProperty(decimal('Received, not put away.', '0')) @Field(() => DecimalScalar) atDock: string;
  @ApiProperty(decimal('Here, owned by others.', '0')) @Field(() => DecimalScalar) consigned: string;
  @ApiProperty(decimal('Everything physically here.', '340')) @Field(() => DecimalScalar) onHand: string;
  @ApiProperty(decimal('Free, plus what is promised to come, less what is owed, up to the date.', '290')) @Field(() => DecimalScalar) availableToPromise: string;
}

@ObjectType('AvailabilityLine', { description: 'What one site has of an item.' })
export class AvailabilityLineView extends AvailabilityFigures {
  @ApiProperty({ type: String, example: 'A' }) @Field(() => String) site: string;
  @ApiProperty(decimal('On its way to this site.', '0')) @Field(() => DecimalScalar) inTransitIn: string;
  @ApiProperty(decimal('Left this site, not arrived yet.', '0')) @Field(() => DecimalScalar) inTransitOut: string;
  @ApiProperty({ type: () => StockFreshnessView, nullable: true, description: 'Of the system whose word is oldest; null when nothing was ever said.' })
  @Field(() => StockFreshnessView, { nullable: true }) freshness: StockFreshnessView | null;
}

@ObjectType('AvailabilityTotal', { description: 'Sums over the sites the reader may see.' })
export class AvailabilityTotalView extends AvailabilityFigures {
  @ApiProperty(decimal('Between own sites, counted once.', '100')) @Field(() => DecimalScalar) inTransit: string;
  @ApiProperty(decimal('On its way to customers.', '0')) @Field(() => DecimalScalar) toCustomers: string;
}

@ObjectType('Availability', { description: 'What there is of an item, where, and what may be promised for a date.' })
export class AvailabilityView {
  @ApiProperty({ type: String, format: 'uuid' }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'MOT-24' }) @Field(() => String) itemCode: string;
  @ApiProperty({ type: String, example: 'C62', description: 'UN/ECE Rec 20 code of all quantities.' }) @Field(() => String) unit: string;
  @ApiProperty({ type: String, format: 'date', example: '2026-03-04' }) @Field(() => DateScalar) date: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' }) @Field(() => DateTimeScalar) asOf: string;
  @ApiProperty({ type: () => [AvailabilityLineView] }) @Field(() => [AvailabilityLineView]) lines: AvailabilityLineView[];
  @ApiProperty({ type: () => AvailabilityTotalView }) @Field(() => AvailabilityTotalView) total: AvailabilityTotalView;
}

@ObjectType('StockOwner', { description: 'Whose word a figure is, and when it was given.' })
export class StockOwnerView {
  @ApiProperty({ type: String, example: 'WMS-A' }) @Field(() => String) system: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' }) @Field(() => DateTimeScalar) at: string;
  @ApiProperty({ type: () => StockFreshnessView }) @Field(() => StockFreshnessView) freshness: StockFreshnessView;
}

@ObjectType('StockState', { description: 'Quantity in one state.' })
export class StockStateView {
  @ApiProperty({ type: String, example: 'AVAILABLE' }) @Field(() => String) state: string;
  @ApiProperty(decimal('In the base unit.', '1143')) @Field(() => DecimalScalar) quantity: string;
}

@ObjectType('StockSite', { description: 'Quantity of one site in one state.' })
export class StockSiteView extends StockStateView {
  @ApiProperty({ type: String, example: 'A' }) @Field(() => String) site: string;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Where it is going, for stock between sites.' }) @Field(() => String, { nullable: true }) counterSite: string | null;
}

@ObjectType('StockBin', { description: 'Quantity in one bin, and the system that counts it.' })
export class StockBinView extends StockSiteView {
  @ApiProperty({ type: String, nullable: true, example: 'A-01-02' }) @Field(() => String, { nullable: true }) location: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) @Field(() => String, { nullable: true }) place: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'L-0219' }) @Field(() => String, { nullable: true }) lot: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) @Field(() => String, { nullable: true }) serial: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) @Field(() => String, { nullable: true }) owner: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-03-04T14:00:00Z' }) @Field(() => DateTimeScalar, { nullable: true }) asOf: string | null;
  @ApiProperty({ type: () => StockOwnerView }) @Field(() => StockOwnerView) source: StockOwnerView;
}

@ObjectType('StockValue', { description: 'Value in the books, and how far the books are from the count.' })
export class StockValueView {
  @ApiProperty({ type: String, example: 'A' }) @Field(() => String) area: string;
  @ApiProperty({ type: String, example: '2026-03' }) @Field(() => String) period: string;
  @ApiProperty({ type: String, example: 'standard' }) @Field(() => String) method: string;
  @ApiProperty({ type: () => MoneyView }) @Field(() => MoneyView) unitCost: MoneyView;
  @ApiProperty({ ...decimal('Quantity in the books.', '340'), nullable: true }) @Field(() => DecimalScalar, { nullable: true }) quantity: string | null;
  @ApiProperty({ type: () => MoneyView, nullable: true }) @Field(() => MoneyView, { nullable: true }) value: MoneyView | null;
  @ApiProperty({ type: () => StockOwnerView }) @Field(() => StockOwnerView) source: StockOwnerView;
  @ApiProperty(decimal('What the warehouses count in the area.', '338')) @Field(() => DecimalScalar) counted: string;
  @ApiProperty({ ...decimal('Books less count; null when the books give no quantity.', '2'), nullable: true }) @Field(() => DecimalScalar, { nullable: true }) difference: string | null;
}

@ObjectType('StockOverview', { description: 'Stock of an item at three levels, quantity beside value, each with its owner and time.' })
export class StockOverviewView {
  @ApiProperty({ type: String, format: 'uuid' }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'MOT-24' }) @Field(() => String) itemCode: string;
  @ApiProperty({ type: String, example: 'C62' }) @Field(() => String) unit: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' }) @Field(() => DateTimeScalar) asOf: string;
  @ApiProperty({ type: () => [StockStateView] }) @Field(() => [StockStateView]) enterprise: StockStateView[];
  @ApiProperty({ type: () => [StockSiteView] }) @Field(() => [StockSiteView]) sites: StockSiteView[];
  @ApiProperty({ type: () => [StockBinView] }) @Field(() => [StockBinView]) bins: StockBinView[];
  @ApiProperty({ type: () => [StockValueView] }) @Field(() => [StockValueView]) valuations: StockValueView[];
}

@ObjectType('InventoryState', { description: 'A term of the vocabulary inventory-state/1.' })
export class InventoryStateView {
  @ApiProperty({ type: String, example: 'AVAILABLE' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'Released, unrestricted, not reserved.' }) @Field(() => String) definition: string;
  @ApiProperty({ type: Boolean, example: true }) @Field(() => Boolean) onHand: boolean;
  @ApiProperty({ type: String, example: 'now', description: 'now, date, policy or no.' }) @Field(() => String) promise: string;
  @ApiProperty({ type: Boolean, example: true }) @Field(() => Boolean) valued: boolean;
  @ApiProperty({ type: String, nullable: true, example: 'free', description: 'The figure of an availability that it stands in besides what is on hand; null: none.' })
  @Field(() => String, { nullable: true, description: 'The figure of an availability that it stands in besides what is on hand; null: none.' }) figure: string | null;
}

export class InventoryStatesView {
  @ApiProperty({ type: () => [InventoryStateView] }) data: InventoryStateView[];
}
