import type { ApiClient } from './api-client.js';
import { usage } from './cli-error.js';

export interface Schema {
  type?: string | string[]; $ref?: string; allOf?: Schema[]; oneOf?: Schema[]; items?: Schema; properties?: Record<string, Schema>;
}
interface Body { content: Record<string, { schema: Schema }> }
interface Document {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, { requestBody?: Body; responses?: Record<string, Body> }>>;
}

/** What a record says of itself when it is read; not written back. */
export const readOnlyMembers: ReadonlySet<string> = new Set(['id', 'version', 'createdAt', 'updatedAt', 'provenance', 'freshness', 'local']);

/** The contract that the gateway publishes: which collections there are, and of what kind their attributes are. */
export class Contract {
  private constructor(private readonly document: Document) {}

  static async of(client: ApiClient): Promise<Contract> {
    return new Contract((await client.get<Document>('/openapi/v1.json')).body);
  }

  /** Attribute → JSON type, of what may be written. @throws CliError when there is no such collection */
  writable(collection: string): ReadonlyMap<string, string> {
    const schema = this.document.paths[`/v1/${collection}`]?.post?.requestBody?.content['application/json']?.schema;
    if (!schema) throw usage(`There is no collection "${collection}" that can be written; there are ${this.collections('post').join(', ')}.`);
    return this.kinds(schema);
  }

  /** Member → JSON type, of what a list gives, in the order of the contract. @throws CliError when there is no such collection */
  readable(collection: string): ReadonlyMap<string, string> {
    const page = this.document.paths[`/v1/${collection}`]?.get?.responses?.['200']?.content['application/json']?.schema;
    const items = page && this.resolved(page).properties?.data?.items;
    if (!items) throw usage(`There is no collection "${collection}"; there are ${this.collections('get').join(', ')}.`);
    return this.kinds(items);
  }

  private collections(method: string): string[] {
    return Object.keys(this.document.paths).filter((path) => this.document.paths[`${path}:bulk`] && this.document.paths[path]?.[method]).map((path) => path.slice('/v1/'.length));
  }

  private kinds(schema: Schema): ReadonlyMap<string, string> {
    return new Map(Object.entries(this.properties(schema)).map(([name, property]) => [name, this.kindOf(property)]));
  }

  private properties(schema: Schema): Record<string, Schema> {
    const { properties = {}, allOf = [] } = this.resolved(schema);
    return allOf.reduce((all, part) => ({ ...all, ...this.properties(part) }), properties);
  }

  private resolved(schema: Schema): Schema {
    return schema.$ref ? (this.document.components.schemas[schema.$ref.split('/').at(-1)!] ?? {}) : schema;
  }

  private kindOf(schema: Schema): string {
    const { type, oneOf = [], allOf = [] } = this.resolved(schema);
    const [first] = [type ?? []].flat().filter((each) => each !== 'null');
    return first ?? [...oneOf, ...allOf].map((each) => this.kindOf(each)).find((kind) => kind !== 'null') ?? 'null';
  }
}
