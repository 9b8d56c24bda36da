import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext, metricsText, newContext } from '@datum/platform';
import { defaultPolicies, seedPolicies } from '@datum/governance';
import { RecordCatalogue, RecordWriter } from '@datum/governed';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let board: TestClient;
let corp: TestClient;
let plantA: TestClient;
let planning: TestClient;
let item: { id: string; version: number };
let site: { id: string };
let writer: RecordWriter;
let catalogue: RecordCatalogue;

beforeAll(async () => {
  gateway = await testGateway();
  [writer, catalogue] = [gateway.app.get(RecordWriter), gateway.app.get(RecordCatalogue)];
  board = await gateway.client('GW', ['policy.read', 'policy.write', 'governance.decide']);
  corp = await gateway.client('CE', ['item.read', 'item.write', 'policy.read', 'policy.write']);
  plantA = await gateway.client('LEG1', ['item.read', 'item.write'], ['A']);
  planning = await gateway.client('PLN', ['item.read']);
  await seedPolicies({ writer, catalogue }, gatewayContext(), { validFrom: '2026-01-01T00:00:00Z' });
  item = (await corp.post('/v1/items', { code: 'ACT-500', type: 'finished', baseUnit: 'C62', state: 'active', standardCost: { amount: '130.153', currency: 'USD' } })).body as typeof item;
  site = (await plantA.post('/v1/item-sites', { itemId: item.id, site: 'A', leadTimeDays: 12 })).body as typeof site;
});
afterAll(async () => { await gateway?.close(); });

const leadTime = (days: number) => ({ leadTimeDays: days });
const sentence = 'A lead time of 400 days is more than a year.';
const versionOf = async (url: string) => ((await planning.get(url)).body as { version: number }).version;

const noGold = {
  name: 'no-gold', recordTypes: ['item'], when: 'both', severity: 'refuse', mode: 'enforce', validFrom: '2026-01-01T00:00:00Z',
  predicate: 'after.material == "Au"', sentence: '{after.code} must not be made of gold.',
  testCases: [
    { name: 'gold', after: { code: 'X', material: 'Au' }, expect: 'hit' },
    { name: 'steel', after: { code: 'X', material: 'Fe' }, expect: 'pass' },
  ],
};

describe('policies', () => {
  it('[S54] one policy says the same over REST, GraphQL, batch, write-back and events, and nothing is changed', async () => {
    const rest = await plantA.patch(`/v1/item-sites/${site.id}`, leadTime(400), '"v1"');
    expect(rest.status, rest.text).toBe(422);
    expect(rest.body).toMatchObject({
      code: 'policy.refused', detail: sentence, policies: [{ name: 'lead-time-plausible', version: 1 }],
      errors: [{ pointer: '#/leadTimeDays', code: 'policy.lead-time-plausible' }],
    });
    const graphql = await plantA.graphql('mutation($input: UpdateItemSiteInput!) { updateItemSite(input: $input) { __typename } }', { input: { idempotencyKey: crypto.randomUUID(), id: site.id, ifMatch: 1, attributes: leadTime(400) } });
    expect(JSON.stringify(graphql)).toContain(sentence);
    const batch = await plantA.post('/v1/item-sites:batch', { data: [{ op: 'update', id: site.id, attributes: leadTime(400) }, { op: 'update', id: site.id, attributes: { buyer: 'B07' } }] });
    expect(batch.body.data[0]).toMatchObject({ status: 'refused', problem: { code: 'policy.refused', detail: sentence } });
    const wish = await planning.post('/v1/write-requests', { target: { recordType: 'item-site', id: site.id }, ifMatch: '*', patch: leadTime(400) });
    expect(wish.status, wish.text).toBe(422);
    expect(wish.body).toMatchObject({ code: 'policy.refused', detail: sentence });
    const actor = { participantId: crypto.randomUUID(), clientId: 'edge', systemCode: 'LEG1', scopes: new Set(['item.write']), sites: ['A'] };
    for (const channel of ['event', 'import'] as const) {
      const [result] = await writer.applyBatch(newContext(actor, channel), catalogue.get('item-site'), [{ op: 'update', id: site.id, attributes: leadTime(400) }]);
      expect(result).toMatchObject({ status: 'refused', error: { code: 'policy.refused', message: sentence } });
    }
    expect((await plantA.get(`/v1/item-sites/${site.id}`)).body).toMatchObject({ leadTimeDays: 12 });
  });

  it('[S54] what an owner reports from its own system has happened, and is not refused unless a policy says so', async () => {
    const owner = { participantId: crypto.randomUUID(), clientId: 'erp:LEG1', systemCode: 'LEG1', scopes: new Set(['*']), sites: null };
    const [result] = await writer.applyBatch(newContext(owner, 'erp'), catalogue.get('item-site'), [{ op: 'update', id: site.id, attributes: leadTime(380) }]);
    expect(result).toMatchObject({ status: 'updated' });
    const back = await plantA.patch(`/v1/item-sites/${site.id}`, leadTime(12), `"v${await versionOf(`/v1/item-sites/${site.id}`)}"`);
    expect(back.status, back.text).toBe(200);
  });

  it('[S54] what needs approval is refused to the owner with the way to it, and waits for another person as a write request', async () => {
    const cost = { standardCost: { amount: '230.153', currency: 'USD' } };
    const direct = await corp.patch(`/v1/items/${item.id}`, cost, '"v1"');
    expect(direct.status, direct.text).toBe(409);
    expect(direct.body).toMatchObject({
      code: 'policy.approval-required', policies: [{ name: 'standard-cost-plausible' }], links: { writeRequests: { href: '/v1/write-requests' } },
    });
    expect(direct.body.detail).toContain('from 130.153 USD to 230.153 USD');
    const wish = await planning.post('/v1/write-requests', { target: { recordType: 'item', id: item.id }, ifMatch: '"v1"', patch: cost });
    expect(wish.status, wish.text).toBe(202);
    expect(wish.body).toMatchObject({ state: 'awaiting-approval' });
    expect(wish.text).toContain('from 130.153 USD to 230.153 USD');
    const small = await corp.patch(`/v1/items/${item.id}`, { standardCost: { amount: '131', currency: 'USD' } }, '"v1"');
    expect(small.status, small.text).toBe(200);
  });

  it('[S54] an owner whose change needs approval asks for it, and another participant lets it go out', async () => {
    const cost = { standardCost: { amount: '300', currency: 'USD' } };
    const wish = { target: { recordType: 'item', id: item.id }, ifMatch: '"v2"' };
    const asked = await corp.post('/v1/write-requests', { ...wish, patch: cost });
    expect(asked.status, asked.text).toBe(202);
    expect(asked.body).toMatchObject({ state: 'awaiting-approval', targetSystem: 'CE' });
    const approver = await gateway.client('PLN', ['write-back.read', 'write-back.approve']);
    const approved = await approver.post(`/v1/write-requests/${asked.body.id}:approve`, {});
    expect(approved.status, approved.text).toBe(200);
    expect(approved.body).toMatchObject({ state: 'guarded' });
    const needless = await corp.post('/v1/write-requests', { ...wish, patch: { standardCost: { amount: '132', currency: 'USD' } } });
    expect(needless.body).toMatchObject({ code: 'write-request.not-needed' });
  });

  it('[S54] in a write request it is the one who asks that a policy looks at, not the owner in whose name it is written', async () => {
    const cases = [{ name: 'planning', after: { listPrice: { amount: '1', currency: 'USD' } }, actor: { system: 'PLN' }, expect: 'hit' }, { name: 'corporate', after: { listPrice: { amount: '1', currency: 'USD' } }, actor: { system: 'CE' }, expect: 'pass' }];
    const policy = { ...noGold, name: 'no-prices-by-planning', predicate: 'actor.system == "PLN" && "listPrice" in changed', sentence: 'Planning sets no prices.', testCases: cases };
    expect((await board.post('/v1/policies', policy)).status).toBe(201);
    const patch = { listPrice: { amount: '215', currency: 'USD' } };
    const wish = { target: { recordType: 'item', id: item.id }, ifMatch: '*', patch };
    expect((await planning.post('/v1/write-requests', wish)).body).toMatchObject({ code: 'policy.refused', detail: 'Planning sets no prices.' });
    const reader = await gateway.client('LEG2', ['item.read']);
    const other = await reader.post('/v1/write-requests', wish);
    expect(other.status, other.text).toBe(202);
  });

  it('[S20] a preview says what would be refused or need approval, and leaves no trace', async () => {
    const findings = async () => (await metricsText()).split('\n').filter((line) => line.startsWith('datum_policy_findings_total{'));
    const before = await findings();
    expect(before.join()).toContain('policy="standard-cost-plausible",effect="approval"');
    const actor = { participantId: crypto.randomUUID(), clientId: 'x', systemCode: 'CE', scopes: new Set(['item.write']), sites: null };
    const change = { op: 'update' as const, id: item.id, attributes: { standardCost: { amount: '900', currency: 'USD' } } };
    const candidate = await writer.preview(newContext(actor, 'rest'), catalogue.get('item'), change);
    expect(candidate.error).toBeUndefined();
    expect(candidate.approvals).toEqual([expect.stringContaining('to 900 USD')]);
    expect(candidate.findings).toEqual([{ policy: 'standard-cost-plausible', version: 1, effect: 'approval', sentence: expect.any(String) }]);
    expect(await versionOf(`/v1/items/${item.id}`)).toBe(2);
    expect(await findings()).toEqual(before);
  });

  it('[S54] a policy whose case fails is not stored, and the answer names the case', async () => {
    const wrong = { ...noGold, testCases: [{ name: 'tin', after: { code: 'X', material: 'Sn' }, expect: 'hit' }, ...noGold.testCases] };
    const refused = await board.post('/v1/policies', wrong);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'policy.invalid', errors: [{ pointer: '#/testCases/0', code: 'policy.case-failed' }] });
    expect(refused.body.detail).toContain('The case "tin" expects hit, but the policy lets it pass.');
    const blind = await board.post('/v1/policies', { ...noGold, testCases: noGold.testCases.slice(0, 1) });
    expect(blind.body).toMatchObject({ errors: [{ code: 'policy.case-missing' }] });
    const typo = await board.post('/v1/policies', { ...noGold, predicate: 'after.materiel == "Au"' });
    expect(typo.body).toMatchObject({ errors: [{ pointer: '#/predicate', detail: 'A item has no materiel.' }] });
    const self = await board.post('/v1/policies', { ...noGold, recordTypes: ['policy'] });
    expect(self.body).toMatchObject({ errors: [{ pointer: '#/recordTypes/0' }] });
    const late = await board.post('/v1/policies', { ...noGold, severity: 'approve', channels: ['rest', 'erp'] });
    expect(late.body).toMatchObject({ errors: [{ pointer: '#/channels/1' }] });
    expect((await board.get('/v1/policies?filter[name][eq]=no-gold')).body.data).toEqual([]);
  });

  it('[S54] a new version takes effect at once: stored, changed, observed, ended, without a restart', async () => {
    const code = (n: number) => ({ code: `AU-${n}`, type: 'raw', baseUnit: 'KGM', state: 'active', material: 'Au' });
    const engineering = await gateway.client('CE', ['item.read', 'item.write', 'engineering.decide']);
    const created = await board.post('/v1/policies', noGold);
    expect(created.status, created.text).toBe(201);
    expect((await engineering.post('/v1/items', code(1))).body).toMatchObject({ code: 'policy.refused', detail: 'AU-1 must not be made of gold.' });
    const url = created.headers.location!;
    const narrowed = await board.patch(url, {
      predicate: 'after.material == "Au" && after.type == "finished"',
      testCases: [{ name: 'gold ring', after: { code: 'X', type: 'finished', material: 'Au' }, expect: 'hit' }, { name: 'gold wire', after: { code: 'X', type: 'raw', material: 'Au' }, expect: 'pass' }],
    }, '"v1"');
    expect(narrowed.status, narrowed.text).toBe(200);
    expect((await engineering.post('/v1/items', code(1))).status).toBe(201);
    expect((await engineering.post('/v1/items', { ...code(2), type: 'finished' })).body).toMatchObject({ policies: [{ name: 'no-gold', version: 2 }] });
    expect((await board.patch(url, { mode: 'observe' }, '"v2"')).status).toBe(200);
    const observed = await engineering.post('/v1/items', { ...code(3), type: 'finished' });
    expect(observed.status, observed.text).toBe(201);
    const { body: history } = await engineering.get(`${observed.headers.location!}/history`);
    expect(history.data[0].decision.policies).toEqual([{ policy: 'no-gold', version: 3, effect: 'observed', sentence: 'AU-3 must not be made of gold.' }]);
    expect((await board.patch(url, { mode: 'enforce', validTo: '2026-03-01T00:00:00Z' }, '"v3"')).status).toBe(200);
    expect((await engineering.post('/v1/items', { ...code(4), type: 'finished' })).status).toBe(201);
  });

  it('[S54] what cannot be checked is not let through', async () => {
    const brittle = {
      ...noGold, name: 'brittle', predicate: 'after.legacyCode.startsWith("OLD") && after.drawing == "X"', sentence: 'No.',
      testCases: [{ name: 'old', after: { legacyCode: 'OLD-1', drawing: 'X' }, expect: 'hit' }, { name: 'new', after: { legacyCode: 'NEW-1', drawing: 'Y' }, expect: 'pass' }],
    };
    const created = await board.post('/v1/policies', brittle);
    expect(created.status, created.text).toBe(201);
    const without = { code: 'NO-LEGACY', type: 'raw', baseUnit: 'KGM', state: 'active', drawing: 'X' };
    const engineering = await gateway.client('CE', ['item.read', 'item.write', 'engineering.decide']);
    const refused = await engineering.post('/v1/items', without);
    expect(refused.status, refused.text).toBe(409);
    expect(refused.body).toMatchObject({ code: 'policy.undecided', policies: [{ name: 'brittle' }] });
    expect((await board.patch(created.headers.location!, { severity: 'warn' }, '"v1"')).status).toBe(200);
    expect((await engineering.post('/v1/items', without)).status).toBe(201);
  });

  it('[SEC18] policies are changed by the board only, over REST and GraphQL', async () => {
    expect((await corp.post('/v1/policies', { ...noGold, name: 'mine' })).body).toMatchObject({ code: 'ownership.violation' });
    expect((await plantA.post('/v1/policies', { ...noGold, name: 'mine' })).status).toBe(403);
    const input = { idempotencyKey: crypto.randomUUID(), attributes: { ...noGold, name: 'by-graphql' } };
    const mutation = 'mutation($input: CreatePolicyInput!) { createPolicy(input: $input) { __typename } }';
    const refused = await corp.graphql(mutation, { input });
    expect(JSON.stringify(refused)).toContain('ownership');
    const { data } = await board.graphql('{ policies(first: 20) { nodes { name severity testCases } } }');
    expect(data!.policies.nodes.map(({ name }: { name: string }) => name)).not.toContain('by-graphql');
    expect(data!.policies.nodes.find(({ name }: { name: string }) => name === 'lead-time-plausible').testCases).toHaveLength(5);
  });

  it('a predicate is tried without being stored, over REST and GraphQL', async () => {
    const trial = { predicate: 'changesMoreThan(before.standardCost.amount, after.standardCost.amount, "50")', sentence: 'From {before.standardCost}.', recordType: 'item', before: { standardCost: { amount: '1', currency: 'USD' } }, after: { standardCost: { amount: '2', currency: 'USD' } } };
    const hit = await board.post('/v1/policies:try', trial);
    expect(hit.status, hit.text).toBe(200);
    expect(hit.body).toEqual({ says: 'hit', sentence: 'From 1 USD.', cost: expect.any(Number), attributes: ['standardCost'], changed: ['standardCost'] });
    const { data, errors } = await board.graphql('query($t: JSON!) { tryPolicy(trial: $t) { says sentence } }', { t: { ...trial, after: {} } });
    expect(errors).toBeUndefined();
    expect(data!.tryPolicy).toEqual({ says: 'pass', sentence: null });
    const wrong = await board.post('/v1/policies:try', { ...trial, predicate: 'after.code.matches("(a{50}){50}")' });
    expect(wrong.body).toMatchObject({ code: 'policy.invalid', errors: [{ pointer: '#/predicate' }] });
    expect((await plantA.post('/v1/policies:try', trial)).status).toBe(403);
  });

  it('[S54] every default policy is proved by its cases: with the opposite predicate none is accepted', async () => {
    const stored = (await board.get('/v1/policies?limit=100')).body.data as { name: string }[];
    for (const policy of defaultPolicies) {
      expect(stored.map(({ name }) => name)).toContain(policy.name);
      const opposite = { ...policy, name: `not-${policy.name}`, predicate: `!(${policy.predicate})`, mode: 'enforce', validFrom: '2026-01-01T00:00:00Z' };
      const refused = await board.post('/v1/policies', opposite);
      expect(refused.body.errors).toHaveLength(policy.testCases.length);
    }
    expect(await seedPolicies({ writer, catalogue }, gatewayContext(), { validFrom: '2026-01-01T00:00:00Z' })).toBe(0);
  });
});
