import {
  getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType, isScalarType, isLeafType,
  type GraphQLField, type GraphQLInputType, type GraphQLSchema,
} from 'graphql';

const scalars: Record<string, unknown> = {
  ID: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', String: 'sample-text-0123456', Int: 1, Float: 1, Boolean: true, Decimal: '1', BigInt: '1',
  Date: '2026-03-04', DateTime: '2026-03-04T14:00:00Z', JSON: {}, LocalizedText: { en: 'Sample' },
};

/** The smallest operation that calls one root field: required arguments only, as variables, and nothing of the answer. */
export function operationFor(schema: GraphQLSchema, route: string): { query: string; variables: Record<string, unknown> } {
  const [typeName = '', fieldName = ''] = route.split('.');
  const field = schema.getType(typeName) as { getFields(): Record<string, GraphQLField<unknown, unknown>> } | undefined;
  const root = field?.getFields()[fieldName];
  if (!root) throw new Error(`${route} is declared, but not in the schema`);
  const required = root.args.filter((argument) => isNonNullType(argument.type) && argument.defaultValue === undefined);
  const variables = Object.fromEntries(required.map((argument) => [argument.name, sampleOf(argument.type)]));
  const declared = required.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(', ');
  const passed = required.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
  const selection = isLeafType(getNamedType(root.type)) ? '' : ' { __typename }';
  const query = `${typeName.toLowerCase()}${declared === '' ? '' : `(${declared})`} { ${fieldName}${passed === '' ? '' : `(${passed})`}${selection} }`;
  return { query, variables };
}

function sampleOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType);
  if (isListType(type)) return [sampleOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isScalarType(type)) return scalars[type.name] ?? 'sample-text-0123456';
  if (!isInputObjectType(type)) throw new Error(`No sample for ${String(type)}`);
  const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
  return Object.fromEntries(required.map((field) => [field.name, sampleOf(field.type)]));
}
