import { GraphQLSchemaHost } from '@nestjs/graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyRecord, WireRecord } from '@datum/governed';
import { openApiDocument } from '../../../apps/gateway/src/openapi-document.js';
import type { Answer, TestClient } from '../../support/gateway.js';
import { grounds, type Grounds } from './callers.js';
import { seedRecords } from './sample-records.js';

let here: Grounds;
let admin: TestClient;
let samples: Map<string, WireRecord>;
let writable: AnyRecord[];
let paths: Record<string, object>;

beforeAll(async () => {
  here = await grounds();
  admin = await here.gateway.client('CE', here.scopes);
  samples = await seedRecords(here.gateway, here.definitions, 'A');
  paths = openApiDocument(here.gateway.app).paths;
  writable = here.definitions.filter(({ collection, type }) => `/v1/${collection}:batch` in paths && samples.has(type));
});
afterAll(async () => { await here?.gateway.close(); });

/** Fields that no writer may send, with a value that would be fine if one might. */
const reserved: Record<string, unknown> = {
  id: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', version: 7, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z',
  provenance: { identity: { system: 'CE' } }, freshness: {}, local: [], owner_system: 'CE', isAdmin: true, attribute_group: 'x',
};
const refusedFields = ({ attributes }: AnyRecord): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(reserved).filter(([name]) => !(name in attributes))),
  ...Object.fromEntries(Object.entries(attributes).filter(([, { computed }]) => computed).map(([name, { example }]) => [name, example])),
});
const pointers = (problem: Record<string, any> | undefined): string[] => (problem?.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);
const codes = new Set(['field.unknown', 'field.read-only']);

describe('[SEC17] unknown and read-only fields', () => {
  it('there are record types to try', () => expect(writable.length).toBeGreaterThan(3));

  it('are refused by name on create and change, over REST', async () => {
    const wrong: string[] = [];
    for (const definition of writable) {
      const { collection, type } = definition;
      const fields = refusedFields(definition);
      const url = `/v1/${collection}/${samples.get(type)!.id}`;
      const tries: [string, Answer][] = [['create', await admin.post(`/v1/${collection}`, fields)], ['change', await admin.patch(url, fields, '*')]];
      for (const [name, answer] of tries) {
        if (definition.appendOnly && name === 'change') continue;
        const missing = Object.keys(fields).filter((field) => !pointers(answer.body).includes(`#/${field}`));
        if (answer.status !== 422 || missing.length > 0) wrong.push(`${type} ${name}: ${answer.status}, not named: ${missing.join()} ${answer.text.slice(0, 200)}`);
      }
      const [again] = (await admin.get(`/v1/${collection}?filter[id][eq]=${samples.get(type)!.id}`)).body.data;
      expect(again, `${type} unchanged`).toMatchObject({ version: 1 });
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('are refused row by row in batches, and beside the attributes too', async () => {
    const wrong: string[] = [];
    for (const definition of writable.filter(({ appendOnly }) => !appendOnly)) {
      const fields = Object.entries(refusedFields(definition));
      const { id } = samples.get(definition.type)!;
      const rows = [
        ...fields.map(([name, value]) => ({ op: 'update', id, attributes: { [name]: value } })),
        ...['version', 'provenance', 'actor', 'source'].map((name) => ({ op: 'update', id, attributes: {}, [name]: 'x' })),
      ];
      const { body } = await admin.post(`/v1/${definition.collection}:batch`, { data: rows });
      body.data.forEach(({ problem }: any, i: number) => {
        const [error] = problem?.errors ?? [];
        if (problem?.status !== 422 || !codes.has(error?.code)) wrong.push(`${definition.type} ${JSON.stringify(rows[i])}: ${JSON.stringify(body.data[i]).slice(0, 200)}`);
      });
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('are not in the input types of GraphQL, so that no operation with them runs', async () => {
    const { schema } = here.gateway.app.get(GraphQLSchemaHost);
    for (const definition of writable) {
      const { typeName } = definition;
      if (!schema.getMutationType()!.getFields()[`update${typeName}`]) continue;
      for (const [name, value] of Object.entries(refusedFields(definition))) {
        const input = { idempotencyKey: crypto.randomUUID(), id: samples.get(definition.type)!.id, ifMatch: 1, attributes: { [name]: value } };
        const answer = await admin.graphql(`mutation($input: Update${typeName}Input!) { update${typeName}(input: $input) { record { id } } }`, { input });
        expect([answer.status, answer.data], `${typeName}.${name}`).toEqual([400, undefined]);
      }
    }
  }, 120_000);

  it('are refused in rows of a stream', async () => {
    const rows = [{ op: 'create', attributes: { code: 'STREAMED', type: 'finished', baseUnit: 'C62', state: 'active', version: 9 } }, { op: 'create', attributes: { code: 'S2' }, actor: 'CE' }];
    const answer = await admin.send('POST', '/v1/items:bulk', rows.map((each) => JSON.stringify(each)).join('\n'), {
      'content-type': 'application/x-ndjson', 'idempotency-key': crypto.randomUUID(),
    });
    expect(answer.status, answer.text).toBe(202);
    expect((await admin.get('/v1/items?filter[code][in]=STREAMED,S2')).body.data).toEqual([]);
  });

  it('prototype keys never reach an object', async () => {
    const { id } = samples.get('item')!;
    for (const body of ['{"__proto__": {"polluted": true}}', '{"description": {"__proto__": {"polluted": true}}}', '{"constructor": {"prototype": {"polluted": true}}}']) {
      expect((await admin.patch(`/v1/items/${id}`, body, '*')).status, body).toBe(400);
    }
    const literal = 'mutation { updateItem(input: { idempotencyKey: "0123456789abcdef", id: "X", ifMatch: 1, attributes: { attributes: { __proto__: { polluted: "yes" } } } }) { record { id } } }';
    expect((await admin.graphql(literal)).data ?? null).toBeNull();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('[SEC17] fields that another system owns', () => {
  let stranger: TestClient;
  beforeAll(async () => { stranger = await here.gateway.client('PLN', here.scopes.filter((scope) => !scope.endsWith('.decide'))); });

  it('are refused by REST, batch and GraphQL alike, and stay as they were', async () => {
    const wrong: string[] = [];
    for (const definition of writable.filter(({ appendOnly, type }) => !appendOnly && type !== 'ownership-rule')) {
      for (const [name, value] of changeable(definition)) wrong.push(...(await refusedEverywhere(definition, name, value)));
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  /** One attribute of each group that can be changed to its example. */
  function changeable(definition: AnyRecord): [string, unknown][] {
    const groups = new Set<string>();
    return Object.entries(definition.attributes).filter(([name, attribute]) => {
      const isFree = !attribute.fixed && !attribute.computed && attribute.kind !== 'reference' && definition.lifecycle?.attribute !== name;
      const differs = JSON.stringify(samples.get(definition.type)![name]) !== JSON.stringify(attribute.example);
      if (!isFree || !differs || groups.has(attribute.group)) return false;
      return groups.add(attribute.group);
    }).map(([name, { example }]) => [name, example]);
  }

  async function refusedEverywhere(definition: AnyRecord, name: string, value: unknown): Promise<string[]> {
    const { type, typeName, collection } = definition;
    const url = `/v1/${collection}/${samples.get(type)!.id}`;
    const before = (await admin.get(url)).body;
    const patched = await stranger.patch(url, { [name]: value }, '*');
    const batched = (await stranger.post(`/v1/${collection}:batch`, { data: [{ op: 'update', id: before.id, attributes: { [name]: value } }] })).body.data[0];
    const mutation = `mutation($input: Update${typeName}Input!) { update${typeName}(input: $input) { record { id } } }`;
    const graphql = await stranger.graphql(mutation, { input: { idempotencyKey: crypto.randomUUID(), id: before.id, ifMatch: before.version, attributes: { [name]: value } } });
    const found = { rest: patched.body.code, batch: batched.problem?.code, graphql: graphql.errors?.[0].extensions.code, after: JSON.stringify((await admin.get(url)).body) };
    const expected = { rest: 'ownership.violation', batch: 'ownership.violation', graphql: 'ownership.violation', after: JSON.stringify(before) };
    return JSON.stringify(found) === JSON.stringify(expected) ? [] : [`${type}.${name}: ${JSON.stringify(found)} ${patched.text.slice(0, 200)}`];
  }
});

describe('[SEC17] what is read', () => {
  it('is the declared fields and no others: no column, no internal state', async () => {
    const wrong: string[] = [];
    for (const definition of here.definitions.filter(({ collection, type }) => `/v1/${collection}/{id}` in paths && samples.has(type))) {
      const { body } = await admin.get(`/v1/${definition.collection}/${samples.get(definition.type)!.id}`);
      const declared = new Set(['id', 'version', 'createdAt', 'updatedAt', ...Object.keys(definition.attributes)]);
      const extra = Object.keys(body).filter((name) => !declared.has(name));
      if (extra.length > 0) wrong.push(`${definition.type}: ${extra.join()}`);
    }
    expect(wrong).toEqual([]);
  });

  it('by fields= is what was asked, and a name that is none is refused', async () => {
    const { id } = samples.get('item')!;
    expect(Object.keys((await admin.get(`/v1/items/${id}?fields=code`)).body).sort()).toEqual(['code', 'id', 'version']);
    for (const name of ['provenance', 'standard_cost', '__proto__', 'constructor', 'toString']) {
      const answer = await admin.get(`/v1/items/${id}?fields=${name}`);
      expect([answer.status, answer.body.code], name).toEqual([400, 'query.invalid']);
    }
  });

  it('[SEC32] shows nothing of the inside', () => {
    expect(here.hygiene.answers).toBeGreaterThan(100);
    expect(here.hygiene.leaks).toEqual([]);
    expect(here.hygiene.serverErrors).toEqual([]);
  });
});
