import type { InjectOptions } from 'fastify';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admission } from './admission.js';
import { goodToken, graphqlTestApp, innerText, type GraphqlTestApp } from './graphql-app.fixture.js';
import { defaultGraphqlLimits } from './limits.js';

let test: GraphqlTestApp;
beforeAll(async () => { test = await graphqlTestApp(); });
afterAll(async () => { await test?.app.close(); });

interface Answer { status: number; type: string; headers: Record<string, unknown>; body: any; ms: number }

async function inject(options: InjectOptions): Promise<Answer> {
  const started = performance.now();
  const reply = await test.app.inject(options as never) as unknown as { statusCode: number; headers: Record<string, string>; body: string };
  const ms = performance.now() - started;
  return { status: reply.statusCode, type: reply.headers['content-type'] ?? '', headers: reply.headers, body: JSON.parse(reply.body), ms };
}

const post = (payload: unknown, headers: Record<string, string> = {}) => inject({
  method: 'POST', url: '/graphql', headers: { authorization: goodToken, 'content-type': 'application/json', ...headers },
  payload: JSON.stringify(payload),
});
const ask = (query: string, variables?: object, headers?: Record<string, string>) => post({ query, variables }, headers);

/** A refusal: 4xx, one way to say it, no data, quickly (ten times the 100 ms of SEC25). */
function expectRefused(answer: Answer, code: string, status = 400): void {
  expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code, status });
  expect(answer.status).toBe(status);
  expect(answer.body).not.toHaveProperty('data');
  expect(answer.body.errors[0].extensions.requestId).toMatch(/.{8,}/);
  expect(answer.ms).toBeLessThan(1_000);
}

const nested = (levels: number, open: string, leaf: string): string => `${open}{`.repeat(levels) + leaf + '}'.repeat(levels);

describe('[SEC25] what a document may contain', () => {
  it('[SEC25] refuses more than 10 levels, also through fragments', async () => {
    const ten = `{item(code:"I1"){${nested(8, 'parts(limit:1)', 'code')}}}`;
    expect((await ask(ten)).status).toBe(200);
    expectRefused(await ask(`{item(code:"I1"){${nested(9, 'parts(limit:1)', 'code')}}}`), 'graphql.depth');
    const links = Array.from({ length: 9 }, (_, i) => `fragment f${i} on Item {parts(limit:1){${i < 8 ? `...f${i + 1}` : 'code'}}}`);
    expectRefused(await ask(`{item(code:"I1"){...f0}} ${links.join(' ')}`), 'graphql.depth');
  });

  it('[SEC25] refuses more than 30 aliases, also through fragments', async () => {
    const aliases = (count: number) => Array.from({ length: count }, (_, i) => `a${i}:code`).join(' ');
    expect((await ask(`{item(code:"I1"){${aliases(30)}}}`)).status).toBe(200);
    expectRefused(await ask(`{item(code:"I1"){${aliases(31)}}}`), 'graphql.aliases');
    const spread = `{item(code:"I1"){...f parts(limit:1){...f}}} fragment f on Item {${aliases(16)}}`;
    expectRefused(await ask(spread), 'graphql.aliases');
  });

  it('[SEC25] refuses more than 2,000 tokens, 20,000 aliases and 200,000 brackets', async () => {
    expectRefused(await ask(`{item(code:"I1"){${'code '.repeat(2_000)}}}`), 'graphql.tokens');
    expectRefused(await ask(`{${Array.from({ length: 20_000 }, (_, i) => `a${i}:__typename`).join(' ')}}`), 'graphql.characters');
    expectRefused(await ask('{'.repeat(200_000)), 'graphql.characters');
    expectRefused(await ask('{a'.repeat(40_000)), 'graphql.tokens');
    expectRefused(await ask(`{echo(title:${'['.repeat(90_000)}`), 'graphql.tokens');
    expectRefused(await ask(`{${Array.from({ length: 7_000 }, (_, i) => `a${i}:echo`).join(' ')}}`), 'graphql.tokens');
  });

  it('[SEC25] refuses directive overload', async () => {
    expectRefused(await ask(`{__typename ${'@include(if:true)'.repeat(200)}}`), 'graphql.directives');
    expectRefused(await ask(`{__typename ${'@a'.repeat(900)}}`), 'graphql.directives');
    expectRefused(await ask(`{__typename ${'@a'.repeat(20_000)}}`), 'graphql.tokens');
  });

  it('[SEC25] refuses fragment cycles', async () => {
    expectRefused(await ask('{...a} fragment a on Query {...b} fragment b on Query {...a}'), 'graphql.fragment-cycle');
    expectRefused(await ask('{item(code:"I1"){...a}} fragment a on Item {parts{...a}}'), 'graphql.fragment-cycle');
  });

  it('[SEC25] refuses fragments that multiply, before validation walks them', async () => {
    const bomb = (on: string, leaf: string) => Array.from({ length: 150 }, (_, i) =>
      `fragment f${i} on ${on} {${i < 149 ? `...f${i + 1} ...f${i + 1}` : leaf}}`).join(' ');
    expectRefused(await ask(`{item(code:"I1"){...f0}} ${bomb('Item', 'code')}`), 'graphql.selections');
    expectRefused(await ask(`{__schema{types{...f0}}} ${bomb('__Type', 'name')}`), 'graphql.selections');
  });

  it('[SEC25] refuses repetitions that validation would compare pair by pair', async () => {
    expect((await ask(`{item(code:"I1"){${'code parts{code} '.repeat(50)}}}`)).status).toBe(200);
    expectRefused(await ask(`{item(code:"I1"){${'parts{code} '.repeat(450)}}}`), 'graphql.repeats');
    expectRefused(await ask(`{item(code:"I1"){${`parts{${'code '.repeat(20)}} `.repeat(20)}}}`), 'graphql.repeats');
    const fragments = Array.from({ length: 120 }, (_, i) => `fragment g${i} on Item{code kind parts{code}}`).join(' ');
    const spreads = Array.from({ length: 120 }, (_, i) => `...g${i}`).join(' ');
    expectRefused(await ask(`{item(code:"I1"){${spreads}}} ${fragments}`), 'graphql.repeats');
  });

  it('[SEC25] refuses more than 20 root fields', async () => {
    const mutation = `mutation {${Array.from({ length: 21 }, () => 'createItem(input:{code:"I1",weight:"1"}){code}').join(' ')}}`;
    expectRefused(await ask(mutation), 'graphql.root-fields');
    expect(test.probe.mutations).toBe(0);
  });

  it('[SEC25] refuses arrays of operations', async () => {
    expectRefused(await post([{ query: '{__typename}' }]), 'graphql.batch');
    expectRefused(await post(Array.from({ length: 5_000 }, () => ({ query: '{__typename}' }))), 'graphql.batch');
  });

  it('[SEC25] refuses control characters in literals and variables, and variables nested too deep', async () => {
    expectRefused(await ask('{item(code:"I1\\u0000"){code}}'), 'text.control-character');
    const deep = JSON.parse(`${'['.repeat(20)}1${']'.repeat(20)}`) as unknown;
    expectRefused(await ask('query($t:LocalizedText){echo(title:$t)}', { t: deep }), 'graphql.variables');
    const admission = new Admission(buildSchema('type Query {a: Int}'), defaultGraphqlLimits);
    const deeper = JSON.parse(`${'['.repeat(4_000)}1${']'.repeat(4_000)}`) as unknown;
    expect(() => admission.admit({ query: '{a}', variables: { deeper } })).toThrow('nested deeper');
    expect(() => admission.admit({ query: '{a}', variables: { x: ['\0'] } })).toThrow('control character');
  });
});

describe('[SEC25] cost', () => {
  const list = (first: number) => `{items(first:${first}){edges{node{code parts(limit:50){code tags}}}}}`;

  it('[SEC25] refuses an operation that can answer more than its budget, and says what it costs', async () => {
    const answer = await ask(list(100));
    expectRefused(answer, 'graphql.cost');
    // 1 items, 1 edges, 100 × (1 node, 1 code, 1 parts, 50 × (1 code, 1 tags, 20 texts))
    expect(answer.body.errors[0].extensions).toMatchObject({ requested: 2 + 100 * (3 + 50 * 22), limit: 10_000 });
  });

  it('[SEC25] counts sizes from variables, defaults and lists of keys', async () => {
    const cost = async (query: string, variables?: object) =>
      (await ask(query, variables, { 'graphql-cost': 'only' })).body.extensions.cost.requested as number;
    expect(await cost('query($n:Int){items(first:$n){nodes{code}}}', { n: 7 })).toBe(2 + 7);
    expect(await cost('query($n:Int=9){items(first:$n){nodes{code}}}')).toBe(2 + 9);
    expect(await cost('{items{nodes{code}}}')).toBe(2 + 20);
    expect(await cost('{byCodes(codes:["I1","I2","I3"]){code}}')).toBe(1 + 3);
    expect(await cost('{items(first:5){...p pageInfo{hasNextPage}}} fragment p on ItemConnection {nodes{code}}')).toBe(2 + 5 + 2);
  });

  it('[SEC25] refuses pages of more than 100', async () => {
    expectRefused(await ask('{items(first:101){nodes{code}}}'), 'graphql.page-size');
    expectRefused(await ask('query($n:Int){items(first:$n){nodes{code}}}', { n: -1 }), 'graphql.page-size');
    expectRefused(await ask('{list(limit:501){code}}'), 'graphql.page-size');
  });

  it('tells the cost before running anything, also beyond the budget, and beside the answer', async () => {
    const mutation = 'mutation{createItem(input:{code:"I1",weight:"1"}){code}}';
    const before = test.probe.mutations;
    expect((await ask(mutation, undefined, { 'graphql-cost': 'only' })).body).toEqual({ extensions: { cost: { requested: 2, limit: 10_000 } } });
    expect(test.probe.mutations).toBe(before);
    expect((await ask(list(100), undefined, { 'graphql-cost': 'only' })).status).toBe(200);
    const beside = await ask('{item(code:"I1"){code}}', undefined, { 'graphql-cost': 'include' });
    expect(beside.body).toEqual({ data: { item: { code: 'I1' } }, extensions: { cost: { requested: 2, limit: 10_000 } } });
  });

  it('[SEC25] lets the tools introspect, and refuses to multiply that', async () => {
    const answer = await ask(getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true }));
    expect(answer.body.errors).toBeUndefined();
    expect(answer.body.data.__schema.types.length).toBeGreaterThan(10);
    const many = Array.from({ length: 20 }, (_, i) => `s${i}:__schema{types{...t}}`).join(' ');
    const fragment = 'fragment t on __Type {fields{name type{fields{name type{name ofType{name}}} inputFields{name type{name}}} args{name description type{name}}}}';
    expectRefused(await ask(`{${many}} ${fragment}`), 'graphql.introspection-cost');
    const deep = await ask('{__schema{types{fields{type{fields{type{fields{name}}}}}}}}');
    expectRefused(deep, 'graphql.invalid');
  });

  it('N+1: a list of 100 with its owner loads owners in one batch', async () => {
    const before = test.probe.batches;
    const answer = await ask('{items(first:100){nodes{owner{name}}}}');
    expect(answer.body.data.items.nodes).toHaveLength(100);
    expect(test.probe.batches - before).toBe(1);
  });
});

describe('[SEC25] who and how', () => {
  const anonymous = { authorization: '' };

  it('[SEC25] refuses introspection, and everything else, without a token', async () => {
    for (const query of [getIntrospectionQuery(), '{__typename}', '{nonsense', 'mutation{createItem(input:{code:"I1",weight:"1"}){code}}']) {
      const answer = await ask(query, undefined, anonymous);
      expectRefused(answer, 'auth.unauthenticated', 401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });

  it('[SEC25] GET runs queries only', async () => {
    const get = (query: string, headers = {}) =>
      inject({ method: 'GET', url: `/graphql?query=${encodeURIComponent(query)}`, headers: { authorization: goodToken, ...headers } });
    expect((await get('{item(code:"I1"){code}}')).body).toEqual({ data: { item: { code: 'I1' } } });
    const before = test.probe.mutations;
    const refused = await get('mutation{createItem(input:{code:"I1",weight:"1"}){code}}');
    expectRefused(refused, 'request.method-not-allowed', 405);
    expect(refused.headers.allow).toBe('POST');
    expect(test.probe.mutations).toBe(before);
  });

  it('[SEC25] refuses what a foreign page could send: text/plain, forms, GET without a header', async () => {
    const before = test.probe.mutations;
    const payload = JSON.stringify({ query: 'mutation{createItem(input:{code:"I1",weight:"1"}){code}}' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await inject({ method: 'POST', url: '/graphql', headers: { authorization: goodToken, 'content-type': type }, payload });
      expectRefused(answer, 'request.unsupported-media-type', 415);
    }
    expectRefused(await inject({ method: 'GET', url: '/graphql?query=%7B__typename%7D' }), 'graphql.csrf');
    expect(test.probe.mutations).toBe(before);
  });

  it('[SEC25] suggests no names of the schema', async () => {
    const attempts: [string, object?][] = [
      ['{itms{nodes{code}}}'], ['{item(cod:"I1"){code}}'], ['{item(code:"I1"){cod}}'], ['{item(code:"I1"){owner}}'],
      ['fragment f on Itm {code} {item(code:"I1"){...f}}'], ['mutation{createItem(input:{code:"I1",weight:"1",kind:Bolts}){code}}'],
      ['mutation($i:ItemInput!){createItem(input:$i){code}}', { i: { code: 'I1', weight: '1', knd: 'Bolt' } }],
      ['mutation($i:ItemInput!){createItem(input:$i){code}}', { i: { code: 'I1', weight: '1', kind: 'Bolts' } }],
      ['{__typename @inclde(if:true)}'],
    ];
    for (const [query, variables] of attempts) {
      const answer = await ask(query, variables);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toMatch(/did you mean/i);
    }
  });

  it('[SEC25] answers malformed requests with 4xx in GraphQL', async () => {
    const raw = (payload: string, headers = {}) => inject({
      method: 'POST', url: '/graphql', headers: { authorization: goodToken, 'content-type': 'application/json', ...headers }, payload,
    });
    expectRefused(await raw('{"query":'), 'body.malformed');
    for (const body of [{}, { query: 1 }, { query: '{a}', variables: '{}' }, { query: '{a}', variables: [] }, { query: '{a}', operationName: 1 },
      { query: '{a}', extensions: { persistedQuery: { version: 1 } } }]) expectRefused(await post(body), 'graphql.request');
    expectRefused(await ask('{nonsense'), 'graphql.parse-failed');
    expectRefused(await ask('{nonsense}'), 'graphql.invalid');
    expectRefused(await ask('query a{__typename} query b{__typename}'), 'graphql.operation');
    expectRefused(await ask('subscription{itemCreated{code}}'), 'graphql.subscription');
    expectRefused(await ask('query($n:Int!){list(limit:$n){code}}'), 'graphql.variables');
    expectRefused(await ask('{echo(weight:"1e5")}'), 'graphql.invalid');
    expectRefused(await post({ query: '{__typename}' }, { accept: 'image/png' }), 'request.not-acceptable', 406);
    expect((await inject({ method: 'PUT', url: '/graphql', headers: { authorization: goodToken } })).status).toBeGreaterThanOrEqual(400);
  });

  it('speaks application/graphql-response+json when asked, JSON otherwise', async () => {
    const type = 'application/graphql-response+json';
    expect((await ask('{__typename}', undefined, { accept: type })).type).toContain(type);
    expect((await ask('{nonsense}', undefined, { accept: type })).type).toContain(type);
    expect((await ask('{__typename}')).type).toContain('application/json');
    expect((await ask('{__typename}', undefined, { accept: `application/json;q=0.5, ${type}` })).type).toContain(type);
  });
});

describe('errors', () => {
  it('carries what problem+json carries', async () => {
    const { status, body } = await ask('{item(code:"I1"){refused}}', undefined, { 'x-request-id': 'trace-1' });
    expect(status).toBe(200);
    expect(body.data).toEqual({ item: { refused: null } });
    expect(body.errors[0]).toMatchObject({
      message: 'CE decides the weight.', path: ['item', 'refused'],
      extensions: { code: 'ownership.violation', status: 403, requestId: 'trace-1', owner: 'CE', rule: 'CE owns weights.', errors: [{ pointer: '#/weight' }] },
    });
  });

  it('[SEC25] says nothing about what is inside', async () => {
    const { body } = await ask('{item(code:"I1"){broken}}');
    expect(body.errors[0].extensions).toMatchObject({ code: 'internal', status: 500 });
    expect(JSON.stringify(body)).not.toContain('secret_table');
    expect(body.errors[0]).not.toHaveProperty('stack');
    expect(JSON.stringify(test.probe.logged)).toContain(innerText);
  });

  it('answers whole requests that have no data by a resolver with 200 and data null', async () => {
    const { status, body } = await ask('{item(code:"missing"){code}}');
    expect([status, body.data, body.errors[0].extensions.code]).toEqual([200, { item: null }, 'item.not-found']);
  });

  it('validates argument classes, and runs guards, filters and the caller decorator', async () => {
    const { body } = await ask('{guarded filtered caller}');
    expect(body.data).toEqual({ guarded: null, filtered: null, caller: 'tester' });
    expect(body.errors.map((error: any) => error.extensions.code)).toEqual(['test.forbidden', 'test.filtered']);
  });
});

describe('node', () => {
  it('finds a record by its id, and nothing by what is none', async () => {
    const { body } = await ask('{items(first:8){nodes{id}}}');
    const id = body.data.items.nodes[7].id as string;
    expect((await ask('query($id:ID!){node(id:$id){__typename id ... on Item{code}}}', { id })).body.data.node).toEqual({ __typename: 'Item', id, code: 'I7' });
    const unknown = '00000000-0000-7000-8000-000000000008';
    expect((await ask('query($id:ID!){node(id:$id){id}}', { id: unknown })).body).toEqual({ data: { node: null } });
    expect((await ask('{node(id:"nonsense"){id}}')).body).toEqual({ data: { node: null } });
  });
});
