import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { DateScalar } from '@datum/platform';
import { QuantityView } from '@datum/governed';

const exampleId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';

@ObjectType('ExplodedBom', { description: 'The BOM of the item itself that was taken.' })
export class ExplodedBomView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) id: string;
  @ApiProperty({ type: String, example: 'C' }) @Field(() => String) revision: string;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'The site whose own BOM it is; null for the enterprise.' })
  @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: String, example: 'engineering' }) @Field(() => String) usage: string;
}

@ObjectType('ExplosionTotal', { description: 'What is needed of one component over all its uses.' })
export class ExplosionTotalView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'BLT-M6' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'purchased' }) @Field(() => String) type: string;
  @ApiProperty({ type: QuantityView }) @Field(() => QuantityView) quantity: QuantityView;
  @ApiProperty({ type: 'integer', example: 2, description: 'Deepest level it is used at.' }) @Field(() => Int) level: number;
}

@ObjectType('ExplosionLine', { description: 'One use of a component.' })
export class ExplosionLineView {
  @ApiProperty({ type: 'integer', example: 1, description: '1 below the item itself.' }) @Field(() => Int) level: number;
  @ApiProperty({ type: 'integer', example: 10 }) @Field(() => Int) position: number;
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'GBX-10' }) @Field(() => String) code: string;
  @ApiProperty({ type: String, example: 'semi' }) @Field(() => String) type: string;
  @ApiProperty({ type: QuantityView }) @Field(() => QuantityView) quantity: QuantityView;
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) lineId: string;
  @ApiProperty({ type: Boolean, example: false, description: 'Passed through: its components take its place.' }) @Field(() => Boolean) phantom: boolean;
  @ApiProperty({ type: Boolean, example: true, description: 'Has a BOM of its own.' }) @Field(() => Boolean) made: boolean;
}

@ObjectType('BomExplosion', { description: 'What a quantity of an item needs on a day.' })
export class ExplosionHeadView {
  @ApiProperty({ type: String, format: 'uuid', example: exampleId }) @Field(() => ID) itemId: string;
  @ApiProperty({ type: String, example: 'ACT-500' }) @Field(() => String) code: string;
  @ApiProperty({ type: QuantityView }) @Field(() => QuantityView) quantity: QuantityView;
  @ApiProperty({ type: String, format: 'date', example: '2026-03-04' }) @Field(() => DateScalar) date: string;
  @ApiProperty({ type: String, nullable: true, example: 'A' }) @Field(() => String, { nullable: true }) site: string | null;
  @ApiProperty({ type: ExplodedBomView, nullable: true, description: 'Null when the item has no BOM that counts.' })
  @Field(() => ExplodedBomView, { nullable: true }) bom: ExplodedBomView | null;
  @ApiProperty({ type: 'integer', example: 0, description: 'Lines limited to serial numbers or lots, left out because none was named.' })
  @Field(() => Int) linesLeftOut: number;
}

/** Over REST the rows stand in `data`: totals of components (and of assemblies beside) for `summary`, uses for `multilevel` and `single`. */
export class BomExplosionView extends ExplosionHeadView {
  @ApiProperty({ type: String, example: 'summary', enum: ['summary', 'multilevel', 'single'] }) mode: string;
  @ApiProperty({ type: [Object], description: 'ExplosionTotal rows for summary, ExplosionLine rows for multilevel and single.' }) data: object[];
  @ApiProperty({ type: [ExplosionTotalView], required: false, description: 'Summary only: what is made and stocked on the way.' }) assemblies?: ExplosionTotalView[];
}
