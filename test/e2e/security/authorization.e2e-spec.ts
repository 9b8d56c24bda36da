import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertEveryRouteDeclaresItsPermission, type RoutePermission } from '@datum/platform';
import type { AnyRecord, WireRecord } from '@datum/governed';
import { openApiDocument } from '../../../apps/gateway/src/openapi-document.js';
import type { TestClient } from '../../support/gateway.js';
import { anonymous, callersOf, callRoute, documented, expectedOutcome, grounds, outcomeOf, type Caller, type Grounds, type Outcome } from './callers.js';
import { operationFor } from './graphql-samples.js';
import { seedRecords } from './sample-records.js';

let here: Grounds;
let callers: Caller[];
let schema: GraphQLSchema;
let samples: Map<string, WireRecord>;
let operations: Set<string>;
beforeAll(async () => {
  here = await grounds();
  callers = await callersOf(here);
  schema = here.gateway.app.get(GraphQLSchemaHost).schema;
  samples = await seedRecords(here.gateway, here.definitions, 'A');
  const { paths } = openApiDocument(here.gateway.app);
  operations = new Set(Object.entries(paths).flatMap(([url, item]) =>
    Object.keys(item).filter((method) => /^(?:get|post|put|patch|delete)$/.test(method)).map((method) => `${method.toUpperCase()} ${url}`)));
});
afterAll(async () => { await here?.gateway.close(); });

interface Cell { route: string; caller: string; expected: Outcome; found: Outcome; status: number }
const wrong = (cells: Cell[]): Cell[] => cells.filter(({ expected, found, status }) => expected !== found || (status >= 500 && status !== 503));

describe('[SEC16] the authorization matrix', () => {
  it('every operation of the published contract declares a permission, and the other way round', () => {
    const declared = new Set(here.routes.filter(({ kind }) => kind === 'rest').map(({ route }) => documented(route)));
    expect([...operations].filter((operation) => !declared.has(operation))).toEqual([]);
    expect([...declared].filter((operation) => !operations.has(operation))).toEqual([]);
  });

  it('every root field of the schema declares a permission', () => {
    const declared = new Set(here.routes.filter(({ kind }) => kind === 'graphql').map(({ route }) => route));
    const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
      .flatMap((type) => Object.keys(type?.getFields() ?? {}).map((name) => `${type!.name}.${name}`));
    expect(fields.filter((field) => !declared.has(field))).toEqual([]);
  });

  it('[SEC18] REST: each cell is what the route declares', async () => {
    const cells: Cell[] = [];
    for (const route of here.routes.filter(({ kind }) => kind === 'rest')) {
      cells.push(...(await Promise.all(callersAt(route).map((caller) => restCell(route, caller)))));
    }
    expect(cells.length).toBeGreaterThan(operations.size * 6);
    expect(wrong(cells)).toEqual([]);
  }, 180_000);

  it('GraphQL: each cell is what the root field declares', async () => {
    const cells: Cell[] = [];
    const fields = here.routes.filter(({ kind, route }) => kind === 'graphql' && !route.startsWith('Subscription.'));
    for (const route of fields) cells.push(...(await Promise.all(callersAt(route).map((caller) => graphqlCell(route, caller)))));
    expect(cells.length).toBeGreaterThan(fields.length * 6);
    expect(wrong(cells)).toEqual([]);
  }, 180_000);

  it('a refusal says nothing about whether the record exists', async () => {
    const item = samples.get('item')!;
    const outsider = callers.find(({ name }) => name === 'a token without any scope')!.client!;
    const [there, nowhere] = await Promise.all([outsider.get(`/v1/items/${item.id}`), outsider.get('/v1/items/01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f')]);
    const comparable = ({ body }: { body: Record<string, unknown> }) => ({ ...body, instance: '', requestId: '' });
    expect(comparable(there)).toEqual(comparable(nowhere));
  });

  it('a route that declares nothing stops the start', async () => {
    @Controller('forgotten')
    class ForgottenController {
      @Get() list(): string[] { return []; }
    }
    @Module({ controllers: [ForgottenController] })
    class ForgottenModule {}
    const app = await NestFactory.create(ForgottenModule, new FastifyAdapter(), { logger: false, abortOnError: false });
    try {
      expect(() => assertEveryRouteDeclaresItsPermission(app)).toThrow(/GET \/forgotten \(ForgottenController\.list\)/);
    } finally {
      await app.close();
    }
  });
});

/** Who has every scope but a domain's is asked at that domain's doors; everywhere else it is the admin. */
const callersAt = ({ permission }: RoutePermission): Caller[] => callers.filter(({ without }) =>
  without === undefined || (typeof permission === 'object' && permission.scope.startsWith(`${without}.`)));

async function restCell(route: RoutePermission, caller: Caller): Promise<Cell> {
  const answer = await callRoute(here, route.route, caller);
  return { route: route.route, caller: caller.name, expected: expectedOutcome(route, caller.scopes), found: outcomeOf(answer), status: answer.status };
}

async function graphqlCell(route: RoutePermission, caller: Caller): Promise<Cell> {
  const operation = operationFor(schema, route.route);
  const answer = caller.client
    ? await caller.client.send('POST', '/graphql', operation)
    : await anonymous(here.gateway, 'POST', '/graphql', operation);
  return { route: route.route, caller: caller.name, expected: expectedOutcome(route, caller.scopes), found: outcomeOf(answer), status: answer.status };
}

describe('[SEC16] records of another site', () => {
  let elsewhere: TestClient;
  let local: TestClient;
  let sited: AnyRecord[];
  beforeAll(async () => {
    elsewhere = await here.gateway.client('CLD-EU', here.scopes, ['D']);
    local = await here.gateway.client('LEG1', here.scopes, ['A']);
    sited = here.definitions.filter(({ site, type }) => site !== undefined && samples.has(type));
    expect(sited.length).toBeGreaterThan(1);
  });

  const served = (method: string, url: string): boolean => operations.has(`${method} ${url}`);

  it('do not exist for a reader of another site: by id, in history, in lists, in the feed', async () => {
    const seen: string[] = [];
    for (const { collection, type } of sited.filter((each) => served('GET', `/v1/${each.collection}/{id}`))) {
      const { id } = samples.get(type)!;
      expect((await local.get(`/v1/${collection}/${id}`)).status, `${type} read at home`).toBe(200);
      for (const url of [`${collection}/${id}`, `${collection}/${id}?include=provenance`, `${collection}/${id}?asOf=2026-03-04T15:00:00Z`, `${collection}/${id}/history`]) {
        const answer = await elsewhere.get(`/v1/${url}`);
        if (answer.status !== 404) seen.push(`${url}: ${answer.status}`);
      }
      for (const url of [`${collection}?limit=500`, `${collection}/changes?limit=500`, `${collection}?filter[id][eq]=${id}`]) {
        const answer = await elsewhere.get(`/v1/${url}`);
        if (answer.status !== 200 || answer.text.includes(id)) seen.push(`${url}: ${answer.status}`);
      }
    }
    expect(seen).toEqual([]);
  });

  it('do not exist for a reader of another site over GraphQL: by id, by node, in connections', async () => {
    const seen: string[] = [];
    for (const { type, typeName, pluralName } of sited) {
      const { id } = samples.get(type)!;
      const one = typeName.charAt(0).toLowerCase() + typeName.slice(1);
      if (!schema.getQueryType()!.getFields()[one]) continue;
      const query = `query($id: ID!) { one: ${one}(id: $id) { id } node(id: $id) { id } ${pluralName}(first: 100) { nodes { id } } }`;
      const answer = await elsewhere.graphql(query, { id });
      expect(answer.errors, type).toBeUndefined();
      if (JSON.stringify(answer.data).includes(id)) seen.push(type);
      expect((await local.graphql(query, { id })).data, `${type} read at home`).toMatchObject({ one: { id }, node: { id } });
    }
    expect(seen).toEqual([]);
  });

  const tries: [name: string, ifMatch: string, body: object][] = [
    ['a change', '"v1"', { unknownField: 1 }], ['a stale change', '"v99"', {}], ['a change of nothing', '*', {}],
  ];
  it.each(tries)('are not changed from another site, and %s does not show them: 403', async (_name, ifMatch, body) => {
    const wrongly: string[] = [];
    for (const { collection, type, site } of sited.filter((each) => served('PATCH', `/v1/${each.collection}/{id}`))) {
      const record = samples.get(type)!;
      const answer = await elsewhere.patch(`/v1/${collection}/${record.id}`, 'unknownField' in body ? { [site!]: 'D' } : body, ifMatch);
      if (answer.status !== 403 || answer.body.code !== 'site.forbidden') wrongly.push(`${type}: ${answer.status} ${answer.text.slice(0, 200)}`);
    }
    expect(wrongly).toEqual([]);
  });

  it('are not created or overwritten from another site, by POST or by batch', async () => {
    const wrongly: string[] = [];
    for (const definition of sited.filter((each) => served('POST', `/v1/${each.collection}:batch`))) {
      const record = samples.get(definition.type)!;
      const attributes = Object.fromEntries(Object.entries(record).filter(([name, value]) =>
        definition.attributes[name] && !definition.attributes[name].computed && value !== null));
      const created = await elsewhere.post(`/v1/${definition.collection}`, attributes);
      if (created.status !== 403) wrongly.push(`${definition.type} create: ${created.status} ${created.text.slice(0, 200)}`);
      for (const row of [{ op: 'upsert', attributes }, { op: 'update', id: record.id, attributes: {} }, { op: 'update', id: record.id, ifMatch: 77, attributes: {} }]) {
        const answer = await elsewhere.post(`/v1/${definition.collection}:batch`, { data: [row] });
        const [result] = answer.body.data;
        if (result.problem?.code !== 'site.forbidden') wrongly.push(`${definition.type} ${row.op}: ${JSON.stringify(result).slice(0, 200)}`);
      }
    }
    expect(wrongly).toEqual([]);
  });

  it('are not changed from another site over GraphQL', async () => {
    const wrongly: string[] = [];
    for (const { type, typeName } of sited) {
      if (!schema.getMutationType()!.getFields()[`update${typeName}`]) continue;
      const answer = await elsewhere.graphql(`mutation($input: Update${typeName}Input!) { update${typeName}(input: $input) { record { id } } }`, {
        input: { idempotencyKey: crypto.randomUUID(), id: samples.get(type)!.id, ifMatch: 99, attributes: {} },
      });
      if (answer.errors?.[0].extensions.code !== 'site.forbidden') wrongly.push(`${type}: ${JSON.stringify(answer).slice(0, 200)}`);
    }
    expect(wrongly).toEqual([]);
  });

  it('the site part of an item: reading is 404, writing is 403', async () => {
    const item = samples.get('item')!;
    expect((await elsewhere.get(`/v1/items/${item.id}/sites/A`)).status).toBe(404);
    expect((await elsewhere.patch(`/v1/items/${item.id}/sites/A`, { leadTimeDays: 1 }, '"v1"')).status).toBe(403);
    expect((await elsewhere.send('PUT', `/v1/items/${item.id}/sites/A`, { leadTimeDays: 1 }, { 'if-none-match': '*' })).status).toBe(403);
    expect((await elsewhere.get(`/v1/items/${item.id}/sites`)).body.data).toEqual([]);
  });
});

describe('[SEC32] the answers of this suite', () => {
  it('show nothing of the inside', () => {
    expect(here.hygiene.answers).toBeGreaterThan(500);
    expect(here.hygiene.leaks).toEqual([]);
    expect(here.hygiene.serverErrors.filter(({ status }) => status !== 503)).toEqual([]);
  });
});
