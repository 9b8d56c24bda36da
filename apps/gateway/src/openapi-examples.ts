type Schema = Record<string, unknown>;
type Schemas = Record<string, Schema>;

const depthMax = 16;
const byFormat: Record<string, unknown> = {
  uuid: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', 'date-time': '2026-03-04T14:00:00Z', date: '2026-03-04', uri: 'https://datum.example/', 'uri-reference': '/',
};

/**
 * A complete example of a schema, put together from the examples of its parts, so that an example can never show a field that the schema does not have.
 * Optional parts without an example of their own are left out.
 */
export function exampleOf(schema: Schema, schemas: Schemas, depth = 0): unknown {
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  if (typeof schema.$ref === 'string') return exampleOf(schemas[schema.$ref.split('/').at(-1)!] ?? {}, schemas, depth + 1);
  for (const parts of [schema.oneOf, schema.anyOf, schema.allOf]) {
    if (Array.isArray(parts)) return exampleOf((parts as Schema[]).find((part) => part.type !== 'null') ?? {}, schemas, depth + 1);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  return byType(schema, schemas, depth);
}

function byType(schema: Schema, schemas: Schemas, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  switch (type) {
    case 'string': return byFormat[String(schema.format)] ?? 'text';
    case 'integer':
    case 'number': return schema.minimum ?? 1;
    case 'boolean': return true;
    case 'array': return depth > depthMax ? [] : [exampleOf((schema.items ?? {}) as Schema, schemas, depth + 1)];
    default: return objectExample(schema, schemas, depth);
  }
}

function objectExample(schema: Schema, schemas: Schemas, depth: number): Record<string, unknown> {
  const required = new Set((schema.required ?? []) as string[]);
  const example: Record<string, unknown> = {};
  if (depth > depthMax) return example;
  for (const [name, part] of Object.entries((schema.properties ?? {}) as Schemas)) {
    if (required.has(name) || part.example !== undefined || typeof part.$ref === 'string') example[name] = exampleOf(part, schemas, depth + 1);
  }
  return example;
}

/** Gives every body and answer that has none an example: JSON and forms one that is put together, other media that of their schema. */
export function addExamples(content: Record<string, Schema> | undefined, schemas: Schemas): void {
  for (const [mediaType, media] of Object.entries(content ?? {})) {
    const schema = media.schema as Schema | undefined;
    if (!schema || media.example !== undefined || media.examples !== undefined) continue;
    const structured = /^application\/(?:[\w.-]+\+)?json$|^application\/x-www-form-urlencoded$/.test(mediaType);
    if (structured || schema.example !== undefined) media.example = exampleOf(schema, schemas);
  }
}
