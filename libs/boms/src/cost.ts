import { invalid } from '@datum/platform';
import { Exact } from '@datum/semantics';
import { needsOf, topDown, type Need } from './explosion.js';
import type { Node, Structure } from './structure.js';

/** An operation as its cost is computed: hours and rate of a work centre, or a cost per unit as agreed. */
export interface CostedOperation {
  itemId: string; position: number; workCentre: string | null; rate: string | null; rateCurrency: string | null;
  setupHours: string; runHours: string; runQuantity: string; yieldPercent: string; costPerUnit: string | null; costCurrency: string | null;
}

/** What one base unit of an item costs when it is bought. */
export interface StandardCost { itemId: string; amount: string; currency: string }

/** A work centre that gives more or less than its routings assume: so many units per hour, or so many percent of the planned rate. */
export interface CapacityChange { perHour?: string; percent?: string }

export interface CostInputs {
  standard: ReadonlyMap<string, StandardCost>;
  operations: ReadonlyMap<string, readonly CostedOperation[]>;
  capacity: ReadonlyMap<string, CapacityChange>;
  /** Units per lot of the item itself. What lies below is made in one lot as well: as much as that lot needs of it. Set-up and fixed quantities are spread over these. */
  lotSize: Exact;
}

/** Cost of one base unit; `total` is material + conversion, or the standard cost of what is bought. */
export interface ItemCost { node: Node; made: boolean; material: Exact; conversion: Exact; total: Exact }

export interface Rollup {
  root: ItemCost;
  /** Every item below, components before what is made of them. */
  items: ItemCost[];
  currency: string | null;
  /** Codes of bought items without a cost, and of made ones without a routing or with an operation without a rate: that part counts as nothing, and the roll-up is not complete. */
  missing: string[];
}

const hundred = Exact.of('100');

/**
 * Rolls cost up from bought components to the item: exactly, without rounding on the way.
 * @throws AppError invalid `cost.mixed-currencies`
 */
export function rollUp(structure: Structure, inputs: CostInputs): Rollup {
  const currencies = new Map<string, string>();
  const missing = new Set<string>();
  const needs = needsOf(structure, inputs.lotSize);
  const passedThrough = phantomsOf(structure);
  const costs = new Map<Node, ItemCost>();
  const items = topDown(structure).reverse();
  for (const node of items) {
    const made = node.lines.length > 0;
    const lot = lotOf(needs.get(node)!);
    if (made ? !passedThrough.has(node) && !isConversionKnown(node, inputs) : !inputs.standard.has(node.id)) missing.add(node.code);
    const material = made ? materialOf(node, costs, lot) : standardOf(node, inputs, currencies);
    const conversion = made ? conversionOf(node, { ...inputs, lotSize: lot.size }, currencies) : Exact.zero;
    costs.set(node, { node, made, material, conversion, total: material.plus(conversion) });
  }
  if (currencies.size > 1) {
    const which = [...currencies].map(([currency, code]) => `${currency} (${code})`).join(', ');
    throw invalid(`Costs in several currencies cannot be added: ${which}.`, [], 'cost.mixed-currencies');
  }
  return { root: costs.get(structure.root)!, items: items.map((node) => costs.get(node)!), currency: [...currencies.keys()][0] ?? null, missing: [...missing].sort() };
}

/** A lot of an item: its units, and how often fixed quantities are taken for it. */
interface Lot { size: Exact; uses: Exact }

/** What is not needed at all costs nothing in the end; it is shown as if one were made. */
const lotOf = ({ quantity, uses }: Need): Lot => (quantity.isZero ? { size: Exact.one, uses: Exact.one } : { size: quantity, uses: Exact.of(uses.toString()) });

/** Items that are never made for themselves: phantoms have no routing. */
function phantomsOf({ root, nodes }: Structure): Set<Node> {
  const made = new Set([root, ...[...nodes.values()].flatMap(({ lines }) => lines.filter(({ phantom }) => !phantom).map(({ child }) => child))]);
  return new Set([...nodes.values()].filter((node) => node.type === 'phantom' || !made.has(node)));
}

function isConversionKnown({ id }: Node, { operations }: CostInputs): boolean {
  const known = operations.get(id) ?? [];
  return known.length > 0 && known.every(({ rate, costPerUnit }) => rate !== null || costPerUnit !== null);
}

function standardOf(node: Node, { standard }: CostInputs, currencies: Map<string, string>): Exact {
  const cost = standard.get(node.id);
  if (!cost) return Exact.zero;
  currencies.set(cost.currency, node.code);
  return Exact.of(cost.amount);
}

/** What a unit of the line's unit costs: lines whose unit cannot be converted cannot be costed by the base unit. */
function materialOf(node: Node, costs: ReadonlyMap<Node, ItemCost>, lot: Lot): Exact {
  return node.lines.reduce((sum, { child, unit, perUnit, perUse }) => {
    if (unit !== child.unit) throw invalid(`${node.code} counts ${child.code} in ${unit}; its cost is per ${child.unit}.`, [], 'cost.unit-not-convertible');
    const perParent = perUse.isZero ? perUnit : perUse.times(lot.uses).over(lot.size);
    return sum.plus(perParent.times(costs.get(child)!.total));
  }, Exact.zero);
}

function conversionOf(node: Node, inputs: CostInputs, currencies: Map<string, string>): Exact {
  return (inputs.operations.get(node.id) ?? []).reduce((sum, operation) => {
    const currency = operation.costPerUnit === null ? operation.rateCurrency : operation.costCurrency;
    if (currency !== null) currencies.set(currency, node.code);
    return sum.plus(operationCost(operation, inputs));
  }, Exact.zero);
}

/** (set-up ÷ lot + run) × rate ÷ yield, per good unit. A change of capacity stretches or shortens the run. */
export function operationCost(operation: CostedOperation, { capacity, lotSize }: Pick<CostInputs, 'capacity' | 'lotSize'>): Exact {
  if (operation.costPerUnit !== null) return Exact.of(operation.costPerUnit);
  if (operation.rate === null) return Exact.zero;
  const change = operation.workCentre === null ? undefined : capacity.get(operation.workCentre);
  let hours = Exact.of(operation.runHours).over(Exact.of(operation.runQuantity));
  if (change?.perHour !== undefined) hours = Exact.one.over(Exact.of(change.perHour));
  else if (change?.percent !== undefined) hours = hours.times(hundred).over(Exact.of(change.percent));
  const setup = Exact.of(operation.setupHours).over(lotSize);
  return setup.plus(hours).times(Exact.of(operation.rate)).times(hundred).over(Exact.of(operation.yieldPercent));
}
