import { Field, ID, InterfaceType } from '@nestjs/graphql';

export const typeNames = new WeakMap<object, string>();

/** Whatever has an id [Relay: Global Object Identification]. Ids are UUIDv7 and so global as they are: REST and GraphQL use the same. */
@InterfaceType('Node', { description: 'Whatever has an id.', resolveType: (value: object) => typeNames.get(value) })
export abstract class NodeView {
  @Field(() => ID) id: string;
}
