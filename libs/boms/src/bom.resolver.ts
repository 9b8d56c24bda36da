import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { DateScalar, requireScope, type GraphqlContext } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { itemRecord } from '@datum/items';
import { BomChoiceArgs, ComparisonArgs, CostArgs, ExplosionArgs, RowsArgs, WhereUsedArgs } from './bom.args.js';
import { BomReader } from './bom.reader.js';
import { bomLineRecord, bomRecord } from './bom.record.js';
import { ComparisonReader } from './comparison.reader.js';
import { CostReader, toCostRollupView } from './cost.reader.js';
import { directNeeds, summarise, walk, type Visit } from './explosion.js';
import { headOf, lineOf, totalOf, type ExplosionPlan } from './explosion-json.js';
import { ExplosionHeadView, ExplosionLineView, ExplosionTotalView } from './explosion.view.js';
import { frozenExplosionRecord } from './frozen-explosion.record.js';
import { routingOperationRecord, routingRecord, workCentreRecord } from './routing.record.js';
import { quantityOf, StructureReader } from './structure.reader.js';
import { BomComparisonView, CostRollupView, WhereUsedPathView } from './structure.view.js';
import { WhereUsedReader } from './where-used.reader.js';

const bomView = viewsOf(bomRecord).view;
const bomLineView = viewsOf(bomLineRecord).view;
const operationView = viewsOf(routingOperationRecord).view;

/** Arguments that were not given come as undefined or null; what reads them knows absent only. */
const given = <T extends object>(args: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined && value !== null)) as never;

@Resolver(() => bomView)
export class BomResolver extends recordResolver(bomRecord, { relations: [itemRecord] }) {
  constructor(private readonly boms: BomReader) {
    super();
  }

  @ResolveField('lines', () => [bomLineView], { description: 'The lines by position; with a date, those that count then.' })
  lines(@Parent() bom: { id: string }, @Args('date', { type: () => DateScalar, nullable: true }) date: string | undefined, @Context() graphql: GraphqlContext) {
    return this.boms.linesOf(graphql, bom.id, date ?? undefined);
  }
}

@Resolver(() => bomLineView)
export class BomLineResolver extends recordResolver(bomLineRecord, { relations: [itemRecord, bomRecord] }) {}

@Resolver(() => viewsOf(routingRecord).view)
export class RoutingResolver extends recordResolver(routingRecord, { relations: [itemRecord] }) {
  constructor(private readonly boms: BomReader) {
    super();
  }

  @ResolveField('operations', () => [operationView], { description: 'The operations by position.' })
  operations(@Parent() routing: { id: string }, @Context() graphql: GraphqlContext) {
    return this.boms.operationsOf(graphql, routing.id);
  }
}

@Resolver(() => operationView)
export class RoutingOperationResolver extends recordResolver(routingOperationRecord, { relations: [routingRecord, workCentreRecord] }) {}

@Resolver(() => viewsOf(workCentreRecord).view)
export class WorkCentreResolver extends recordResolver(workCentreRecord) {}

@Resolver(() => viewsOf(frozenExplosionRecord).view)
export class FrozenExplosionResolver extends recordResolver(frozenExplosionRecord, { readOnly: true, relations: [itemRecord, bomRecord] }) {}

/** What this room adds to an item. */
@Resolver(() => viewsOf(itemRecord).view)
export class ItemStructureResolver {
  constructor(
    private readonly boms: BomReader,
    private readonly structures: StructureReader,
    private readonly usages: WhereUsedReader,
    private readonly comparisons: ComparisonReader,
    private readonly costs: CostReader,
  ) {}

  @ResolveField('bom', () => bomView, { nullable: true, description: 'The BOM that counts on a day, at a site.' })
  bom(@Parent() item: { id: string }, @Args() choice: BomChoiceArgs, @Context() graphql: GraphqlContext) {
    return this.boms.bomOf(graphql, { ...given(choice), itemId: item.id });
  }

  @ResolveField('bomExplosion', () => ExplosionHeadView, { description: 'What a quantity needs on a day.' })
  async bomExplosion(@Parent() item: { id: string }, @Args() args: ExplosionArgs, @Context() graphql: GraphqlContext) {
    const { quantity: asked, ...ask } = given(args);
    const question = this.structures.questionOf(readerOf(graphql), { ...ask, itemId: item.id });
    const plan = { question, quantity: quantityOf(asked), structure: await this.structures.load(question) };
    return { ...headOf(plan), plan };
  }

  @ResolveField('whereUsed', () => [WhereUsedPathView], { description: 'Every parent on every path upwards.' })
  async whereUsed(@Parent() item: { id: string }, @Args() { limit, ...choice }: WhereUsedArgs, @Context() graphql: GraphqlContext) {
    const { data } = await this.usages.whereUsed(readerOf(graphql), { ...given(choice), itemId: item.id });
    return data.slice(0, limit);
  }

  @ResolveField('bomComparison', () => BomComparisonView, { description: 'What differs between two days or revisions.' })
  bomComparison(@Parent() item: { id: string }, @Args() args: ComparisonArgs, @Context() graphql: GraphqlContext) {
    return this.comparisons.compare(readerOf(graphql), { ...given(args), itemId: item.id });
  }

  @ResolveField('costRollup', () => CostRollupView, { description: 'Cost of one unit, rolled up from what is bought.' })
  async costRollup(@Parent() item: { id: string }, @Args() args: CostArgs, @Context() graphql: GraphqlContext) {
    return toCostRollupView(await this.costs.rollUp(readerOf(graphql), { ...given(args), itemId: item.id }));
  }
}

type Exploded = { plan: Omit<ExplosionPlan, 'mode'> };

@Resolver(() => ExplosionHeadView)
export class ExplosionResolver {
  @ResolveField('components', () => [ExplosionTotalView], { description: 'Totals of what has no BOM of its own, by code.' })
  components(@Parent() { plan }: Exploded, @Args() { limit }: RowsArgs) {
    return summarise(plan.structure, plan.quantity).components.slice(0, limit).map(totalOf);
  }

  @ResolveField('componentCount', () => Int, { description: 'How many components there are.' })
  componentCount(@Parent() { plan }: Exploded) {
    return summarise(plan.structure, plan.quantity).components.length;
  }

  @ResolveField('assemblies', () => [ExplosionTotalView], { description: 'Totals of what is made and stocked on the way, by code.' })
  assemblies(@Parent() { plan }: Exploded, @Args() { limit }: RowsArgs) {
    return summarise(plan.structure, plan.quantity).assemblies.slice(0, limit).map(totalOf);
  }

  @ResolveField('lines', () => [ExplosionLineView], { description: 'Every use of every component, depth first; the first rows of it.' })
  lines(@Parent() { plan }: Exploded, @Args() { limit }: RowsArgs) {
    return first(walk(plan.structure, plan.quantity), limit);
  }

  @ResolveField('directNeeds', () => [ExplosionLineView], { description: 'One level, phantoms replaced by their components.' })
  directNeeds(@Parent() { plan }: Exploded, @Args() { limit }: RowsArgs) {
    return first(directNeeds(plan.structure, plan.quantity), limit);
  }
}

function first(visits: Iterable<Visit>, limit: number): ReturnType<typeof lineOf>[] {
  const rows: ReturnType<typeof lineOf>[] = [];
  if (limit === 0) return rows;
  for (const visit of visits) if (rows.push(lineOf(visit)) === limit) break;
  return rows;
}

/** Fields below a root field ask for their own scope: guards do not run there. */
function readerOf({ requestContext }: GraphqlContext) {
  requireScope(requestContext.actor, 'bom.read');
  return requestContext;
}
