import { compareDecimals, compareInstants, conflict, forbidden, invalid, type AppError, type TxContext } from '@datum/platform';
import type { Candidate, Guard, RecordChange } from '@datum/governed';
import { heldStates } from './inventory-state.js';
import { isLineSide, placeProblem, problem, readStockFacts, trackingProblems, type StockFacts } from './stock-facts.js';
import type { StockBalance } from './stock.record.js';

/** Changes that follow from movements: checked with the movement already. */
export const derivedChanges = new WeakSet<RecordChange>();

/** Checks what a counting system states: unit, place, lot, and that no older count takes the place of newer movements. */
export const balanceGuard: Guard = {
  name: 'stock-count',
  recordTypes: ['stock-balance'],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const counts = candidates.filter((candidate) => !derivedChanges.has(candidate.change));
    if (counts.length === 0) return;
    const places = counts.map(({ after }) => after as unknown as StockBalance).filter(({ location }) => location !== null);
    const facts = await readStockFacts(context.tx, counts.map(({ after }) => String(after.itemId)), places.map(({ site, location }) => ({ site: site!, code: location! })));
    for (const candidate of counts) checkCount(candidate, facts);
  },
};

function checkCount(candidate: Candidate, facts: StockFacts): void {
  const { after, before, changed } = candidate;
  const balance = after as unknown as StockBalance;
  const problems = trackingProblems(facts, balance as never);
  const site = balance.site!;
  const unknown = placeProblem(facts, { site, code: balance.location, field: 'location' });
  if (unknown) problems.push(unknown);
  else if (isLineSide(facts, site, balance.location) !== (balance.place === 'line-side')) {
    problems.push(problem('place', 'inventory.place', 'place says line-side exactly when the location is of that kind.'));
  }
  if (problems.length > 0) {
    candidate.error = invalid(`The stock balance has ${problems.length} problem(s).`, problems, 'stock-balance.invalid');
    return;
  }
  const known = (before as unknown as StockBalance | undefined)?.asOf ?? null;
  if ((candidate.change.attributes.asOf ?? null) === null && 'quantity' in changed) changed.asOf = after.asOf = candidate.validFrom;
  if (known !== null && compareInstants(balance.asOf ?? known, known) < 0) {
    candidate.error = conflict('inventory.count-outdated', `The count of ${balance.asOf} is older than what is booked up to ${known}.`, { asOf: known });
    return;
  }
  candidate.error = heldProblem(candidate);
  if (after.countedAt !== after.asOf) changed.countedAt = after.countedAt = after.asOf;
}

/** Counting held stock down would undo a quality decision; that is a COUNT_ADJUST or STATE_CHANGE movement of who decides there. */
function heldProblem({ before, after }: Candidate): AppError | undefined {
  const [known, counted] = [before, after].map((record) => record as unknown as StockBalance | undefined);
  if (!known || !heldStates.includes(known.state!) || compareDecimals(counted!.quantity!.value, known.quantity!.value) >= 0) return undefined;
  return forbidden('inventory.held-stock', `${known.quantity!.value} are ${known.state}: less of it is said by a movement of the system that takes quality decisions.`, {
    links: { movements: { href: '/v1/stock-movements', method: 'POST' } },
  });
}
