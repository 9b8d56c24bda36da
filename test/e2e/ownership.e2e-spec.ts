import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnershipService } from '@datum/ownership';
import { gatewayContext } from '@datum/platform';
import { ownershipRuleRecord } from '@datum/governance';
import { RecordCatalogue, RecordWriter, defineRecord, text } from '@datum/governed';
import { testGateway, type Answer, type TestClient, type TestGateway } from '../support/gateway.js';
import { unlimited } from './security/callers.js';

const scopes = ['item.read', 'item.write', 'inventory.read', 'inventory.write'];
let gateway: TestGateway;
let clients: Record<'CE' | 'LEG1' | 'LEG2' | 'CLD-EU' | 'WMS-A' | 'PLN', TestClient>;
let board: TestClient;
let reader: TestClient;
let itemId: string;

beforeAll(async () => {
  gateway = await testGateway({ env: unlimited });
  const sites: Record<string, string[]> = { LEG1: ['A'], LEG2: ['B'], 'CLD-EU': ['D'] };
  const codes = ['CE', 'LEG1', 'LEG2', 'CLD-EU', 'WMS-A', 'PLN'] as const;
  const made = await Promise.all(codes.map((code) => gateway.client(code, scopes, sites[code])));
  clients = Object.fromEntries(codes.map((code, i) => [code, made[i]])) as typeof clients;
  board = await gateway.client('GW', ['ownership.read', 'ownership.write', 'governance.decide', 'metrics.read']);
  reader = await gateway.client('PLN', ['item.read', 'ownership.read']);
  const created = await clients.CE.post('/v1/items', { code: 'ACT-500', type: 'finished', baseUnit: 'C62', state: 'active', description: { en: 'Actuator 500 mm' }, legacyCode: 'OLD-500' });
  expect(created.status, created.text).toBe(201);
  itemId = created.body.id;
});
afterAll(async () => { await gateway?.close(); });

const etagOf = async (url: string): Promise<string> => (await clients.CE.get(url)).headers.etag!;
const change = async (client: TestClient, url: string, patch: object, headers = {}): Promise<Answer> => client.patch(url, patch, await etagOf(url), headers);

async function ruleOf(domain: string, attributeGroup: string): Promise<Record<string, any>> {
  const { body } = await board.get(`/v1/ownership/rules?filter[domain][eq]=${domain}&filter[attributeGroup][eq]=${attributeGroup}`);
  return body.data[0];
}

/** Changes a rule and waits until the process decides by it, without a restart. */
async function changeRule(domain: string, group: string, patch: object): Promise<void> {
  const rule = await ruleOf(domain, group);
  const answer = await board.patch(`/v1/ownership/rules/${rule.id}`, patch, `"v${rule.version}"`);
  expect(answer.status, answer.text).toBe(200);
  const ownership = gateway.app.get(OwnershipService);
  await expect.poll(() => ownership.explain({ domain, group, site: null }).rule?.version, { timeout: 10_000 }).toBe(answer.body.version);
}

async function counted(verdict: string, group: string, site: string): Promise<number> {
  const metrics = await gateway.app.inject({ method: 'GET', url: '/metrics', headers: { authorization: `Bearer ${board.token}` } });
  const line = metrics.body.split('\n').find((each) => each.startsWith('datum_ownership_verdicts_total{')
    && [`verdict="${verdict}"`, `group="${group}"`, `site="${site}"`].every((label) => each.includes(label)));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const mutation = (type: string) => `mutation($input: Update${type}Input!) { update${type}(input: $input) { record { id version } observedGroups } }`;
const graphqlChange = (client: TestClient, type: string, target: Record<string, any>, attributes: object) =>
  client.graphql(mutation(type), { input: { idempotencyKey: crypto.randomUUID(), id: target.id, ifMatch: target.version, attributes } });

describe('[S4] [N1] who decides a value is asked at write time', () => {
  it('over REST: the ERP of B may not describe the item, CE may', async () => {
    const refused = await change(clients.LEG2, `/v1/items/${itemId}`, { description: { en: 'Actuador' } });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      type: '/problems/ownership-violation', code: 'ownership.violation', owner: 'CE', attributeGroups: ['identity'],
      rule: 'CE decides the identity of item records at every site, since 2026-01-01.',
      links: { writeRequests: { href: '/v1/write-requests', method: 'POST' } }, errors: [{ pointer: '#/description', code: 'ownership.violation' }],
    });
    expect((await reader.get(`/v1/items/${itemId}`)).body.description).toEqual({ en: 'Actuator 500 mm' });
    expect((await change(clients.CE, `/v1/items/${itemId}`, { description: { en: 'Actuator 500 mm, 24 V' } })).status).toBe(200);
  });

  it('over GraphQL: the same answer, the same value', async () => {
    const { body } = await reader.get(`/v1/items/${itemId}`);
    const refused = await graphqlChange(clients.LEG2, 'Item', body, { description: { en: 'Actuador' } });
    expect(refused.errors?.[0].extensions).toMatchObject({ code: 'ownership.violation', status: 403, owner: 'CE', attributeGroups: ['identity'] });
    expect((await reader.get(`/v1/items/${itemId}`)).body).toEqual(body);
    const accepted = await graphqlChange(clients.CE, 'Item', body, { legacyCode: 'OLD-501' });
    expect(accepted.errors).toBeUndefined();
    expect((await reader.get(`/v1/items/${itemId}`)).body.legacyCode).toBe('OLD-501');
  });

  it('by site: D decides its lead time, A does not decide D\'s', async () => {
    const url = `/v1/items/${itemId}/sites/D`;
    const added = await clients['CLD-EU'].send('PUT', url, { leadTimeDays: 10 }, { 'if-none-match': '*' });
    expect(added.status, added.text).toBe(201);
    expect((await change(clients['CLD-EU'], url, { leadTimeDays: 12 })).status).toBe(200);
    const unlimitedA = await gateway.client('LEG1', scopes);
    const wrongOwner = await change(unlimitedA, url, { leadTimeDays: 1 });
    expect([wrongOwner.status, wrongOwner.body.code, wrongOwner.body.owner]).toEqual([403, 'ownership.violation', 'CLD-EU']);
    const wrongSite = await change(clients.LEG1, url, { leadTimeDays: 1 });
    expect([wrongSite.status, wrongSite.body.code]).toEqual([403, 'site.forbidden']);
    expect((await reader.get(url)).body.leadTimeDays).toBe(12);
    const target = (await reader.get(url)).body;
    const overGraphql = await graphqlChange(unlimitedA, 'ItemSite', target, { leadTimeDays: 1 });
    expect(overGraphql.errors?.[0].extensions).toMatchObject({ code: 'ownership.violation', owner: 'CLD-EU' });
    expect((await graphqlChange(clients['CLD-EU'], 'ItemSite', target, { leadTimeDays: 13 })).errors).toBeUndefined();
  });

  it('a patch over two groups is refused as a whole when one of them is another\'s', async () => {
    const before = await reader.get(`/v1/items/${itemId}`);
    const refused = await change(clients.CE, `/v1/items/${itemId}`, { legacyCode: 'OLD-9', inspectionPlan: 'QP-1' });
    expect(refused.body).toMatchObject({ code: 'ownership.violation', attributeGroups: ['quality'] });
    expect((await reader.get(`/v1/items/${itemId}`)).body).toEqual(before.body);
  });

  it('the same two systems writing one value 100 times in turns never flip it', async () => {
    const url = `/v1/items/${itemId}`;
    const before = (await reader.get(url)).body;
    const seen = new Set<string>();
    for (let i = 0; i < 50; i += 1) {
      const ours = await clients.CE.patch(url, { productLine: 'Actuators' }, '*');
      const theirs = await clients.LEG2.patch(url, { productLine: 'Actuadores' }, '*');
      expect([ours.status, theirs.status]).toEqual([200, 403]);
      seen.add((await reader.get(url)).body.productLine);
    }
    expect([...seen]).toEqual(['Actuators']);
    expect((await reader.get(url)).body.version, 'one version for one real change').toBe(before.version + 1);
  });

  it('a former owner cannot set today\'s value by dating its change back', async () => {
    await gateway.app.get(RecordWriter).applyBatch(gatewayContext(), ownershipRuleRecord, [{ op: 'create', attributes: {
      domain: 'item', attributeGroup: 'identity', owner: 'LEG2', conflictPolicy: 'owner-wins', mode: 'enforce', steward: 'a@x', deputySteward: 'b@x',
      effectiveFrom: '2025-01-01T00:00:00Z', effectiveTo: '2026-01-01T00:00:00Z' } }]);
    await gateway.app.get(OwnershipService).refresh();
    const { body: before } = await reader.get(`/v1/items/${itemId}`);
    const row = { op: 'update', id: itemId, attributes: { classification: { unspsc: '1' } }, validFrom: '2025-06-01T00:00:00Z' };
    const answer = await clients.LEG2.post('/v1/items:batch', { data: [row] });
    expect(answer.body.data[0].problem, answer.text).toMatchObject({ code: 'ownership.violation', owner: 'CE' });
    expect((await reader.get(`/v1/items/${itemId}`)).body).toEqual(before);
  });
});

describe('[S13] [N14] a rule is enforced by degrees, per site', () => {
  const tries = [3, 5, 8, 13, 21];
  const writeAll = async (url: string, offset: number): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (const days of tries) answers.push(await change(clients.PLN, url, { leadTimeDays: days + offset }));
    return answers;
  };
  let atB: string;
  let atD: string;
  beforeAll(async () => {
    [atB, atD] = ['B', 'D'].map((site) => `/v1/items/${itemId}/sites/${site}`) as [string, string];
    expect((await clients.LEG2.send('PUT', atB, { leadTimeDays: 1 }, { 'if-none-match': '*' })).status).toBe(201);
  });

  it('observe lets others write at that site only, says so, counts it, and marks the value as nobody\'s', async () => {
    await changeRule('item', 'site-planning', { siteModes: { B: 'observe' } });
    const before = await counted('observe', 'site-planning', 'B');
    const answers = await writeAll(atB, 100);
    expect(answers.map(({ status }) => status)).toEqual(tries.map(() => 200));
    expect(answers[0]!.headers['datum-ownership']).toContain('site-planning');
    expect(await counted('observe', 'site-planning', 'B') - before).toBe(tries.length);
    const { body } = await reader.get(`${atB}?include=provenance`);
    expect(body.provenance['site-planning']).toMatchObject({ system: 'PLN', unowned: 'observe' });
    expect((await change(clients.PLN, atD, { leadTimeDays: 77 })).status, 'D is not observed').toBe(403);
    const batch = await clients.PLN.post('/v1/item-sites:batch', { data: [{ op: 'update', id: body.id, attributes: { lotSize: '7' } }] });
    expect(batch.body.data[0]).toMatchObject({ status: 'updated', observed: ['site-planning'] });
    const graphql = await graphqlChange(clients.PLN, 'ItemSite', (await reader.get(atB)).body, { lotSize: '8' });
    expect(graphql.data!.updateItemSite.observedGroups).toEqual(['site-planning']);
  });

  it('warn does the same and is told apart', async () => {
    await changeRule('item', 'site-planning', { siteModes: { B: 'warn' } });
    expect((await change(clients.PLN, atB, { leadTimeDays: 55 })).headers['datum-ownership']).toContain('site-planning');
    expect((await reader.get(`${atB}?include=provenance`)).body.provenance['site-planning']).toMatchObject({ unowned: 'warn' });
  });

  it('enforce refuses exactly what observe had counted, and the owner\'s word takes the mark away', async () => {
    await changeRule('item', 'site-planning', { siteModes: { B: 'observe' } });
    const predicted = await counted('observe', 'site-planning', 'B');
    await writeAll(atB, 200);
    const wouldRefuse = await counted('observe', 'site-planning', 'B') - predicted;
    await changeRule('item', 'site-planning', { siteModes: { B: 'enforce' } });
    const refusedBefore = await counted('refuse', 'site-planning', 'B');
    const answers = await writeAll(atB, 300);
    expect(answers.map(({ status }) => status)).toEqual(tries.map(() => 403));
    expect(await counted('refuse', 'site-planning', 'B') - refusedBefore).toBe(wouldRefuse);
    expect((await change(clients.LEG2, atB, { leadTimeDays: 2 })).status).toBe(200);
    expect((await reader.get(`${atB}?include=provenance`)).body.provenance['site-planning'].unowned).toBeUndefined();
  });

  it('switching a mode is itself a change with an actor', async () => {
    const { id } = await ruleOf('item', 'site-planning');
    const { body } = await board.get(`/v1/ownership/rules/${id}/history`);
    expect(body.data.at(-1)).toMatchObject({ actor: 'GW', channel: 'rest', changes: { siteModes: { B: 'enforce' } } });
  });
});

describe('rules', () => {
  it('[S15] a past decision is explained with the rule that was valid then', async () => {
    const { clock } = gateway.runtime;
    const explain = async (at: string) => (await reader.get(`/v1/ownership/explain?domain=item&attribute=leadTimeDays&site=B&at=${at}`)).body;
    const start = Date.parse(clock.now());
    await changeRule('item', 'site-planning', { siteModes: { B: 'observe' }, steward: 'new-steward@kestrel.example' });
    const between = new Date(Date.parse(clock.now()) + 60_000).toISOString();
    clock.set(new Date(Date.parse(clock.now()) + 120_000).toISOString());
    await changeRule('item', 'site-planning', { siteModes: { B: 'enforce' }, owner: 'PLN' });
    const version = (await ruleOf('item', 'site-planning')).version;
    expect(await explain(between)).toMatchObject({ mode: 'observe', owners: ['LEG2'], rule: { version: version - 1 } });
    expect(await explain(clock.now())).toMatchObject({ mode: 'enforce', owners: ['PLN'], rule: { version } });
    expect(await explain('2026-02-01T00:00:00Z')).toMatchObject({ mode: 'enforce', owners: ['LEG2'], rule: { version: 1 } });
    expect(await explain('2020-01-01T00:00:00Z')).toMatchObject({ owners: [], rule: null, sentence: expect.stringContaining('Nobody') });
    expect(Date.parse(between)).toBeGreaterThan(start);
    await changeRule('item', 'site-planning', { owner: 'site:erp' });
  });

  it('a handover at a date: one rule ends, the next begins, in one batch and without a restart', async () => {
    const rule = await ruleOf('item', 'sales');
    const next = { domain: 'item', attributeGroup: 'sales', owner: 'PLN', conflictPolicy: 'owner-wins', mode: 'enforce', steward: 's@x', deputySteward: 'd@x' };
    const handover = '2026-03-04T14:00:00Z';
    const answer = await board.post('/v1/ownership/rules:batch', { data: [
      { op: 'update', id: rule.id, attributes: { effectiveTo: handover } }, { op: 'create', attributes: { ...next, effectiveFrom: handover } },
    ] });
    expect(answer.body.data.map(({ status }: { status: string }) => status), answer.text).toEqual(['updated', 'created']);
    await expect.poll(async () => (await clients.PLN.patch(`/v1/items/${itemId}`, { productLine: 'Drives' }, '*')).status, { timeout: 10_000 }).toBe(200);
    expect((await clients.CE.patch(`/v1/items/${itemId}`, { productLine: 'Actuators' }, '*')).body.owner).toBe('PLN');
    const explain = async (at: string) => (await reader.get(`/v1/ownership/explain?domain=item&attribute=productLine&at=${at}`)).body.owners;
    expect([await explain('2026-03-01T00:00:00Z'), await explain('2026-03-04T14:00:01Z')]).toEqual([['CE'], ['PLN']]);
  });

  it('[S3] a rule without a steward or a deputy is refused', async () => {
    const rule = { domain: 'item', attributeGroup: 'sales', site: 'D', owner: 'CLD-EU', conflictPolicy: 'owner-wins', mode: 'enforce', effectiveFrom: '2027-01-01T00:00:00Z' };
    const refused = await board.post('/v1/ownership/rules', rule);
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['#/steward', '#/deputySteward']);
    const { id, version } = await ruleOf('item', 'finance');
    expect((await board.patch(`/v1/ownership/rules/${id}`, { steward: null }, `"v${version}"`)).status).toBe(422);
    expect((await board.patch(`/v1/ownership/rules/${id}`, { effectiveTo: '2025-01-01T00:00:00Z' }, `"v${version}"`)).status).toBe(422);
  });

  it('[SEC18] only who holds the governance role changes rules, whatever the scopes', async () => {
    const writer = await gateway.client('CE', ['ownership.read', 'ownership.write']);
    const { id, version } = await ruleOf('item', 'finance');
    expect((await writer.patch(`/v1/ownership/rules/${id}`, { owner: 'CE' , mode: 'observe' }, `"v${version}"`)).body.code).toBe('ownership.violation');
  });

  it('[R11] concurrent rules, alone or in one batch, never give two owners', async () => {
    const rule = (owner: string, day: number) => ({ domain: 'item', attributeGroup: 'identity', site: 'A', owner, conflictPolicy: 'owner-wins', mode: 'enforce',
      steward: 's@x', deputySteward: 'd@x', effectiveFrom: `2027-01-${String(day).padStart(2, '0')}T00:00:00Z` });
    const batch = await board.post('/v1/ownership/rules:batch', { data: [rule('CE', 20), rule('LEG1', 21)].map((attributes) => ({ op: 'create', attributes })) });
    expect(batch.body.data.map(({ status, problem }: any) => problem?.code ?? status)).toEqual(['created', 'ownership-rule.overlap']);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => board.post('/v1/ownership/rules', { ...rule(`OWNER-${i}`, i + 1), site: 'D' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'ownership-rule.overlap')).toHaveLength(19);
    const [clash] = await gateway.db.database.query(
      `SELECT 1 FROM ownership_rule a JOIN ownership_rule b ON a.id < b.id AND a.domain = b.domain AND a.attribute_group = b.attribute_group
       AND a.site IS NOT DISTINCT FROM b.site AND tstzrange(a.effective_from, a.effective_to) && tstzrange(b.effective_from, b.effective_to)`);
    expect(clash).toBeUndefined();
  });

  it('[S1] an owner at one site is none at the others', async () => {
    const made = await board.post('/v1/ownership/rules', { domain: 'item', attributeGroup: 'site-planning', site: 'A', owner: 'LEG1', conflictPolicy: 'owner-wins', mode: 'enforce',
      steward: 's@x', deputySteward: 'd@x', effectiveFrom: '2025-06-01T00:00:00Z', effectiveTo: '2025-07-01T00:00:00Z' });
    expect(made.status, made.text).toBe(201);
    const ownership = gateway.app.get(OwnershipService);
    await ownership.refresh();
    const group = { domain: 'item', group: 'site-planning', atSites: true };
    expect(ownership.uncovered([group], '2025-06-15T00:00:00Z').map(({ site }) => site)).toEqual(['B', 'D']);
    expect(ownership.uncovered([group, { ...group, atSites: false }])).toEqual([]);
  });

  it('[S1] the process is not ready while changed rules cannot be read, and reads them by itself when they can', async () => {
    const health = async () => (await gateway.runtime.health.report()).checks.ownership;
    await gateway.db.database.query('ALTER TABLE ownership_rule RENAME TO ownership_rule_away');
    await expect(gateway.app.get(OwnershipService).refresh()).rejects.toThrow();
    await expect.poll(health, { timeout: 5_000 }).toBe('failed');
    await gateway.db.database.query('ALTER TABLE ownership_rule_away RENAME TO ownership_rule');
    await expect.poll(health, { timeout: 20_000 }).toBe('ok');
  });

  it('[S1] the process is not ready while an attribute group has no owner', async () => {
    expect((await gateway.runtime.health.report()).checks.ownership).toBe('ok');
    gateway.app.get(RecordCatalogue).add(defineRecord({
      type: 'orphan', typeName: 'Orphan', domain: 'orphan', collection: 'orphans', table: 'orphan', summary: 'Nobody decides it.', key: ['code'],
      groups: { nobody: 'Nobody decides it.' }, attributes: { code: text({ group: 'nobody', description: 'Code.', example: 'X', required: true }) },
    }));
    await expect.poll(async () => (await gateway.app.inject({ method: 'GET', url: '/health/ready' })).statusCode, { timeout: 5_000 }).toBe(503);
  });
});
