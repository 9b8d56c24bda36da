import type { FieldProblem, Queryable } from '@datum/platform';
import { itemFactsOf, type ItemFacts } from '@datum/items';
import type { Quantity } from '@datum/governed';
import { readPlaces, readPolicies, type PlaceFacts, type PolicyFacts } from './balance.repository.js';

export interface StockFacts {
  items: Map<string, ItemFacts>;
  places: Map<string, PlaceFacts>;
  policies: PolicyFacts[];
}

interface Tracked { itemId: string; site: string; lot: string | null; serial: string | null; quantity: Quantity }

/** Everything a batch of movements or counts is checked against, in three statements. */
export async function readStockFacts(
  queryable: Queryable, itemIds: readonly string[], places: readonly { site: string; code: string }[],
): Promise<StockFacts> {
  const ids = [...new Set(itemIds)];
  return { items: await itemFactsOf(queryable, ids), places: await readPlaces(queryable, places), policies: await readPolicies(queryable, ids) };
}

/** Unit, lot and serial number against what the item and the site's policy ask for. */
export function trackingProblems({ items, policies }: StockFacts, stock: Tracked): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const item = items.get(stock.itemId);
  if (item && item.baseUnit !== stock.quantity.unit) {
    problems.push(problem('quantity/unit', 'inventory.unit', `${item.code} is counted in ${item.baseUnit}, not in ${stock.quantity.unit}.`));
  }
  const policy = policies.find((each) => each.itemId === stock.itemId && each.site === stock.site);
  if (policy?.lotTracked && stock.lot === null) {
    problems.push(problem('lot', 'inventory.lot-required', `${item?.code ?? 'The item'} is kept by lot at ${stock.site}: name the lot.`));
  }
  if (policy?.serialTracked && stock.serial === null) {
    problems.push(problem('serial', 'inventory.serial-required', `${item?.code ?? 'The item'} is kept by serial number at ${stock.site}: name it.`));
  }
  return problems;
}

/** A place must exist, and be of the kind that the writer counts. */
export function placeProblem({ places }: StockFacts, where: { site: string; code: string | null; field: string }): FieldProblem | undefined {
  if (where.code === null || places.has(`${where.site}\n${where.code}`)) return undefined;
  return problem(where.field, 'inventory.location-unknown', `Site ${where.site} has no location ${where.code}.`);
}

export const isLineSide = ({ places }: StockFacts, site: string, code: string | null): boolean =>
  code !== null && places.get(`${site}\n${code}`)?.kind === 'line-side';

export const problem = (field: string, code: string, detail: string): FieldProblem => ({ pointer: `#/${field}`, code, detail });
