import type { Attribute } from './attribute.js';

type Attributes = Record<string, Attribute>;

export interface Lifecycle {
  /** The attribute that holds the state. */
  attribute: string;
  initial: readonly string[];
  /** state → states it may go to. A state absent here is an end. */
  transitions: Record<string, readonly string[]>;
}

/**
 * A governed record type, declared. Everything else (reads, lists, look-ups, writes, bulk, history, feeds, ETags, ownership, REST, GraphQL, import, export,
 * audit) is called with this declaration, not written again.
 */
export interface RecordDefinition<A extends Attributes = Attributes> {
  /** `item`: the ledger's record type, and part of every error code. */
  type: string;
  /** `Item`: the name in GraphQL and OpenAPI. */
  typeName: string;
  /** GraphQL list field; default: typeName in lower camel case plus `s`. */
  pluralName: string;
  /** The ownership domain; also the prefix of its scopes: `item.read`, `item.write`. */
  domain: string;
  /** REST collection below `/v1/`: `items`. */
  collection: string;
  table: string;
  summary: string;
  attributes: A;
  /** Attribute group → what it is about, in a sentence. Every group needs an owner. */
  groups: Record<string, string>;
  /**
   * Group → the group that takes its place on records that have a site: an enterprise BOM is engineering's, a plant's own is the plant's. Both are
   * declared in `groups`, and each needs an owner.
   */
  siteGroups?: Record<string, string>;
  /** The group of an attribute where it depends on the record: stock at the line is not decided by who decides stock in bins. Default: the declared one. */
  groupOf?: (attribute: string, record: Record<string, unknown>) => string;
  /** Attributes that together are the natural key, unique in the table. The first one answers `{"code": …}` references. */
  key: readonly string[];
  /** The attribute that names the site the record belongs to; records without it are enterprise-wide. */
  site?: string;
  /** The attribute that names the system, for groups owned by `record:system`. */
  system?: string;
  /** Whether systems may hang their own codes on records of this type. */
  localKeys?: boolean;
  lifecycle?: Lifecycle;
  /** Immutable once written: movements, confirmations. */
  appendOnly?: boolean;
}

export type AnyRecord = RecordDefinition;

/** What every governed record carries besides its attributes. Instants RFC 3339 UTC. */
export interface RecordBase {
  id: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

type ValueOf<X> = X extends Attribute<infer T> ? T : never;
/** The wire shape of a record of this definition. */
export type RecordOf<D extends RecordDefinition> = RecordBase & { [K in keyof D['attributes']]: ValueOf<D['attributes'][K]> | null };

type Name<A> = keyof A & string;
type Input<A extends Attributes> = Omit<RecordDefinition<A>, 'pluralName' | 'key' | 'site' | 'system'> & {
  pluralName?: string; key: readonly Name<A>[]; site?: Name<A>; system?: Name<A>;
};

/** Declares a record type and checks what the compiler cannot see. @throws Error at start-up on a wrong declaration. */
export function defineRecord<const A extends Attributes>(input: Input<A>): RecordDefinition<A> {
  for (const [name, attribute] of Object.entries(input.attributes)) {
    if (!input.groups[attribute.group]) throw new Error(`${input.type}.${name} belongs to the undeclared group "${attribute.group}"`);
    attribute.column ??= snakeCase(name);
  }
  for (const group of Object.entries(input.siteGroups ?? {}).flat()) {
    if (!input.site || !input.groups[group]) throw new Error(`${input.type} has no site, or does not declare the group "${group}"`);
  }
  for (const name of [...input.key, input.site, input.system, input.lifecycle?.attribute]) {
    if (name !== undefined && !input.attributes[name]) throw new Error(`${input.type} has no attribute "${String(name)}"`);
  }
  const camel = input.typeName.charAt(0).toLowerCase() + input.typeName.slice(1);
  return { pluralName: `${camel}s`, ...input };
}

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `datum.item.item-site.updated.v1` */
export const eventTypeOf = (definition: AnyRecord, verb: string): string => `datum.${definition.domain}.${definition.type}.${verb}.v1`;

/** The group that decides an attribute of this record: that of the attribute, or the one that takes its place at a site or on such a record. */
export function groupOf(definition: AnyRecord, record: Record<string, unknown>, attribute: string): string {
  if (definition.groupOf) return definition.groupOf(attribute, record);
  const { group } = definition.attributes[attribute]!;
  const hasSite = definition.site !== undefined && (record[definition.site] ?? null) !== null;
  return hasSite ? (definition.siteGroups?.[group] ?? group) : group;
}

/** Attribute names of one group. */
export const attributesOfGroup = (definition: AnyRecord, group: string): string[] =>
  Object.entries(definition.attributes).filter(([, attribute]) => attribute.group === group).map(([name]) => name);
