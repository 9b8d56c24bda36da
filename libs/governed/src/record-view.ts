import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ApiExtraModels, ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { DateScalar, DateTimeScalar, DecimalScalar, LocalizedTextScalar, JsonScalar, NodeView } from '@datum/platform';
import type { Attribute } from './attribute.js';
import type { AnyRecord } from './record-definition.js';
import { expandName } from './query-spec.js';

/**
 * Wire classes made from a declaration: one class serves REST (OpenAPI schema) and GraphQL (object type), so that the two cannot say different things.
 */
export interface RecordViews {
  /** The record as it is read. */
  view: ViewClass;
  /** Attributes of a create: required ones required. */
  create: ViewClass;
  /** Attributes of a merge patch: all optional, null clears. */
  patch: ViewClass;
}
export type ViewClass = new () => object;

@ObjectType({ description: 'An exact amount in an ISO 4217 currency.' })
export class MoneyView {
  @ApiProperty({ type: String, example: '12.50', description: 'Exact decimal.' }) @Field(() => DecimalScalar) amount: string;
  @ApiProperty({ type: String, example: 'USD', description: 'ISO 4217 code.' }) @Field(() => String) currency: string;
}

@InputType('MoneyInput', { description: 'An exact amount in an ISO 4217 currency.' })
export class MoneyInput {
  @Field(() => DecimalScalar) amount: string;
  @Field(() => String) currency: string;
}

@ObjectType({ description: 'An exact value in a UN/ECE Rec 20 unit.' })
export class QuantityView {
  @ApiProperty({ type: String, example: '4', description: 'Exact decimal.' }) @Field(() => DecimalScalar) value: string;
  @ApiProperty({ type: String, example: 'C62', description: 'UN/ECE Rec 20 code.' }) @Field(() => String) unit: string;
}

@InputType('QuantityInput', { description: 'An exact value in a UN/ECE Rec 20 unit.' })
export class QuantityInput {
  @Field(() => DecimalScalar) value: string;
  @Field(() => String) unit: string;
}

@InputType('RecordReferenceInput', { description: 'A record by its id, by its own code, or by the code that a system uses for it.' })
export class RecordReferenceInput {
  @Field(() => ID, { nullable: true }) id?: string;
  @Field(() => String, { nullable: true }) system?: string;
  @Field(() => String, { nullable: true }) code?: string;
  @Field(() => String, { nullable: true }) site?: string;
}

const made = new Map<string, RecordViews>();

/** The wire classes of a record type; made once per type. */
export function viewsOf(definition: AnyRecord): RecordViews {
  let views = made.get(definition.type);
  if (!views) made.set(definition.type, (views = { view: makeView(definition), create: makeInput(definition, 'create'), patch: makeInput(definition, 'patch') }));
  return views;
}

function makeView(definition: AnyRecord): ViewClass {
  const View = namedClass(definition.typeName);
  const { prototype } = View as { prototype: object };
  ApiProperty({ type: String, format: 'uuid', description: 'UUIDv7, never reused.' })(prototype, 'id');
  Field(() => ID)(prototype, 'id');
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    ApiProperty({ ...schemaOf(attribute), nullable: !attribute.required, required: true } as ApiPropertyOptions)(prototype, name);
    Field(() => outputType(attribute), { nullable: !attribute.required, description: attribute.description })(prototype, name);
    if (attribute.refers) {
      ApiProperty({ type: Object, additionalProperties: true, required: false, description: `The ${attribute.refers}, with expand=${expandName(name)}.` })(prototype, expandName(name));
    }
  }
  ApiProperty({ type: Number, description: 'Rises by one with every change.', example: 17 })(prototype, 'version');
  Field(() => Int)(prototype, 'version');
  for (const name of ['createdAt', 'updatedAt']) {
    ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z' })(prototype, name);
    Field(() => DateTimeScalar)(prototype, name);
  }
  ApiProperty({ type: Object, additionalProperties: true, required: false, description: 'Per attribute group, with include=provenance.' })(prototype, 'provenance');
  if (definition.localKeys) {
    ApiProperty({ type: [Object], required: false, description: 'Codes of the systems, with include=local.' })(prototype, 'local');
  }
  ObjectType(definition.typeName, { description: definition.summary, implements: () => [NodeView] })(View);
  return View;
}

function makeInput(definition: AnyRecord, kind: 'create' | 'patch'): ViewClass {
  const name = kind === 'create' ? `${definition.typeName}Create` : `${definition.typeName}Patch`;
  const Input = namedClass(name);
  const { prototype } = Input as { prototype: object };
  for (const [attributeName, attribute] of Object.entries(definition.attributes)) {
    if (attribute.computed || (kind === 'patch' && attribute.fixed)) continue;
    const required = kind === 'create' && attribute.required === true;
    ApiProperty({ ...inputSchemaOf(attribute), required, nullable: !attribute.required } as ApiPropertyOptions)(prototype, attributeName);
    Field(() => inputType(attribute), { nullable: !required, description: attribute.description })(prototype, attributeName);
  }
  ApiExtraModels(MoneyView, QuantityView)(Input);
  InputType(`${name}Input`, { description: `${definition.summary} ${kind === 'create' ? 'What a new one needs.' : 'A merge patch: absent leaves, null clears.'}` })(Input);
  return Input;
}

function namedClass(name: string): ViewClass {
  const Named = class {};
  Object.defineProperty(Named, 'name', { value: name });
  return Named;
}

/** The OpenAPI schema of an attribute; also the source of its documentation. */
function schemaOf({ kind, values, maxLength, maxItems, itemSchema, description, example }: Attribute): ApiPropertyOptions {
  const base = { description, example } as { description: string; example: never };
  switch (kind) {
    case 'int': return { ...base, type: 'integer', format: 'int32' };
    case 'boolean': return { ...base, type: Boolean };
    case 'decimal': return { ...base, type: String, pattern: '^-?(0|[1-9][0-9]*)([.][0-9]+)?$', maxLength: 40 };
    case 'date': return { ...base, type: String, format: 'date' };
    case 'instant': return { ...base, type: String, format: 'date-time' };
    case 'reference': return { ...base, type: String, format: 'uuid' };
    case 'money': return { ...base, type: () => MoneyView };
    case 'quantity': return { ...base, type: () => QuantityView };
    case 'localized':
    case 'map': return { ...base, type: 'object', additionalProperties: { type: 'string' } };
    case 'textList': return { ...base, type: [String], maxItems: 50 };
    case 'objectList': return { ...base, type: 'array', items: itemSchema, maxItems };
    case 'enum': return { ...base, type: String, description: `${description} One of ${values!.join(', ')}; readers must expect more.` };
    case 'text': return { ...base, type: String, maxLength };
  }
}

function inputSchemaOf(attribute: Attribute): ApiPropertyOptions {
  if (attribute.kind === 'enum') return { ...schemaOf(attribute), enum: [...attribute.values!], description: attribute.description };
  if (!attribute.refers) return schemaOf(attribute);
  const byKey = { type: 'object', properties: { system: { type: 'string' }, code: { type: 'string' }, site: { type: 'string' } }, required: ['code'], additionalProperties: false };
  return { description: `${attribute.description} An id, or a key of the record.`, example: attribute.example, type: 'object', oneOf: [{ type: 'string', format: 'uuid' }, byKey] } as unknown as ApiPropertyOptions;
}

function outputType({ kind }: Attribute) {
  switch (kind) {
    case 'int': return Int;
    case 'boolean': return Boolean;
    case 'decimal': return DecimalScalar;
    case 'date': return DateScalar;
    case 'instant': return DateTimeScalar;
    case 'reference': return ID;
    case 'money': return MoneyView;
    case 'quantity': return QuantityView;
    case 'localized': return LocalizedTextScalar;
    case 'map': return JsonScalar;
    case 'textList': return [String];
    case 'objectList': return [JsonScalar];
    default: return String;
  }
}

function inputType(attribute: Attribute) {
  switch (attribute.kind) {
    case 'money': return MoneyInput;
    case 'quantity': return QuantityInput;
    case 'reference': return RecordReferenceInput;
    default: return outputType(attribute);
  }
}

