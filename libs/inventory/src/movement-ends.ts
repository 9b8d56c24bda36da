import type { FieldProblem } from '@datum/platform';
import type { BalanceKey } from './balance-key.js';
import { movementTypeOf, type MovementType } from './movement-type.js';

/** The balances a movement takes from and adds to. */
export interface MovementEnds { from?: BalanceKey; to?: BalanceKey }

/** A movement as the writer means it: the attributes of a `stock-movement`. */
export interface Movement {
  type: string; itemId: string; site: string; counterSite: string | null;
  fromLocation: string | null; fromState: string | null; toLocation: string | null; toState: string | null;
  lot: string | null; serial: string | null; owner: string | null;
}

type Side = 'from' | 'to';

/** Works out both ends by the rules of the movement's type, and fills in the states that were left to them. Pure. */
export function endsOf(movement: Movement): { ends: MovementEnds; states: Record<Side, string | null> } | { problems: FieldProblem[] } {
  const type = movementTypeOf(movement.type);
  const problems: FieldProblem[] = [];
  const from = stateOf(movement, type, 'from', problems);
  const to = stateOf({ ...movement, fromState: from }, type, 'to', problems);
  checkPair(movement, type, { from, to }, problems);
  if (problems.length > 0) return { problems };
  const ends: MovementEnds = {};
  if (from !== null) ends.from = keyOf(movement, type, 'from', from);
  if (to !== null) ends.to = keyOf(movement, type, 'to', to);
  return { ends, states: { from, to } };
}

function stateOf(movement: Movement, type: MovementType, side: Side, problems: FieldProblem[]): string | null {
  const end = type[side];
  const given = side === 'from' ? movement.fromState : movement.toState;
  const location = side === 'from' ? movement.fromLocation : movement.toLocation;
  const field = side === 'from' ? 'fromState' : 'toState';
  if (!end) {
    if (given !== null || location !== null) problems.push(problem(field, 'movement.no-such-end', `A ${type.code} has no ${side} end.`));
    return null;
  }
  const state = given ?? usualState(movement, type, side);
  if (state === null && end.optional) return null;
  if (state === null) problems.push(problem(field, 'field.required', `A ${type.code} needs it.`));
  else if (!end.states.includes(state)) {
    problems.push(problem(field, 'movement.state', `A ${type.code} goes ${side} ${end.states.join(', ')}, not ${side} ${state}.`));
  }
  return state;
}

function usualState(movement: Movement, type: MovementType, side: Side): string | null {
  if (side === 'to' && type.code === 'SHIP' && movement.fromState === 'IN_TRANSIT_OUT') return null;
  if (side === 'to' && type.code === 'TRANSFER_BIN') return movement.fromState === 'RECEIVED_UNPUT' ? 'AVAILABLE' : movement.fromState;
  if (side === 'to' && type.code === 'ISSUE_TO_ORDER' && movement.toLocation !== null) return 'IN_PROCESS';
  return type[side]!.usual ?? null;
}

function checkPair(movement: Movement, type: MovementType, { from, to }: Record<Side, string | null>, problems: FieldProblem[]): void {
  if (type.code === 'COUNT_ADJUST' && (from === null) === (to === null)) {
    problems.push(problem('toState', 'movement.one-end', 'A count finds more (toState) or less (fromState): exactly one.'));
  }
  if (type.code === 'STATE_CHANGE' && from !== null && from === to) problems.push(problem('toState', 'movement.no-change', 'The state does not change.'));
  if (type.code === 'TRANSFER_BIN' && from !== to && from !== null && to !== null && !isPutAway(from, to)) {
    problems.push(problem('toState', 'movement.state', `Moving does not turn ${from} into ${to}; that is a STATE_CHANGE.`));
  }
  if (type.transit && (movement.counterSite === null || movement.counterSite === movement.site)) {
    problems.push(problem('counterSite', 'field.required', `A ${type.code} names the other site.`));
  }
  if (!type.transit && movement.counterSite !== null) problems.push(problem('counterSite', 'movement.no-such-end', `A ${type.code} stays at one site.`));
}

const isPutAway = (from: string, to: string): boolean => from === 'RECEIVED_UNPUT' && (to === 'AVAILABLE' || to === 'QUALITY_INSPECTION');

/** What lies between two sites stands at the site it left, with the other one as its goal: so it is there once, and both can show it. */
function keyOf(movement: Movement, type: MovementType, side: Side, state: string): BalanceKey {
  const { itemId, site, lot, serial, owner } = movement;
  const what = { itemId, state, lot, serial, owner };
  if (type.transit === side) {
    const arriving = side === 'from';
    return { ...what, site: arriving ? movement.counterSite! : site, location: null, counterSite: arriving ? site : movement.counterSite };
  }
  const location = side === 'from' ? movement.fromLocation : movement.toLocation;
  const stays = type.code === 'STATE_CHANGE' && side === 'to' && location === null;
  const inTransit = state === 'IN_TRANSIT_OUT';
  return { ...what, site, location: inTransit ? null : stays ? movement.fromLocation : location, counterSite: null };
}

const problem = (field: string, code: string, detail: string): FieldProblem => ({ pointer: `#/${field}`, code, detail });
