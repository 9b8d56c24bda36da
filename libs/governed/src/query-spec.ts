import type { FieldSpec, FilterOp, ListQuerySpec } from '@datum/platform';
import type { Attribute } from './attribute.js';
import type { AnyRecord } from './record-definition.js';

const comparable: FilterOp[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'exists'];
const opsByKind: Partial<Record<Attribute['kind'], { type: FieldSpec['type']; ops: FilterOp[] }>> = {
  text: { type: 'text', ops: ['eq', 'ne', 'in', 'like', 'exists'] },
  enum: { type: 'enum', ops: ['eq', 'ne', 'in', 'exists'] },
  int: { type: 'int', ops: comparable },
  decimal: { type: 'decimal', ops: comparable },
  quantity: { type: 'decimal', ops: comparable },
  money: { type: 'decimal', ops: comparable },
  boolean: { type: 'boolean', ops: ['eq', 'ne', 'exists'] },
  date: { type: 'date', ops: comparable },
  instant: { type: 'instant', ops: comparable },
  reference: { type: 'uuid', ops: ['eq', 'ne', 'in', 'exists'] },
};

const specs = new WeakMap<AnyRecord, ListQuerySpec>();

/** What the list of a record type accepts, derived from its declaration. A list tells the present only. */
export function listSpecOf(definition: AnyRecord): ListQuerySpec {
  let spec = specs.get(definition);
  if (!spec) specs.set(definition, (spec = makeSpec(definition)));
  return spec;
}

/** What the read of one record accepts: as the list, and points in time. */
export function readSpecOf(definition: AnyRecord): ListQuerySpec {
  return { ...listSpecOf(definition), without: [] };
}

function makeSpec(definition: AnyRecord): ListQuerySpec {
  const fields: Record<string, FieldSpec> = {
    id: { type: 'uuid', ops: ['eq', 'in', 'gt'], sortable: true },
    updatedAt: { type: 'instant', ops: ['eq', 'lt', 'lte', 'gt', 'gte'], sortable: true },
  };
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    const kind = opsByKind[attribute.kind];
    if (attribute.filter && kind) fields[name] = { ...kind, sortable: attribute.sort ?? false, ...(attribute.values ? { values: attribute.values } : {}) };
  }
  return {
    fields,
    expand: expandable(definition),
    includes: definition.localKeys ? ['local', 'provenance'] : ['provenance'],
    extra: definition.localKeys ? ['system', 'code', 'site'] : [],
    select: ['id', 'version', 'createdAt', 'updatedAt', ...Object.keys(definition.attributes), ...expandable(definition)],
    without: ['asOf', 'knownAt'],
  };
}

/** `supplierId` is expanded as `supplier`; `expand=component.supplier` goes one deeper. */
export const expandName = (attribute: string): string => attribute.replace(/Id$/, '');

const expandable = (definition: AnyRecord): string[] =>
  Object.entries(definition.attributes).filter(([, attribute]) => attribute.refers).map(([name]) => expandName(name));
