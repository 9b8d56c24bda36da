import {
  getIntrospectionQuery, getNamedType, getNullableType, isAbstractType, isListType, isObjectType, Kind, parse,
  SchemaMetaFieldDef, TypeMetaFieldDef, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type GraphQLField,
  type GraphQLNamedType, type GraphQLSchema, type OperationDefinitionNode, type SelectionSetNode, type ValueNode,
} from 'graphql';
import { AppError } from '../errors/app-error.js';
import type { GraphqlLimits } from './limits.js';

/** What an operation costs: the number of field values that its answer holds at most. Introspection is counted apart. */
export interface OperationCost {
  requested: number;
  introspection: number;
}

type Field = GraphQLField<unknown, unknown>;
type Variables = Readonly<Record<string, unknown>>;

const sizeArguments = ['first', 'last', 'limit'];
/** The lists of a connection have the size that was asked of the field that returned it. */
const pageFields = new Set(['edges', 'nodes']);
/** Rounded up from schemas of our size; only the relation to the tools' own introspection query matters. */
const introspectionListSizes: Readonly<Record<string, number>> = { fields: 10, args: 2 };
const introspectionListSize = 3;

/**
 * Counts the field values an operation can answer: one per field, times the size of every list above it. A list is as long as its `first`,
 * `last` or `limit` says, or as the list of keys it is asked by; otherwise `defaultListSize`. A fragment is counted once per list size it is
 * used under, so that the time is proportional to the document.
 */
export class CostCounter {
  private introspectionMaxKnown?: number;

  constructor(private readonly schema: GraphQLSchema, private readonly limits: GraphqlLimits) {}

  /** Introspection may cost three times the full query that the tools send. */
  get introspectionMax(): number {
    this.introspectionMaxKnown ??= 3 * this.introspectionQueryCost();
    return this.introspectionMaxKnown;
  }

  /** @throws AppError invalid `graphql.page-size` when a list is asked for with a size out of bounds */
  cost(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): OperationCost {
    const type = this.schema.getRootType(operation.operation);
    if (!type) return { requested: 0, introspection: 0 };
    return new Count(this.schema, this.limits, document, variables).of(operation.selectionSet, type);
  }

  private introspectionQueryCost(): number {
    const document = parse(getIntrospectionQuery({
      descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true,
      oneOf: true,
    }));
    return this.cost(document, document.definitions[0] as OperationDefinitionNode, {}).introspection;
  }
}

class Count {
  private introspection = 0;
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly known = new Map<string, number>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: GraphqlLimits,
    document: DocumentNode,
    private readonly variables: Variables,
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  of(set: SelectionSetNode, type: GraphQLNamedType): OperationCost {
    const requested = this.selectionSet(set, type, undefined);
    return { requested, introspection: this.introspection };
  }

  /** @param pageSize the size that the connection around this selection was asked for */
  private selectionSet(set: SelectionSetNode, type: GraphQLNamedType, pageSize: number | undefined): number {
    let sum = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) sum += this.field(selection, type, pageSize);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) sum += this.fragment(selection.name.value, pageSize);
      else sum += this.selectionSet(selection.selectionSet, this.conditionType(selection.typeCondition?.name.value) ?? type, pageSize);
    }
    return sum;
  }

  private fragment(name: string, pageSize: number | undefined): number {
    const key = `${name} ${pageSize ?? ''}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const definition = this.fragments.get(name);
    const type = this.conditionType(definition?.typeCondition.name.value);
    const cost = definition && type ? this.selectionSet(definition.selectionSet, type, pageSize) : 0;
    this.known.set(key, cost);
    return cost;
  }

  private conditionType(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.schema.getType(name);
  }

  private field(node: FieldNode, type: GraphQLNamedType, pageSize: number | undefined): number {
    if (node.name.value === '__schema' || node.name.value === '__type') {
      this.introspection += this.introspected(node);
      return 0;
    }
    const field = isObjectType(type) || (isAbstractType(type) && 'getFields' in type) ? type.getFields()[node.name.value] : undefined;
    if (!field) return 1;
    const asked = this.askedSize(node, field);
    const isList = isListType(getNullableType(field.type));
    const inherited = pageFields.has(node.name.value) ? pageSize : undefined;
    const size = isList ? asked ?? inherited ?? this.defaultSize(type, node) : 1;
    const inner = node.selectionSet
      ? this.selectionSet(node.selectionSet, getNamedType(field.type), isList ? undefined : asked)
      : 0;
    return 1 + size * (inner + (isList && !node.selectionSet ? 1 : 0));
  }

  private introspected(node: FieldNode): number {
    const field = node.name.value === '__schema' ? SchemaMetaFieldDef : TypeMetaFieldDef;
    return node.selectionSet ? 1 + this.selectionSet(node.selectionSet, getNamedType(field.type), undefined) : 1;
  }

  private defaultSize(type: GraphQLNamedType, node: FieldNode): number {
    if (!type.name.startsWith('__')) return this.limits.defaultListSize;
    if (node.name.value === 'types') return Object.keys(this.schema.getTypeMap()).length;
    return introspectionListSizes[node.name.value] ?? introspectionListSize;
  }

  private askedSize(node: FieldNode, field: Field): number | undefined {
    for (const name of sizeArguments) {
      const value = this.argumentValue(node, field, name);
      if (typeof value !== 'number') continue;
      const max = name === 'limit' ? this.limits.listLimitMax : this.limits.pageSizeMax;
      if (value < 0 || value > max) throw pageSizeError(node.name.value, name, max);
      return value;
    }
    return this.askedKeys(node, field);
  }

  /** A list that is asked for by its keys is as long as the longest list of keys. */
  private askedKeys(node: FieldNode, field: Field): number | undefined {
    const lengths = field.args
      .map((argument) => this.argumentValue(node, field, argument.name))
      .flatMap((value) => (Array.isArray(value) ? [value.length] : []));
    return lengths.length > 0 ? Math.max(...lengths) : undefined;
  }

  private argumentValue(node: FieldNode, field: Field, name: string): unknown {
    const definition = field.args.find((argument) => argument.name === name);
    if (!definition) return undefined;
    const value = this.value(node.arguments?.find((argument) => argument.name.value === name)?.value);
    return value === undefined ? definition.defaultValue : value;
  }

  private value(node: ValueNode | undefined): unknown {
    if (node === undefined) return undefined;
    if (node.kind === Kind.VARIABLE) return this.variables[node.name.value];
    if (node.kind === Kind.INT) return Number(node.value);
    return node.kind === Kind.LIST ? node.values : null;
  }
}

const pageSizeError = (field: string, argument: string, max: number): AppError =>
  new AppError('malformed', 'graphql.page-size', `${field}: "${argument}" must be from 0 to ${max}.`, { details: { limit: max } });
