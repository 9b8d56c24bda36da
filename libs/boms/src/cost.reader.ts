import { Injectable } from '@nestjs/common';
import { Database, parseDecimal, type RequestContext } from '@datum/platform';
import { Exact } from '@datum/semantics';
import { rollUp, type CapacityChange, type CostedOperation, type ItemCost, type Rollup } from './cost.js';
import { selectOperations, selectStandardCosts } from './cost.repository.js';
import { badParameter, quantityOf, StructureReader, type StructureAsk } from './structure.reader.js';
import type { Structure, StructureQuestion } from './structure.js';

export interface CostAsk extends StructureAsk {
  /** `A-ASM-1:3` — three units per hour; `A-ASM-1:75%` — three quarters of the planned rate. Several by comma. */
  capacity?: string;
  lotSize?: string;
}

export interface RolledUp { rollup: Rollup; structure: Structure; question: StructureQuestion; lotSize: Exact }

/** Cost roll-ups for a day and a site: standard costs of what is bought, routings × rates of what is made. */
@Injectable()
export class CostReader {
  constructor(private readonly database: Database, private readonly structures: StructureReader) {}

  /** @throws AppError as `StructureReader`, and invalid `cost.mixed-currencies`. */
  async rollUp(context: RequestContext, ask: CostAsk): Promise<RolledUp> {
    const question = this.structures.questionOf(context, ask);
    const capacity = capacityOf(ask.capacity);
    const lotSize = quantityOf(ask.lotSize, 'lotSize');
    if (lotSize.isZero) throw badParameter('lotSize', 'number.range', 'A lot is more than 0.');
    const structure = await this.structures.load(question);
    return { rollup: await this.rollUpStructure(structure, question, { capacity, lotSize }), structure, question, lotSize };
  }

  async rollUpStructure(
    structure: Structure, question: Pick<StructureQuestion, 'date' | 'site'>, { capacity = new Map<string, CapacityChange>(), lotSize = Exact.one } = {},
  ): Promise<Rollup> {
    const nodes = [...structure.nodes.values()];
    const bought = nodes.filter(({ lines }) => lines.length === 0).map(({ id }) => id);
    const made = nodes.filter(({ lines }) => lines.length > 0).map(({ id }) => id);
    const [costs, operations] = await Promise.all([
      selectStandardCosts(this.database, bought, question.site), selectOperations(this.database, made, question),
    ]);
    const byItem = new Map<string, CostedOperation[]>(made.map((id) => [id, []]));
    for (const operation of operations) byItem.get(operation.itemId)!.push(operation);
    return rollUp(structure, { standard: new Map(costs.map((cost) => [cost.itemId, cost])), operations: byItem, capacity, lotSize });
  }
}

/** @throws AppError malformed */
export function capacityOf(text: string | undefined): Map<string, CapacityChange> {
  const changes = new Map<string, CapacityChange>();
  for (const part of text === undefined ? [] : text.split(',')) {
    const at = part.lastIndexOf(':');
    const value = part.slice(at + 1);
    const isPercent = value.endsWith('%');
    const number = parseDecimal(isPercent ? value.slice(0, -1) : value, { maxDigits: 24, maxScale: 10 });
    if (at < 1 || number === undefined || number === '0' || number.startsWith('-')) {
      throw badParameter('capacity', 'capacity.invalid', 'Expected work centres with units per hour or percent, such as A-ASM-1:3 or A-ASM-1:75%.');
    }
    changes.set(part.slice(0, at), isPercent ? { percent: number } : { perHour: number });
  }
  return changes;
}

/** A cost on the wire: `amount` rounded to three places for display, `exact` the number itself (a fraction where it has no end). */
export const costOf = (value: Exact) => ({ amount: value.toFixed(3), exact: value.isFiniteDecimal ? value.toDecimal() : value.toFraction() });

const itemCostOf = ({ node, made, material, conversion, total }: ItemCost) => ({
  itemId: node.id, code: node.code, unit: node.unit, made, material: costOf(material), conversion: costOf(conversion), total: costOf(total),
});

export function toCostRollupView({ rollup, question, structure, lotSize }: RolledUp) {
  const { root, items, currency, missing } = rollup;
  return {
    ...itemCostOf(root), date: question.date, site: question.site, lotSize: lotSize.toDecimal(), currency, complete: missing.length === 0, missing,
    bom: structure.root.bom ?? null,
    components: structure.root.lines.map(({ child, perUnit, perUse, position }) => {
      const quantity = perUse.isZero ? perUnit : perUse.over(lotSize);
      const cost = items.find(({ node }) => node === child)!;
      return { position, itemId: child.id, code: child.code, quantity: { value: quantity.toDecimal(), unit: child.unit }, unitCost: costOf(cost.total), cost: costOf(quantity.times(cost.total)) };
    }),
    items: items.filter(({ node }) => node !== structure.root).map(itemCostOf),
  };
}
