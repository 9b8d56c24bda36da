import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { DateScalar, DecimalScalar } from '@datum/platform';
import { QuantityView } from '@datum/governed';
import { ExplodedBomView } from './explosion.view.js';

const exampleId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';

@ObjectType('WhereUsedPath', { description: 'A parent that contains the item, on one path upwards.' })
export class WhereUsedPathView {
  @ApiProperty({ type: 'integer', example: 1, description: '1: the item is a component of it.' }) @Field(() => Int) level: number;
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'ACT-500' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'finished' }) @Field(() => String) type: string;
  @ApiProperty({ type: [String], example: ['BLT-M6', 'GBX-10', 'ACT-500'] }) @Field(() => [String]) path: string[];
  @ApiProperty({ type: QuantityView, nullable: true, description: 'Of the item in one of this, over the path; null where a quantity is fixed per order.' })
  @Field(() => QuantityView, { nullable: true }) quantityPer: QuantityView | null;
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) bomId: string;
  @ApiProperty({ type: String, example: 'C' }) @Field(() => String) revision: string;
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) lineId: string;
  @ApiProperty({ type: 'integer', example: 10 }) @Field(() => Int) position: number;
  @ApiProperty({ type: String, nullable: true, example: 'SEAL' }) @Field(() => String, { nullable: true }) alternateGroup: string | null;
  @ApiProperty({ type: 'integer', nullable: true, example: 2 }) @Field(() => Int, { nullable: true }) alternatePriority: number | null;
  @ApiProperty({ type: Boolean, example: true, description: 'False for alternates that give way to another line on that day.' }) @Field(() => Boolean) used: boolean;
  @ApiProperty({ type: Boolean, example: true, description: 'Nothing is made of it in turn.' }) @Field(() => Boolean) top: boolean;
}

export class WhereUsedView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) itemId: string;
  @ApiProperty({ type: String, example: 'BLT-M6' }) code: string;
  @ApiProperty({ type: String, format: 'date', example: '2026-03-04' }) date: string;
  @ApiProperty({ type: String, nullable: true, example: 'A' }) site: string | null;
  @ApiProperty({ type: [WhereUsedPathView] }) data: WhereUsedPathView[];
}

@ObjectType('ExactCost', { description: 'A cost: rounded to three places for display, and exactly.' })
export class ExactCostView {
  @ApiProperty({ type: String, example: '134.820' }) @Field(() => DecimalScalar) amount: string;
  @ApiProperty({ type: String, example: '404459/3000', description: 'The number itself: a decimal, or a fraction where it has no end.' }) @Field(() => String) exact: string;
}

@ObjectType('ItemCost', { description: 'What one base unit of an item costs.' })
export class ItemCostView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'GBX-10' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'C62' }) @Field(() => String) unit: string;
  @ApiProperty({ type: Boolean, example: true, description: 'Made: material + conversion. Bought: standard cost.' }) @Field(() => Boolean) made: boolean;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) material: ExactCostView;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) conversion: ExactCostView;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) total: ExactCostView;
}

@ObjectType('ComponentCost', { description: 'What one component adds.' })
export class ComponentCostView {
  @ApiProperty({ type: 'integer', example: 10 }) @Field(() => Int) position: number;
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'GBX-10' }) @Field(() => String) code: string;
  @ApiProperty({ type: QuantityView }) @Field(() => QuantityView) quantity: QuantityView;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) unitCost: ExactCostView;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) cost: ExactCostView;
}

@ObjectType('CostRollup', { description: 'Cost of one base unit, rolled up from what is bought.' })
export class CostRollupView extends ItemCostView {
  @ApiProperty({ type: String, format: 'date', example: '2026-03-04' }) @Field(() => DateScalar) date: string;
  @ApiProperty({ type: String, nullable: true, example: 'A' }) @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: String, example: '1', description: 'Units that set-up and fixed quantities are spread over.' }) @Field(() => DecimalScalar) lotSize: string;
  @ApiProperty({ type: String, nullable: true, example: 'USD' }) @Field(() => String, { nullable: true }) currency: string | null;
  @ApiProperty({ type: Boolean, example: true, description: 'False when something bought has no cost, or something made has no routing or an operation without a rate.' }) @Field(() => Boolean) complete: boolean;
  @ApiProperty({ type: [String], example: [], description: 'What has no cost.' }) @Field(() => [String]) missing: string[];
  @ApiProperty({ type: ExplodedBomView, nullable: true }) @Field(() => ExplodedBomView, { nullable: true }) bom: ExplodedBomView | null;
  @ApiProperty({ type: [ComponentCostView] }) @Field(() => [ComponentCostView]) components: ComponentCostView[];
  @ApiProperty({ type: [ItemCostView], description: 'Everything below, components first.' }) @Field(() => [ItemCostView]) items: ItemCostView[];
}

@ObjectType('BomDifference', { description: 'A component whose total quantity differs.' })
export class BomDifferenceView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'BLT-M6' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'C62' }) @Field(() => String) unit: string;
  @ApiProperty({ type: Boolean, example: false }) @Field(() => Boolean) made: boolean;
  @ApiProperty({ type: String, nullable: true, example: '12', description: 'Null: not needed before.' }) @Field(() => DecimalScalar, { nullable: true }) from: string | null;
  @ApiProperty({ type: String, nullable: true, example: '14', description: 'Null: no longer needed.' }) @Field(() => DecimalScalar, { nullable: true }) to: string | null;
  @ApiProperty({ type: String, example: '2' }) @Field(() => DecimalScalar) delta: string;
}

@ObjectType('BomReplacement', { description: 'One component took the place of another.' })
export class BomReplacementView {
  @ApiProperty({ type: String, example: 'SEA-01' }) @Field(() => String) from: string;
  @ApiProperty({ type: String, example: 'SEA-02' }) @Field(() => String) to: string;
  @ApiProperty({ type: String, example: 'ACT-500' }) @Field(() => String) parent: string;
  @ApiProperty({ type: 'integer', example: 60 }) @Field(() => Int) position: number;
}

@ObjectType('BomCostComparison', { description: 'What the difference costs, per base unit.' })
export class BomCostComparisonView {
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) from: ExactCostView;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) to: ExactCostView;
  @ApiProperty({ type: ExactCostView }) @Field(() => ExactCostView) delta: ExactCostView;
  @ApiProperty({ type: String, nullable: true, example: 'USD' }) @Field(() => String, { nullable: true }) currency: string | null;
}

@ObjectType('ComparedSide', { description: 'One side of a comparison.' })
export class ComparedSideView {
  @ApiProperty({ type: String, format: 'date', example: '2026-02-20' }) @Field(() => DateScalar) date: string;
  @ApiProperty({ type: ExplodedBomView, nullable: true }) @Field(() => ExplodedBomView, { nullable: true }) bom: ExplodedBomView | null;
}

@ObjectType('BomComparison', { description: 'What differs between two days or two revisions, over all levels, for one quantity.' })
export class BomComparisonView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'ACT-500' }) @Field(() => String) code: string;
  @ApiProperty({ type: QuantityView }) @Field(() => QuantityView) quantity: QuantityView;
  @ApiProperty({ type: String, nullable: true, example: 'A' }) @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: ComparedSideView }) @Field(() => ComparedSideView) from: ComparedSideView;
  @ApiProperty({ type: ComparedSideView }) @Field(() => ComparedSideView) to: ComparedSideView;
  @ApiProperty({ type: [BomDifferenceView] }) @Field(() => [BomDifferenceView]) added: BomDifferenceView[];
  @ApiProperty({ type: [BomDifferenceView] }) @Field(() => [BomDifferenceView]) removed: BomDifferenceView[];
  @ApiProperty({ type: [BomDifferenceView] }) @Field(() => [BomDifferenceView]) changed: BomDifferenceView[];
  @ApiProperty({ type: [BomReplacementView] }) @Field(() => [BomReplacementView]) replaced: BomReplacementView[];
  @ApiProperty({ type: 'integer', example: 8 }) @Field(() => Int) unchanged: number;
  @ApiProperty({ type: BomCostComparisonView, nullable: true, description: 'Null when a cost is missing on either side.' })
  @Field(() => BomCostComparisonView, { nullable: true }) cost: BomCostComparisonView | null;
}
