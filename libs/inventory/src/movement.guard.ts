import { addDecimals, compareDecimals, compareInstants, conflict, invalid, subtractDecimals, type AppError, type FieldProblem, type TxContext } from '@datum/platform';
import type { Candidate, Guard } from '@datum/governed';
import type { RegistryDirectory } from '@datum/registry';
import { balanceKeyText, type BalanceKey } from './balance-key.js';
import { lockBalances, type LockedBalance } from './balance.repository.js';
import { endsOf, type MovementEnds } from './movement-ends.js';
import { isLineSide, placeProblem, problem, readStockFacts, trackingProblems, type StockFacts } from './stock-facts.js';
import { movementGroup, type StockMovement } from './stock.record.js';

/**
 * Checks a batch of movements in their order against the balances they touch, which stay locked until the batch commits: nothing goes below zero
 * unnoticed, however many write at once, and a movement may live on what an earlier one of the batch brought.
 */
export const movementGuard = (directory: RegistryDirectory): Guard => ({
  name: 'stock-movement',
  recordTypes: ['stock-movement'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const facts = await readStockFacts(context.tx, candidates.map(({ after }) => String(after.itemId)), candidates.flatMap(placesOf));
    const standing = candidates.filter((candidate) => settleShape(candidate, facts, directory));
    const ends = standing.map((candidate) => endsOfCandidate(candidate));
    const locked = await lockBalances(context.tx, touchedKeys(ends));
    const quantities = new Map([...locked].map(([key, balance]) => [key, balance.quantity]));
    standing.forEach((candidate, i) => {
      settleCounted(candidate, ends[i]!, locked);
      candidate.error = moveOne(movementOf(candidate), movingEnds(candidate), quantities);
    });
  },
});

export const movementOf = ({ after }: Candidate): StockMovement => after as unknown as StockMovement;

/** The balances of a movement that has passed the guard. */
export function endsOfCandidate(candidate: Candidate): MovementEnds {
  const found = endsOf(movementOf(candidate) as never);
  if ('problems' in found) throw invalid('The movement has no ends.', found.problems, 'stock-movement.invalid');
  return found.ends;
}

/** The balances that it moves: those of its ends that no later count had already. */
export function movingEnds(candidate: Candidate): MovementEnds {
  const { countedEnds } = movementOf(candidate);
  const { from, to } = endsOfCandidate(candidate);
  return { ...(from && countedEnds !== 'from' && countedEnds !== 'both' ? { from } : {}), ...(to && countedEnds !== 'to' && countedEnds !== 'both' ? { to } : {}) };
}

/** A count has everything in it that happened until then. Only a movement that says when it happened can have come late. */
function settleCounted(candidate: Candidate, { from, to }: MovementEnds, locked: ReadonlyMap<string, LockedBalance>): void {
  const { after, changed, change } = candidate;
  const isIn = (key: BalanceKey | undefined): boolean => {
    const countedAt = key && (locked.get(balanceKeyText(key))?.countedAt ?? null);
    return typeof countedAt === 'string' && compareInstants(String(after.occurredAt), countedAt) <= 0;
  };
  if ((change.attributes.occurredAt ?? null) === null && change.validFrom === undefined) return;
  const counted = isIn(from) ? (isIn(to) ? 'both' : 'from') : isIn(to) ? 'to' : null;
  if (counted !== null) changed.countedEnds = after.countedEnds = counted;
}

const placesOf = (candidate: Candidate): { site: string; code: string }[] => {
  const { site, fromLocation, toLocation } = movementOf(candidate);
  return [fromLocation, toLocation].filter((code) => code !== null).map((code) => ({ site: site!, code }));
};

/** Fills in what the type leaves open and checks the movement for itself. */
function settleShape(candidate: Candidate, facts: StockFacts, directory: RegistryDirectory): boolean {
  const { after, changed } = candidate;
  const found = endsOf(movementOf(candidate) as never);
  const problems = 'problems' in found ? found.problems : shapeProblems(candidate, found.ends, facts);
  const { counterSite } = movementOf(candidate);
  if (counterSite !== null && !directory.site(counterSite)) problems.push(problem('counterSite', 'site.unknown', `There is no site ${counterSite}.`));
  if (problems.length > 0 || 'problems' in found) {
    candidate.error = invalid(`The movement has ${problems.length} problem(s).`, problems, 'stock-movement.invalid');
    return false;
  }
  const settled = { fromState: found.states.from, toState: found.states.to, occurredAt: after.occurredAt ?? candidate.validFrom };
  for (const [name, value] of Object.entries(settled)) {
    if (after[name] !== value) changed[name] = after[name] = value;
  }
  return true;
}

function shapeProblems(candidate: Candidate, ends: MovementEnds, facts: StockFacts): FieldProblem[] {
  const movement = movementOf(candidate);
  const site = movement.site!;
  const problems = trackingProblems(facts, movement as never);
  if (compareDecimals(movement.quantity!.value, '0') <= 0) problems.push(problem('quantity/value', 'number.range', 'Must be more than zero.'));
  if (movement.serial !== null && movement.quantity!.value !== '1') problems.push(problem('quantity/value', 'inventory.serial-quantity', 'A serial number is one piece.'));
  const places = [
    placeProblem(facts, { site, code: movement.fromLocation, field: 'fromLocation' }),
    placeProblem(facts, { site, code: movement.toLocation, field: 'toLocation' }),
    lineSideProblem(movement, ends, facts),
  ];
  return [...problems, ...places.filter((each) => each !== undefined)];
}

/** Stock at the line is moved by the MES, all other by the warehouse system; a hand-over between the two is the warehouse's. */
function lineSideProblem(movement: StockMovement, ends: MovementEnds, facts: StockFacts): FieldProblem | undefined {
  if (movementGroup({ ...movement }) === 'state-decision') return undefined;
  const kinds = [ends.from, ends.to].filter((end) => end !== undefined).map((end) => isLineSide(facts, end.site, end.location));
  const allLineSide = kinds.every(Boolean);
  if (movement.place === 'line-side' && !allLineSide) {
    return problem('place', 'inventory.place', 'A movement at the line names locations of the kind line-side only.');
  }
  if (movement.place !== 'line-side' && allLineSide) return problem('place', 'inventory.place', 'This is at the line: send place line-side.');
  return undefined;
}

export const touchedKeys = (ends: readonly MovementEnds[]): BalanceKey[] =>
  [...new Map(ends.flatMap(({ from, to }) => [from, to].filter((key) => key !== undefined)).map((key) => [balanceKeyText(key), key])).values()];

/** Moves within `quantities`. Returns why it cannot be, and then moves nothing. */
function moveOne(movement: StockMovement, { from, to }: MovementEnds, quantities: Map<string, string>): AppError | undefined {
  const { value } = movement.quantity!;
  if (from) {
    const available = quantities.get(balanceKeyText(from)) ?? '0';
    if (compareDecimals(available, value) < 0) return negativeStock(movement, from, available);
    quantities.set(balanceKeyText(from), subtractDecimals(available, value));
  }
  if (to) quantities.set(balanceKeyText(to), addDecimals(quantities.get(balanceKeyText(to)) ?? '0', value));
  return undefined;
}

export function negativeStock(movement: Pick<StockMovement, 'type' | 'quantity'>, from: BalanceKey, available: string): AppError {
  const { value, unit } = movement.quantity!;
  const where = `${from.location ?? 'the site'} at ${from.site}${from.lot === null ? '' : `, lot ${from.lot}`}`;
  return conflict('inventory.negative-stock', `${movement.type} of ${value} ${unit} is more than the ${available} ${unit} ${from.state} in ${where}.`, {
    available: { value: available, unit }, wanted: { value, unit }, balance: from,
  });
}
