import { Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { AppError } from '../errors/app-error.js';
import { repeatedPairs } from './repeats.js';

/** What one GraphQL document may contain. Everything is checked before validation and execution, in time proportional to the document. */
export interface GraphqlLimits {
  /** Length of the document's text. */
  charactersMax: number;
  /** Lexical tokens; the parser stops at this number. */
  tokensMax: number;
  /** Levels of nested fields. */
  depthMax: number;
  /** Levels below `__schema` and `__type`: the tools' introspection query needs 14. */
  introspectionDepthMax: number;
  /** Aliases, counted as often as a fragment brings them in. */
  aliasesMax: number;
  directivesMax: number;
  /** Fields of the operation itself, counted through fragments. */
  rootFieldsMax: number;
  /** Fields and fragment spreads after every fragment is put in its place: the bound on all later work. */
  selectionsMax: number;
  /** Pairs of fields at the same place of the answer, which validation compares one by one. */
  repeatedPairsMax: number;
  /** The largest `first` or `last` of a connection. */
  pageSizeMax: number;
  /** The largest `limit` of a plain list. */
  listLimitMax: number;
  /** What a list counts for in the cost when nothing says how long it is. */
  defaultListSize: number;
  /** Field values that the answer may hold at most. */
  costMax: number;
}

export const defaultGraphqlLimits: GraphqlLimits = {
  charactersMax: 100_000,
  tokensMax: 2_000,
  depthMax: 10,
  introspectionDepthMax: 20,
  aliasesMax: 30,
  directivesMax: 50,
  rootFieldsMax: 20,
  selectionsMax: 5_000,
  repeatedPairsMax: 5_000,
  pageSizeMax: 100,
  listLimitMax: 500,
  defaultListSize: 20,
  costMax: 10_000,
};

/** The size of a selection set with every fragment in its place. */
export interface Measure {
  depth: number;
  introspectionDepth: number;
  aliases: number;
  /** Fields of this level. */
  width: number;
  selections: number;
}

/** 400 for a document that goes beyond a limit: `graphql.depth`, with the limit and, where it is known, what was asked for. */
export const overLimit = (what: string, message: string, limit: number, requested?: number): AppError =>
  new AppError('malformed', `graphql.${what}`, message, { details: requested === undefined ? { limit } : { limit, requested } });

/**
 * Measures every operation of the document and refuses what is too big. Each selection of the document is looked at once, because a fragment's
 * measure is remembered: fragments that spread fragments cost nothing here, and are refused for what they would grow to.
 * @returns the expanded number of selections by operation, `''` for the anonymous one
 * @throws AppError malformed `graphql.depth`, `.aliases`, `.directives`, `.root-fields`, `.selections`, `.repeats`, `.fragment-cycle`
 */
export function checkDocument(document: DocumentNode, limits: GraphqlLimits): Map<string, number> {
  const measuring = new Measuring(document);
  const selections = new Map<string, number>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) measuring.fragment(definition.name.value);
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    measuring.countDirectives(definition.directives);
    for (const variable of definition.variableDefinitions ?? []) measuring.countDirectives(variable.directives);
    const measure = measuring.selectionSet(definition.selectionSet);
    checkMeasure(measure, limits);
    if (repeatedPairs(definition.selectionSet, measuring.fragments, limits.repeatedPairsMax) > limits.repeatedPairsMax) {
      throw overLimit('repeats', 'The operation repeats the same fields too often.', limits.repeatedPairsMax);
    }
    selections.set(definition.name?.value ?? '', measure.selections);
  }
  if (measuring.directives > limits.directivesMax) {
    throw overLimit('directives', `The document has more than ${limits.directivesMax} directives.`, limits.directivesMax, measuring.directives);
  }
  return selections;
}

function checkMeasure(measure: Measure, limits: GraphqlLimits): void {
  const checks: [string, string, number, number][] = [
    ['selections', 'fields, with fragments counted each time they are used', measure.selections, limits.selectionsMax],
    ['aliases', 'aliases', measure.aliases, limits.aliasesMax],
    ['root-fields', 'root fields', measure.width, limits.rootFieldsMax],
    ['depth', 'levels of fields', measure.depth, limits.depthMax],
    ['depth', 'levels of introspection', measure.introspectionDepth, limits.introspectionDepthMax],
  ];
  for (const [code, noun, requested, limit] of checks) {
    if (requested > limit) throw overLimit(code, `The operation has more than ${limit} ${noun}.`, limit, requested);
  }
}

class Measuring {
  directives = 0;
  readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly measures = new Map<string, Measure | 'open'>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  countDirectives(directives: readonly unknown[] | undefined): void {
    this.directives += directives?.length ?? 0;
  }

  /** An unknown fragment measures nothing: validation names it. */
  fragment(name: string): Measure {
    const known = this.measures.get(name);
    if (known === 'open') throw new AppError('malformed', 'graphql.fragment-cycle', `The fragment "${name}" contains itself.`);
    if (known) return known;
    const definition = this.fragments.get(name);
    if (!definition) return emptyMeasure();
    this.measures.set(name, 'open');
    this.countDirectives(definition.directives);
    const measure = this.selectionSet(definition.selectionSet);
    this.measures.set(name, measure);
    return measure;
  }

  selectionSet(set: SelectionSetNode): Measure {
    const sum = emptyMeasure();
    for (const selection of set.selections) {
      this.countDirectives(selection.directives);
      if (selection.kind === Kind.FIELD) add(sum, this.field(selection));
      else if (selection.kind === Kind.INLINE_FRAGMENT) add(sum, this.selectionSet(selection.selectionSet));
      else add(sum, this.fragment(selection.name.value));
      sum.selections += 1;
    }
    return sum;
  }

  private field(field: FieldNode): Measure {
    const inner = field.selectionSet ? this.selectionSet(field.selectionSet) : emptyMeasure();
    const introspects = field.name.value === '__schema' || field.name.value === '__type';
    return {
      depth: introspects ? 1 : inner.depth + 1,
      introspectionDepth: introspects ? inner.depth + 1 : inner.introspectionDepth,
      aliases: inner.aliases + (field.alias ? 1 : 0),
      width: 1,
      selections: inner.selections,
    };
  }
}

const emptyMeasure = (): Measure => ({ depth: 0, introspectionDepth: 0, aliases: 0, width: 0, selections: 0 });

/** Numbers of fragments within fragments pass 2^53; they stay "too many" as floating point. */
function add(sum: Measure, part: Measure): void {
  sum.depth = Math.max(sum.depth, part.depth);
  sum.introspectionDepth = Math.max(sum.introspectionDepth, part.introspectionDepth);
  sum.aliases += part.aliases;
  sum.width += part.width;
  sum.selections += part.selections;
}
