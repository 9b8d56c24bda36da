import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../apps/gateway/src/openapi-document.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';
import { Tooling1779999900000 } from './tooling/1779999900000-tooling.js';
import { toolingMatrix } from './tooling/matrix.js';
import { ToolingModule } from './tooling/tooling.module.js';

const root = path.resolve(import.meta.dirname, '../..');
const files = ['tool.record.ts', '1779999900000-tooling.ts', 'tool.controller.ts', 'tool.resolver.ts', 'tooling.module.ts', 'matrix.ts'];

let gateway: TestGateway;
let erpA: TestClient;
let mesA: TestClient;
let plantB: TestClient;
beforeAll(async () => {
  gateway = await testGateway({ extraModules: [ToolingModule], extraMigrations: [Tooling1779999900000], extraMatrix: toolingMatrix });
  const scopes = ['tooling.read', 'tooling.write', 'item.read'];
  erpA = await gateway.client('LEG1', [...scopes, 'cross-reference.write'], ['A']);
  mesA = await gateway.client('MES-A', scopes, ['A']);
  plantB = await gateway.client('LEG2', scopes, ['B']);
});
afterAll(async () => { await gateway?.close(); });

const mould = { code: 'MLD-0042', site: 'A', state: 'in-use', cost: { amount: '18400.75', currency: 'USD' } };
const found = async (client: TestClient): Promise<Record<string, any>> => (await client.get('/v1/tools?filter[code][eq]=MLD-0042')).body.data[0];

describe('a sixth domain, added as docs/guides/adding-a-domain.md says', () => {
  it('is what the guide shows, in at most sixty lines of declaration', () => {
    const guide = fs.readFileSync(path.join(root, 'docs/guides/adding-a-domain.md'), 'utf8');
    const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!.trim());
    let lines = 0;
    for (const file of files) {
      const text = fs.readFileSync(path.join(root, 'test/e2e/tooling', file), 'utf8').replace('../../../migrations/governed-table.js', './governed-table.js').trim();
      expect(blocks, `the guide must show ${file} as the test runs it`).toContain(text);
      if (file !== '1779999900000-tooling.ts') lines += text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import ')).length;
    }
    expect(lines).toBeLessThanOrEqual(60);
  });

  it('is read over REST and GraphQL as the same thing, by code and by local key', async () => {
    const item = await (await gateway.client('CE', ['item.read', 'item.write'])).post('/v1/items', { code: 'HSG-10', type: 'semi', baseUnit: 'C62', state: 'active' });
    const created = await erpA.post('/v1/tools', { ...mould, itemId: { code: 'HSG-10' }, localKeys: [{ system: 'LEG1', code: 'W-42' }] });
    expect(created.status, created.text).toBe(201);
    const read = await mesA.get(created.headers.location!);
    expect(read.body).toMatchObject({ ...mould, itemId: item.body.id, shots: null, version: 1 });
    expect((await mesA.get('/v1/tools?system=LEG1&code=W-42')).body.data.map((tool: { id: string }) => tool.id)).toEqual([read.body.id]);
    const answer = await mesA.graphql('query($id: ID!) { tool(id: $id) { code cost { amount } item { code } } toolsByLocalKey(system: "LEG1", code: "W-42") { id } }', { id: read.body.id });
    expect(answer).toMatchObject({ data: { tool: { code: 'MLD-0042', cost: { amount: '18400.75' }, item: { code: 'HSG-10' } }, toolsByLocalKey: [{ id: read.body.id }] } });
  });

  it('is owned group by group: the MES counts strokes, the ERP says what the tool is, and neither writes for the other', async () => {
    const tool = await found(erpA);
    const counted = await mesA.patch(`/v1/tools/${tool.id}`, { shots: 1200 }, '"v1"');
    expect(counted.status, counted.text).toBe(200);
    const refused = await mesA.patch(`/v1/tools/${tool.id}`, { state: 'scrapped' }, '"v2"');
    expect(refused.body).toMatchObject({ status: 403, code: 'ownership.violation', owner: 'LEG1' });
    expect(await found(erpA)).toMatchObject({ state: 'in-use', shots: 1200, version: 2 });
    const mutation = await mesA.graphql('mutation($i: UpdateToolInput!) { updateTool(input: $i) { record { shots } } }', {
      i: { idempotencyKey: 'tool-shots-000001', id: tool.id, ifMatch: 2, attributes: { shots: 1300 } },
    });
    expect(mutation).toMatchObject({ data: { updateTool: { record: { shots: 1300 } } } });
    const explained = await mesA.get('/v1/ownership/explain?domain=tooling&attribute=shots&site=A');
    expect(explained.body).toMatchObject({ owners: ['MES-A'], attributeGroup: 'wear' });
  });

  it('keeps its site, its life cycle and its versions', async () => {
    const tool = await found(erpA);
    expect((await plantB.get(`/v1/tools/${tool.id}`)).status).toBe(404);
    const { headers: { etag } } = await erpA.get(`/v1/tools/${tool.id}`);
    expect((await erpA.get(`/v1/tools/${tool.id}`, { 'if-none-match': etag! })).status).toBe(304);
    expect((await erpA.patch(`/v1/tools/${tool.id}`, { state: 'in-repair' }, '"v1"')).status).toBe(412);
    expect((await erpA.patch(`/v1/tools/${tool.id}`, { state: 'scrapped' }, '"v3"')).status).toBe(200);
    expect((await erpA.patch(`/v1/tools/${tool.id}`, { state: 'in-use' }, '"v4"')).body).toMatchObject({ status: 422, code: 'tool.illegal-transition' });
    const history = await erpA.get(`/v1/tools/${tool.id}/history`);
    expect(history.body.data.map(({ version, actor }: { version: number; actor: string }) => [version, actor])).toEqual([[1, 'LEG1'], [2, 'MES-A'], [3, 'MES-A'], [4, 'LEG1']]);
  });

  it('is written in batches and followed by its feed', async () => {
    const rows = ['MLD-0043', 'MLD-0044', 'MLD-0045'].map((code) => ({ attributes: { ...mould, code } }));
    const batch = await erpA.post('/v1/tools:batch', { data: [...rows, { attributes: { ...mould, code: 'MLD-0046', state: 'lost' } }] });
    expect(batch.body.data.map(({ status }: { status: string }) => status)).toEqual(['created', 'created', 'created', 'refused']);
    await expect.poll(async () => (await mesA.get('/v1/tools/changes?limit=500')).body.data.map(
      ({ resource, version }: { resource: { code: string }; version: number }) => `${resource.code} ${version}`), { timeout: 10_000 },
    ).toEqual(['MLD-0042 1', 'MLD-0042 2', 'MLD-0042 3', 'MLD-0042 4', 'MLD-0043 1', 'MLD-0044 1', 'MLD-0045 1']);
  });

  it('stands in the published document and leaves the gateway ready', async () => {
    const { paths } = openApiDocument(gateway.app);
    expect(Object.keys(paths).filter((url) => url.startsWith('/v1/tools'))).toEqual(
      ['/v1/tools', '/v1/tools/changes', '/v1/tools/{id}', '/v1/tools/{id}/history', '/v1/tools:batch', '/v1/tools:bulk']);
    expect((await erpA.get('/health/ready')).status).toBe(200);
  });
});
