import type { parse } from '@bufbuild/cel';
import type { RecordDefinition } from '@datum/governed';
import { matchesPattern, policyLanguage } from './policy-language.js';

type Expression = ReturnType<typeof parse>['expr'];
type Kind<C> = Extract<Expression['exprKind'], { case: C }> extends { value: infer V } ? V : never;
type Call = Kind<'callExpr'>;
type Loop = Kind<'comprehensionExpr'>;

/** What a predicate costs at most, and what it looks at. */
export interface PredicateAnalysis {
  /** Steps of one evaluation at most, lists taken at their largest. */
  cost: number;
  /** Attributes of the record that it names. */
  attributes: ReadonlySet<string>;
  /** Whether it walks over lists; those of a record must then be small. */
  walks: boolean;
}

export const predicateLimits = { nodes: 400, depth: 40, cost: 20_000, listSize: 100, patternLength: 100, repetitions: 100 } as const;
const matchCost = 100;

/** What a predicate may name. */
export const policyVariables = ['actor', 'recordType', 'before', 'after', 'changed', 'groups', 'now', 'site', 'channel'] as const;
const actorParts = new Set(['system', 'scopes', 'sites', 'client']);
const baseAttributes = new Set(['id', 'version', 'createdAt', 'updatedAt']);
const operators = new Set(['_[_]', '_?_:_', '_&&_', '_||_', '@not_strictly_false']);

/** Whether every one of the record types has the attribute. */
export const isKnownAttribute = (definitions: readonly RecordDefinition[], name: string): boolean =>
  baseAttributes.has(name) || definitions.every(({ attributes }) => Object.hasOwn(attributes, name));

/** @throws Error: why the predicate is not accepted: an unknown name, or more than it may cost */
export function analysePredicate(expression: Expression, definitions: readonly RecordDefinition[]): PredicateAnalysis {
  const walk = new Walk(definitions);
  const cost = walk.cost(expression, 0);
  if (cost > predicateLimits.cost) throw new Error(`It would take up to ${cost} steps; at most ${predicateLimits.cost} are allowed. Walk over fewer lists inside each other.`);
  return { cost, attributes: walk.attributes, walks: walk.walks };
}

class Walk {
  readonly attributes = new Set<string>();
  walks = false;
  private nodes = 0;
  private readonly names: string[] = [...policyVariables];

  constructor(private readonly definitions: readonly RecordDefinition[]) {}

  cost(expression: Expression | undefined, depth: number): number {
    if (!expression) return 0;
    this.nodes += 1;
    if (this.nodes > predicateLimits.nodes) throw new Error(`It has more than ${predicateLimits.nodes} parts.`);
    if (depth > predicateLimits.depth) throw new Error(`It is nested deeper than ${predicateLimits.depth}.`);
    const { exprKind } = expression;
    switch (exprKind.case) {
      case 'constExpr': return 1;
      case 'identExpr': return this.named(exprKind.value.name);
      case 'selectExpr': return this.selected(exprKind.value.operand, exprKind.value.field, depth);
      case 'callExpr': return this.called(exprKind.value, depth);
      case 'listExpr': return 1 + this.sum(exprKind.value.elements, depth);
      case 'structExpr':
        if (exprKind.value.messageName !== '') throw new Error(`${exprKind.value.messageName} is not known here.`);
        return 1 + this.sum(exprKind.value.entries.flatMap((entry) =>
          [entry.keyKind.case === 'mapKey' ? entry.keyKind.value : undefined, entry.value]), depth);
      case 'comprehensionExpr': return this.looped(exprKind.value, depth);
      case undefined: throw new Error('It has an empty part.');
    }
  }

  private sum(parts: readonly (Expression | undefined)[], depth: number): number {
    return parts.reduce((total, part) => total + this.cost(part, depth + 1), 0);
  }

  private named(name: string): number {
    if (!this.names.includes(name)) throw new Error(`${name} is not known here. Known: ${policyVariables.join(', ')}.`);
    return 1;
  }

  private selected(operand: Expression | undefined, field: string, depth: number): number {
    const owner = operand?.exprKind.case === 'identExpr' ? operand.exprKind.value.name : undefined;
    if (owner === 'before' || owner === 'after') this.attributeUsed(field);
    if (owner === 'actor' && !actorParts.has(field)) throw new Error(`actor has no ${field}; it has ${[...actorParts].join(', ')}.`);
    return 1 + this.cost(operand, depth + 1);
  }

  private attributeUsed(name: string): void {
    const without = this.definitions.find((definition) => !isKnownAttribute([definition], name));
    if (without) throw new Error(`A ${without.type} has no ${name}.`);
    this.attributes.add(name);
  }

  private called(call: Call, depth: number): number {
    const { function: name, target, args } = call;
    if (!operators.has(name) && !policyLanguage.funcs.find(name)) throw new Error(`${name}() is not known here.`);
    if (name === '_[_]') {
      const [operand, index] = args;
      const key = textOf(index);
      if (key !== undefined) return this.selected(operand, key, depth) + 1;
    }
    // A search in a list or map looks at all of it.
    const own = name === 'matches' ? this.matched(args[0]) : name === '@in' ? predicateLimits.listSize : 1;
    return own + this.sum([target, ...args], depth);
  }

  private matched(pattern: Expression | undefined): number {
    const text = textOf(pattern);
    if (text === undefined) throw new Error('The pattern of matches() must stand in the predicate itself.');
    if (text.length > predicateLimits.patternLength) throw new Error(`A pattern has at most ${predicateLimits.patternLength} characters.`);
    if (repetitionsIn(text) > predicateLimits.repetitions) throw new Error(`The counted repetitions of a pattern come to at most ${predicateLimits.repetitions}.`);
    matchesPattern('', text);
    return matchCost;
  }

  private looped(loop: Loop, depth: number): number {
    const { iterVar, iterVar2, accuVar, iterRange, accuInit, loopCondition, loopStep, result } = loop;
    this.walks = true;
    const before = this.sum([iterRange, accuInit], depth);
    this.names.push(iterVar, iterVar2, accuVar);
    const each = this.sum([loopCondition, loopStep], depth);
    const after = this.cost(result, depth + 1);
    this.names.length -= 3;
    return before + each * sizeOf(iterRange) + after;
  }
}

/** How many members a list or map has at most. */
function sizeOf(expression: Expression | undefined): number {
  const kind = expression?.exprKind;
  if (kind?.case === 'listExpr') return kind.value.elements.length;
  if (kind?.case === 'structExpr') return kind.value.entries.length;
  if (kind?.case === 'comprehensionExpr') return sizeOf(kind.value.iterRange);
  if (kind?.case === 'callExpr' && kind.value.function === '_+_') return kind.value.args.reduce((total, each) => total + sizeOf(each), 0);
  if (kind?.case === 'callExpr' && kind.value.function === '_?_:_') return Math.max(sizeOf(kind.value.args[1]), sizeOf(kind.value.args[2]));
  return predicateLimits.listSize;
}

function textOf(expression: Expression | undefined): string | undefined {
  const kind = expression?.exprKind;
  return kind?.case === 'constExpr' && kind.value.constantKind.case === 'stringValue' ? kind.value.constantKind.value : undefined;
}

/** The size that the counted repetitions of a pattern unfold to at most: those of single characters add up, those of groups multiply. */
function repetitionsIn(pattern: string): number {
  let [single, groups] = [1, 1];
  pattern.split('{').forEach((part, i, parts) => {
    if (i === 0) return;
    const bounds = part.slice(0, Math.max(0, part.indexOf('}'))).split(',').map(Number).filter((bound) => Number.isInteger(bound));
    const count = Math.max(1, ...bounds);
    if (parts[i - 1]!.endsWith(')')) groups *= count;
    else single += count - 1;
  });
  return single * groups;
}
