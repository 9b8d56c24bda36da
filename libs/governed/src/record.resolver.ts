import { Inject, type Type } from '@nestjs/common';
import { IsOptional } from 'class-validator';
import { Args, ArgsType, Context, Field, ID, InputType, Int, Mutation, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { connectionOf, PageArgs, Permission, type GraphqlContext } from '@datum/platform';
import { expandName, listSpecOf } from './query-spec.js';
import type { AnyRecord } from './record-definition.js';
import { GraphqlRecords, type MutationInput } from './record.graphql.js';
import { viewsOf, type ViewClass } from './record-view.js';

@InputType({ description: 'The code that a system uses for the new record.' })
export class LocalKeyInputType {
  @Field(() => String) system: string;
  @Field(() => String) code: string;
  @Field(() => String, { nullable: true }) site?: string;
}

export interface RecordResolverOptions {
  readOnly?: boolean;
  /** Declarations of the records that this one refers to: `componentId` gains a field `component`. */
  relations?: readonly AnyRecord[];
}

interface Base { records: GraphqlRecords }

/** Interfaces on purpose: GraphQL has checked the input against its type, and a class here would make the validation pipe refuse what carries no decorators of its own. */
type UpdateMutationInput = MutationInput & { id: string; ifMatch: number };

/**
 * The GraphQL fields of a governed record, to be extended by the domain's resolver:
 * `@Resolver(() => viewsOf(itemRecord).view) class ItemResolver extends recordResolver(itemRecord) {}`
 */
export function recordResolver(definition: AnyRecord, options: RecordResolverOptions = {}): Type<Base> {
  const { view } = viewsOf(definition);
  const one = definition.typeName.charAt(0).toLowerCase() + definition.typeName.slice(1);
  const scope = `${definition.domain}.read`;
  const where = whereInputOf(definition);
  // Made here, not inside the decorator's thunk: the schema is compiled from the types that exist by then.
  const connection = connectionOf(view, definition.typeName);

  @ArgsType()
  class ListArgs extends PageArgs {
    @Field(() => where, { nullable: true, description: 'All given must be equal.' })
    @IsOptional()
    where?: object;
  }

  @Resolver(() => view, { isAbstract: true })
  abstract class ReadFields {
    @Inject(GraphqlRecords) readonly records: GraphqlRecords;

    @Permission(scope)
    @Query(() => view, { name: one, nullable: true, description: `One ${definition.type} by id.` })
    one(@Args('id', { type: () => ID }) id: string, @Context() graphql: GraphqlContext) {
      return this.records.load(graphql, definition, id);
    }

    @Permission(scope)
    @Query(() => connection, { name: definition.pluralName, description: definition.summary })
    many(@Args() { where: wanted, ...page }: ListArgs, @Context() graphql: GraphqlContext) {
      return this.records.connection(graphql.requestContext, definition, { page, where: { ...wanted } });
    }
  }
  let fields = withRelations(ReadFields as unknown as Type<Base>, options.relations ?? [], definition);
  if (definition.localKeys) fields = withLocalKeyLookup(fields, definition, view);
  return options.readOnly ? fields : withMutations(fields, definition, view);
}

function withRelations(Fields: Type<Base>, relations: readonly AnyRecord[], definition: AnyRecord): Type<Base> {
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    const target = relations.find((relation) => relation.type === attribute.refers);
    if (!target) continue;
    const field = expandName(name);
    const method = function (this: Base, parent: Record<string, string | null>, graphql: GraphqlContext) {
      return this.records.loadReference(graphql, target.type, parent[name] ?? null);
    };
    Object.defineProperty(Fields.prototype, field, { value: method, writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(Fields.prototype, field)!;
    // What the compiler would note for a method written out.
    Reflect.defineMetadata('design:paramtypes', [Object, Object], Fields.prototype, field);
    Parent()(Fields.prototype, field, 0);
    Context()(Fields.prototype, field, 1);
    ResolveField(field, () => viewsOf(target).view, { nullable: true, description: `The ${target.type} behind ${name}.` })(Fields.prototype, field, descriptor);
  }
  return Fields;
}

function withLocalKeyLookup(Fields: Type<Base>, definition: AnyRecord, view: ViewClass): Type<Base> {
  @Resolver(() => view, { isAbstract: true })
  abstract class LookupFields extends (Fields as new () => Base) {
    @Permission(`${definition.domain}.read`)
    @Query(() => [view], { name: `${definition.pluralName}ByLocalKey`, description: `The ${definition.pluralName} that a system means by its code: none, one, or several where the system serves several sites.` })
    byLocalKey(
      @Args('system', { type: () => String }) system: string,
      @Args('code', { type: () => String }) code: string,
      @Args('site', { type: () => String, nullable: true }) site: string | undefined,
      @Context() graphql: GraphqlContext,
    ) {
      return this.records.byLocalKey(graphql.requestContext, definition, { system, code, ...(site ? { site } : {}) });
    }
  }
  return LookupFields as unknown as Type<Base>;
}

function withMutations(Fields: Type<Base>, definition: AnyRecord, view: ViewClass): Type<Base> {
  const { typeName } = definition;
  const { create, patch } = viewsOf(definition);

  @InputType(`Create${typeName}Input`)
  class CreateInput {
    @Field(() => String, { description: '16 to 255 characters, one per intent; kept 24 hours.' }) idempotencyKey: string;
    @Field(() => create) attributes: Record<string, unknown>;
    @Field(() => [LocalKeyInputType], { nullable: true }) localKeys?: LocalKeyInputType[];
  }

  @InputType(`Update${typeName}Input`)
  class UpdateInput {
    @Field(() => String, { description: '16 to 255 characters, one per intent; kept 24 hours.' }) idempotencyKey: string;
    @Field(() => ID) id: string;
    @Field(() => Int, { description: 'The version that was read; a stale one is refused.' }) ifMatch: number;
    @Field(() => patch) attributes: Record<string, unknown>;
  }

  @ObjectType(`${typeName}Payload`)
  class Payload {
    @Field(() => view) record: object;
    @Field(() => [String], { description: 'Groups written by a non-owner, let through because their rule only observes.' }) observedGroups: string[];
  }

  @Resolver(() => view, { isAbstract: true })
  abstract class WriteFields extends (Fields as new () => Base) {
    @Permission(`${definition.domain}.write`)
    @Mutation(() => Payload, { name: `create${typeName}`, description: `Create a ${definition.type}.` })
    create(@Args('input', { type: () => CreateInput }) input: MutationInput, @Context() graphql: GraphqlContext) {
      return this.records.create(graphql.requestContext, definition, input);
    }

    @Permission(`${definition.domain}.write`)
    @Mutation(() => Payload, { name: `update${typeName}`, description: `Change a ${definition.type}; ownership is decided per attribute group.` })
    update(@Args('input', { type: () => UpdateInput }) input: UpdateMutationInput, @Context() graphql: GraphqlContext) {
      return this.records.update(graphql.requestContext, definition, input);
    }
  }
  return WriteFields as unknown as Type<Base>;
}

const whereInputs = new Map<string, ViewClass>();

/** Equality on what an index carries; the full grammar is on REST lists. */
function whereInputOf(definition: AnyRecord): ViewClass {
  const known = whereInputs.get(definition.type);
  if (known) return known;
  const Where = class {};
  Object.defineProperty(Where, 'name', { value: `${definition.typeName}Where` });
  for (const name of Object.keys(listSpecOf(definition).fields)) {
    Field(() => String, { nullable: true })(Where.prototype, name);
  }
  InputType(`${definition.typeName}Where`, { description: 'All given must be equal.' })(Where);
  whereInputs.set(definition.type, Where);
  return Where;
}
