import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admission, type OperationRequest } from './admission.js';
import { Executor, defaultJitOptions } from './executor.js';
import { newGraphqlContext } from './graphql-context.js';
import { Callers, goodToken, graphqlTestApp, type GraphqlTestApp } from './graphql-app.fixture.js';
import { defaultGraphqlLimits } from './limits.js';
import { WireErrors } from './wire-errors.js';

let test: GraphqlTestApp;
let admission: Admission;
let compiling: Executor;
let interpreting: Executor;

beforeAll(async () => {
  test = await graphqlTestApp({ subscriptions: false, explorer: false });
  admission = new Admission(test.schema(), defaultGraphqlLimits);
  compiling = new Executor(test.schema(), { ...defaultJitOptions, compileAtUse: 1 });
  interpreting = new Executor(test.schema(), false);
});
afterAll(async () => { await test?.app.close(); });

const errors = new WireErrors('/graphql', () => undefined);

/** The result in wire form, errors ordered by their path: the order in which siblings fail is nobody's promise. */
async function run(executor: Executor, request: OperationRequest) {
  const admitted = admission.admit(request);
  const requestContext = new Callers().contextOf(goodToken, 'request-1');
  const context = newGraphqlContext({ headers: {}, datumContext: requestContext }, requestContext, admitted);
  const result: ExecutionResult = await executor.execute(admitted, context);
  const wire = (result.errors ?? []).map((error) => errors.fieldError(error, 'request-1'));
  const sorted = wire.sort((a, b) => JSON.stringify(a.path).localeCompare(JSON.stringify(b.path)));
  return JSON.parse(JSON.stringify({ data: result.data, errors: sorted })) as { data: any; errors: any[] };
}

const item = '{__typename id code title weight serial since day attributes kind tags}';
const equal: Record<string, OperationRequest> = {
  'all scalars and enums': { query: `{items(first:4){edges{cursor node${item}} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}` },
  'nested lists': { query: '{list(limit:3){code parts(limit:2){code parts{code tags}}}}' },
  'null for what is missing': { query: '{item(code:"X"){code owner{name}}}' },
  'a loader, with a null among its values': { query: '{list(limit:10){code owner{name note}}}' },
  'named and inline fragments': {
    query: 'query q{list(limit:2){...a ... on Item{kind} ...{tags}}} fragment a on Item{code ...b} fragment b on Item{weight owner{name}}',
  },
  'fields that merge': { query: '{list(limit:2){owner{name} code owner{note}} list(limit:2){code tags}}' },
  aliases: { query: '{one:item(code:"I1"){a:code b:code} two:item(code:"I2"){a:weight}}' },
  'an interface': { query: 'query($id:ID!){node(id:$id){id __typename ...on Item{code}}}', variables: { id: idOf(7) } },
  'a union': { query: '{found{__typename ... on Item{code} ... on Owner{name note}}}' },
  variables: { query: 'query($n:Int!,$code:String!){list(limit:$n){code} item(code:$code){code}}', variables: { n: 2, code: 'I5' } },
  'default of a variable': { query: 'query($n:Int=2){list(limit:$n){code}}' },
  'custom scalars as literals': { query: '{echo(weight:"1.50",since:"2026-11-02T16:00:00+01:00",serial:"9007199254740993",title:{en:"a"})}' },
  'custom scalars as variables': {
    query: 'query($w:Decimal,$s:DateTime,$b:BigInt,$t:LocalizedText){echo(weight:$w,since:$s,serial:$b,title:$t)}',
    variables: { w: '1.50', s: '2026-11-02T16:00:00+01:00', b: '-9223372036854775808', t: { 'de-DE': 'Halter' } },
  },
  'variables inside a custom scalar': { query: 'query($x:String){echo(title:{en:$x})}', variables: { x: 'inside' } },
  '@skip and @include': {
    query: 'query($y:Boolean!,$n:Boolean!){list(limit:2){code @skip(if:$n) kind @include(if:$n) ...a @include(if:$y)}} fragment a on Item{weight tags @skip(if:$y)}',
    variables: { y: true, n: false },
  },
  'a field that fails': { query: '{list(limit:4){code broken}}' },
  'a refusal with its details': { query: '{item(code:"I1"){code refused}}' },
  'a required field that is null': { query: '{item(code:"I3"){code required}}' },
  'a required field that is null, in a list': { query: '{list(limit:1){code required}}' },
  'a guard, a filter and a parameter decorator': { query: '{guarded filtered caller}' },
  'an error of the root field': { query: '{item(code:"missing"){code}}' },
  introspection: { query: '{__schema{queryType{name} types{name kind fields{name type{name kind ofType{name}}} enumValues{name}}} __type(name:"Item"){interfaces{name}}}' },
  'one of several operations': { query: 'query a{item(code:"I1"){code}} query b{item(code:"I2"){code}}', operationName: 'b' },
  'a mutation with input and defaults': { query: 'mutation{createItem(input:{code:"I9",weight:"1.5",levels:[1,2]}){code weight}}' },
  'mutations in order': { query: 'mutation{a:createItem(input:{code:"I1",weight:"1"}){code} b:createItem(input:{code:"I2",weight:"1",kind:Bracket}){code}}' },
};

function idOf(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

describe('compiled and interpreted operations answer the same', () => {
  it.each(Object.entries(equal))('%s', async (_name, request) => {
    const compiled = await run(compiling, request);
    expect(compiled).toEqual(await run(interpreting, request));
    // The second run of a compiled operation must not depend on the first.
    expect(await run(compiling, request)).toEqual(compiled);
  });

  it('compiles at the second use and keeps that', () => {
    const executor = new Executor(test.schema(), defaultJitOptions);
    const admitted = admission.admit({ query: '{list(limit:2){code required}}' });
    expect(executor['compiled'](admitted)).toBeNull();
    const compiled = executor['compiled'](admitted);
    expect(compiled).not.toBeNull();
    expect(executor['compiled'](admitted)).toBe(compiled);
  });

  it('leaves large operations to the interpreter, and forgets what is not used', async () => {
    const executor = new Executor(test.schema(), { compileAtUse: 1, operationsMax: 2, selectionsMax: 3 });
    expect(executor['compiled'](admission.admit({ query: '{item(code:"I1"){code kind tags}}' }))).toBeNull();
    for (const code of ['I1', 'I2', 'I3', 'I4']) executor['compiled'](admission.admit({ query: `{item(code:"${code}"){code}}` }));
    expect(executor.size).toBe(2);
  });
});

describe('admission', () => {
  it('remembers documents by their hash, and gives out nothing that it did not validate', () => {
    const admitted = admission.admit({ query: '{item(code:"I77"){code}}' });
    expect(admission.remembered(admitted.hash)).toBe(admitted.document);
    expect(() => admission.admit({ query: '{nonsense}' })).toThrow('Cannot query field');
    expect(admission.remembered('0'.repeat(64))).toBeUndefined();
  });

  it('refuses wrong scalars with the words of the scalar', () => {
    const admit = (value: unknown) => () => admission.admit({ query: 'query($w:Decimal){echo(weight:$w)}', variables: { w: value } });
    expect(admit(1.5)).toThrow('Decimal is a string');
    for (const wrong of ['1e5', '+1', '01', 'NaN', '', '1.', '9'.repeat(39)]) expect(admit(wrong)).toThrow('Decimal is a string');
    expect(() => admission.admit({ query: '{echo(since:"2026-02-30T00:00:00Z")}' })).toThrow('DateTime');
    expect(() => admission.admit({ query: '{echo(serial:"9223372036854775808")}' })).toThrow('BigInt');
    expect(() => admission.admit({ query: '{echo(title:{en:1})}' })).toThrow('LocalizedText');
    expect(() => admission.admit({ query: '{echo(title:[1])}' })).toThrow('LocalizedText');
  });
});
