import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { FrozenExplosions } from '@datum/boms';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';
import { buildKestrel, type Kestrel } from '../support/kestrel-boms.js';

let gateway: TestGateway;
let kestrel: Kestrel;
let reader: TestClient;
const id = (code: string): string => kestrel.items.get(code)!;

beforeAll(async () => {
  gateway = await testGateway();
  kestrel = await buildKestrel(gateway);
  reader = await gateway.client('PLN', ['item.read', 'bom.read', 'routing.read']);
});
afterAll(async () => { await gateway?.close(); });

interface Row { code: string; quantity: { value: string; unit: string } }
const quantities = (rows: Row[]): Record<string, string> => Object.fromEntries(rows.map(({ code, quantity }) => [code, `${quantity.value} ${quantity.unit}`]));

const full0304 = {
  'BLT-M6': '1400 C62', 'WSH-M6': '400 C62', 'SEA-02': '200 C62', 'GRS-01': '7.1 KGM', 'STL-BAR': '62 MTR', 'GER-STL': '300 C62', 'HSG-GB': '100 C62',
  'HSG-AL': '100 C62', 'MOT-24': '100 C62',
};
const { 'SEA-02': _seal, ...without } = full0304;
const full0220 = { ...without, 'BLT-M6': '1200 C62', 'SEA-01': '200 C62' };

describe('explosion', () => {
  it.each([['2026-03-04', full0304], ['2026-02-20', full0220]])('[S94] explodes 100 ACT-500 fully on %s, over REST and GraphQL alike', async (date, expected) => {
    const answer = await reader.get(`/v1/items/${id('ACT-500')}/bom-explosion?quantity=100&date=${date}`);
    expect(answer.status, answer.text).toBe(200);
    expect(quantities(answer.body.data)).toEqual(expected);
    expect(quantities(answer.body.assemblies)).toEqual({ 'GBX-10': '100 C62', 'SCR-500': '100 C62' });
    const graphql = await reader.graphql(
      `query($id: ID!, $date: Date) { item(id: $id) { bomExplosion(quantity: "100", date: $date) { date bom { revision } componentCount
        components(limit: 20) { code quantity { value unit } } } } }`, { id: id('ACT-500'), date });
    expect(graphql.errors).toBeUndefined();
    expect(quantities(graphql.data!.item.bomExplosion.components)).toEqual(expected);
    expect(graphql.data!.item.bomExplosion).toMatchObject({ date, componentCount: 9, bom: { revision: answer.body.bom.revision } });
  });

  it('[S94] gives one level with the phantom passed through', async () => {
    const answer = await reader.get(`/v1/items/${id('ACT-500')}/bom-explosion?quantity=100&date=2026-03-04&mode=single`);
    expect(quantities(answer.body.data)).toEqual({
      'BLT-M6': '600 C62', 'WSH-M6': '400 C62', 'SEA-02': '200 C62', 'GRS-01': '5.1 KGM', 'GBX-10': '100 C62', 'SCR-500': '100 C62', 'MOT-24': '100 C62', 'HSG-AL': '100 C62',
    });
    const graphql = await reader.graphql(`query($id: ID!) { item(id: $id) { bomExplosion(quantity: "100") { directNeeds { code phantom made quantity { value unit } } } } }`, { id: id('ACT-500') });
    const { directNeeds } = graphql.data!.item.bomExplosion;
    expect(quantities(directNeeds)).toEqual(quantities(answer.body.data));
    const made = (rows: { code: string; made: boolean }[]) => rows.filter((row) => row.made).map(({ code }) => code);
    expect([made(answer.body.data), made(directNeeds)]).toEqual([['GBX-10', 'SCR-500'], ['GBX-10', 'SCR-500']]);
  });

  it('[S94] shows every level in order, each component below its parent', async () => {
    const { body } = await reader.get(`/v1/items/${id('ACT-500')}/bom-explosion?quantity=2&date=2026-03-04&mode=multilevel`);
    expect(body.data.map(({ level, code, phantom, made }: Row & { level: number; phantom: boolean; made: boolean }) => `${level} ${code}${phantom ? ' phantom' : ''}${made ? ' made' : ''}`)).toEqual([
      '1 GBX-10 made', '2 HSG-GB', '2 GER-STL', '2 BLT-M6', '2 GRS-01', '1 MOT-24', '1 SCR-500 made', '2 STL-BAR', '1 HSG-AL', '1 KIT-MNT phantom made', '2 BLT-M6', '2 WSH-M6', '1 SEA-02', '1 GRS-01',
    ]);
    expect(body.data[3].quantity).toEqual({ value: '16', unit: 'C62' });
    expect(body.data.at(-1).quantity).toEqual({ value: '0.102', unit: 'KGM' });
  });

  it('takes a named revision whatever the day, and today without one', async () => {
    const revisionB = await reader.get(`/v1/items/${id('ACT-500')}/bom-explosion?revision=B`);
    expect(revisionB.body).toMatchObject({ date: '2026-03-04', bom: { revision: 'B' } });
    expect(quantities(revisionB.body.data)).toMatchObject({ 'SEA-01': '2 C62', 'BLT-M6': '14 C62' });
    expect((await reader.get(`/v1/items/${id('ACT-500')}/bom-explosion?revision=Z`)).body).toMatchObject({ status: 404, code: 'bom.not-found' });
  });

  it.each([
    ['date=2026-02-30', 400, 'query.invalid'], ['quantity=-1', 400, 'query.invalid'], ['quantity=1e3', 400, 'query.invalid'], ['mode=all', 400, 'query.invalid'],
    ['usage=none', 400, 'query.invalid'], ['site=Z', 400, 'query.invalid'], ['x=1', 400, 'query.unknown-parameter'],
  ])('refuses %s', async (query, status, code) => {
    expect((await reader.get(`/v1/items/${id('ACT-500')}/bom-explosion?${query}`)).body).toMatchObject({ status, code });
  });

  it('hides what is asked for at a site the credential is not for, and unknown items', async () => {
    expect((await kestrel.plantA.get(`/v1/items/${id('ACT-500')}/bom-explosion?site=B`)).body).toMatchObject({ status: 403, code: 'site.forbidden' });
    expect((await reader.get(`/v1/items/${crypto.randomUUID()}/bom-explosion`)).status).toBe(404);
    expect((await reader.get('/v1/items/x/where-used')).status).toBe(404);
  });
});

describe('where used', () => {
  it('[S94] finds every path upwards, over REST and GraphQL alike', async () => {
    const { body } = await reader.get(`/v1/items/${id('BLT-M6')}/where-used?date=2026-03-04`);
    const tops = body.data.filter(({ top }: { top: boolean }) => top).map(({ path, quantityPer }: { path: string[]; quantityPer: { value: string } }) => `${path.join('→')}: ${quantityPer.value}`);
    expect(tops.sort()).toEqual(['BLT-M6→GBX-10→ACT-500: 8', 'BLT-M6→KIT-MNT→ACT-500: 6']);
    const { data, errors } = await reader.graphql(`query($id: ID!) { item(id: $id) { whereUsed(date: "2026-03-04", limit: 10) { path top } } }`, { id: id('BLT-M6') });
    expect(errors).toBeUndefined();
    expect(data!.item.whereUsed.map(({ path, top }: { path: string[]; top: boolean }) => ({ path, top }))).toEqual(body.data.map(({ path, top }: { path: string[]; top: boolean }) => ({ path, top })));
    const single = await reader.get(`/v1/items/${id('BLT-M6')}/where-used?date=2026-03-04&levels=single`);
    expect(single.body.data.map(({ code }: Row) => code).sort()).toEqual(['GBX-10', 'KIT-MNT']);
  });

  it('tells alternates that give way on that day', async () => {
    const used = async (code: string, date: string) => (await reader.get(`/v1/items/${id(code)}/where-used?date=${date}`)).body.data
      .filter((row: Row) => row.code === 'ACT-500').map((row: { used: boolean; revision: string; alternatePriority: number }) => [row.revision, row.used, row.alternatePriority]);
    expect(await used('SEA-01', '2026-02-28')).toEqual([['B', true, 1]]);
    expect(await used('SEA-01', '2026-03-01')).toEqual([['C', false, 2]]);
    expect(await used('SEA-02', '2026-03-01')).toEqual([['C', true, 1]]);
  });
});

describe('comparison', () => {
  it('[S94] says what changed between two days, and what it costs', async () => {
    const { body, status, text } = await reader.get(`/v1/items/${id('ACT-500')}/bom-comparison?from=2026-02-20&to=2026-03-04`);
    expect(status, text).toBe(200);
    expect(body.changed).toEqual([{ itemId: id('BLT-M6'), code: 'BLT-M6', unit: 'C62', made: false, from: '12', to: '14', delta: '2' }]);
    expect(body.added.map(({ code, delta }: { code: string; delta: string }) => [code, delta])).toEqual([['SEA-02', '2']]);
    expect(body.removed.map(({ code, delta }: { code: string; delta: string }) => [code, delta])).toEqual([['SEA-01', '-2']]);
    expect(body.replaced).toEqual([{ from: 'SEA-01', to: 'SEA-02', parent: 'ACT-500', position: 60 }]);
    expect(body.cost).toEqual({ from: { amount: '129.693', exact: '129.693' }, to: { amount: '130.153', exact: '130.153' }, delta: { amount: '0.460', exact: '0.46' }, currency: 'USD' });
    const { data, errors } = await reader.graphql(
      `query($id: ID!) { item(id: $id) { bomComparison(fromRevision: "B", toRevision: "C") { from { date bom { revision } } changed { code delta } cost { to { amount } } } } }`, { id: id('ACT-500') });
    expect(errors).toBeUndefined();
    expect(data!.item.bomComparison).toEqual({ from: { date: '2024-01-01', bom: { revision: 'B' } }, changed: [{ code: 'BLT-M6', delta: '2' }], cost: { to: { amount: '130.153' } } });
  });

  it('wants both sides named', async () => {
    expect((await reader.get(`/v1/items/${id('ACT-500')}/bom-comparison?from=2026-02-20`)).body).toMatchObject({ status: 400, errors: [{ pointer: '#/query/to' }] });
  });
});

describe('cost roll-up', () => {
  const cost = async (query: string) => (await reader.get(`/v1/items/${id('ACT-500')}/cost-rollup?${query}`)).body;
  const of = (body: Record<string, any>, code: string): string => body.items.find((each: { code: string }) => each.code === code).total.amount;

  it.each(['', '&site=A'])('[S94] rolls up exactly from bought components, routings and rates (%s)', async (site) => {
    const before = await cost(`date=2026-02-20${site}`);
    expect(before).toMatchObject({ total: { amount: '129.693', exact: '129.693' }, conversion: { exact: '14' }, currency: 'USD', complete: true, missing: [] });
    expect(of(before, 'KIT-MNT')).toBe('0.400');
    const after = await cost(`date=2026-03-04${site}`);
    expect(after.total).toEqual({ amount: '130.153', exact: '130.153' });
    expect([of(after, 'GBX-10'), of(after, 'SCR-500'), of(after, 'KIT-MNT')]).toEqual(['48.570', '13.964', '0.560']);
  });

  it('[S94] follows a loss of capacity without rounding on the way: 4 → 3 an hour', async () => {
    for (const capacity of ['A-CNC-04:3', 'A-CNC-04:75%25']) {
      const body = await cost(`date=2026-03-04&site=A&capacity=${capacity}`);
      expect(body.conversion).toEqual({ amount: '18.667', exact: '56/3' });
      expect(body.total.amount).toBe('134.820');
    }
    expect(await cost('capacity=A-CNC-04:0')).toMatchObject({ status: 400 });
    const { data, errors } = await reader.graphql(`query($id: ID!) { item(id: $id) { costRollup(site: "A", capacity: "A-CNC-04:3") { total { amount exact } components { code cost { amount } } } } }`, { id: id('ACT-500') });
    expect(errors).toBeUndefined();
    expect(data!.item.costRollup.total).toEqual({ amount: '134.820', exact: '404459/3000' });
    expect(data!.item.costRollup.components.find((row: Row) => row.code === 'GRS-01').cost.amount).toBe('0.459');
  });
});

describe('ownership and rules', () => {
  const line = (component: string, more = {}) => ({ position: 10, componentId: { code: component }, quantityPer: '1', unit: 'C62', ...more });
  const bom = (item: string, revision: string, lines: object[], more = {}) => ({ itemId: { code: item }, usage: 'engineering', revision, state: 'released', lines, ...more });

  it('[S94] refuses an item as a part of itself, with the whole path, and keeps nothing of it', async () => {
    const answer = await kestrel.engineering.post('/v1/boms', bom('HSG-GB', 'X', [line('ACT-500')]));
    expect(answer.body).toMatchObject({ status: 409, code: 'bom-line.cycle', errors: [{ pointer: '#/lines/0' }] });
    expect(answer.body.detail).toContain('ACT-500 › GBX-10 › HSG-GB › ACT-500');
    expect((await reader.get(`/v1/boms?filter[itemId][eq]=${id('HSG-GB')}`)).body.data).toEqual([]);
    expect((await kestrel.engineering.post('/v1/boms', bom('HSG-GB', 'X', [line('HSG-GB')]))).body.detail).toContain('HSG-GB › HSG-GB');
  });

  it('[S94] two writers at once cannot close a cycle that neither sees', async () => {
    const made = await kestrel.corp.post('/v1/items:batch', { data: Array.from({ length: 10 }, (_, i) => ['P', 'Q'].map((side) => ({ op: 'create', attributes: { code: `${side}-${i}`, type: 'semi', baseUnit: 'C62', state: 'active' } }))).flat() });
    expect(made.body.data.every((row: { status: string }) => row.status === 'created'), made.text).toBe(true);
    for (let i = 0; i < 10; i += 1) {
      const answers = await Promise.all([
        kestrel.engineering.post('/v1/boms', bom(`P-${i}`, 'A', [line(`Q-${i}`)])), kestrel.engineering.post('/v1/boms', bom(`Q-${i}`, 'A', [line(`P-${i}`)])),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      expect(answers.find(({ status }) => status === 409)!.body.code).toBe('bom-line.cycle');
    }
  });

  it('lets items change roles over time: a cycle needs a common day', async () => {
    const codes = ['R-OLD', 'R-NEW'];
    await kestrel.corp.post('/v1/items:batch', { data: codes.map((code) => ({ op: 'create', attributes: { code, type: 'semi', baseUnit: 'C62', state: 'active' } })) });
    const first = await kestrel.engineering.post('/v1/boms', bom('R-OLD', 'A', [line('R-NEW')], { effectiveTo: '2026-01-01' }));
    expect(first.status, first.text).toBe(201);
    expect((await kestrel.engineering.post('/v1/boms', bom('R-NEW', 'A', [line('R-OLD')], { effectiveFrom: '2026-01-01' }))).status).toBe(201);
    const longer = await kestrel.engineering.patch(first.headers.location!, { effectiveTo: '2026-06-01' }, '"v1"');
    expect(longer.body).toMatchObject({ status: 409, code: 'bom-line.cycle' });
  });

  it('[S4] engineering decides the enterprise BOM, the plant its own', async () => {
    const byPlant = await kestrel.plantA.post('/v1/boms', bom('SCR-500', 'P', [line('STL-BAR', { unit: 'MTR' })]));
    expect(byPlant.body).toMatchObject({ status: 403, code: 'ownership.violation', attributeGroups: ['engineering'] });
    const own = { site: 'A', usage: 'manufacturing' };
    const byEngineering = await kestrel.engineering.post('/v1/boms', bom('SCR-500', 'P', [line('STL-BAR', { unit: 'MTR' })], own));
    expect(byEngineering.body).toMatchObject({ status: 403, code: 'ownership.violation', owner: 'LEG1', attributeGroups: ['manufacturing'] });
    const accepted = await kestrel.plantA.post('/v1/boms', bom('SCR-500', 'P', [line('STL-BAR', { unit: 'FOT', quantityPer: '2' })], own));
    expect(accepted.status, accepted.text).toBe(201);
    expect(accepted.body.lines[0]).toMatchObject({ site: 'A', bomId: accepted.body.id, quantityPer: '2', unit: 'FOT' });
    const ask = async (query: string) => quantities((await reader.get(`/v1/items/${id('SCR-500')}/bom-explosion?quantity=10${query}`)).body.data);
    expect(await ask('')).toEqual({ 'STL-BAR': '6.2 MTR' });
    expect(await ask('&site=A')).toEqual({ 'STL-BAR': '6.096 MTR' });
    expect(await ask('&site=B')).toEqual({ 'STL-BAR': '6.2 MTR' });
    expect((await reader.get('/v1/ownership/explain?domain=bom&attribute=quantityPer&site=A')).body).toMatchObject({ attributeGroup: 'manufacturing', owners: ['LEG1'] });
    expect((await kestrel.plantA.patch(accepted.headers.location!, { state: 'obsolete' }, '"v1"')).status).toBe(200);
    expect(await ask('&site=A')).toEqual({ 'STL-BAR': '6.2 MTR' });
  });

  it.each([
    ['a unit the component cannot be converted to', { unit: 'KGM' }, '#/lines/0/unit', 'unit.not-convertible'],
    ['an unknown unit', { unit: 'ZZZ' }, '#/lines/0/unit', 'unit.unknown'],
    ['an empty period', { effectiveFrom: '2026-03-01', effectiveTo: '2026-03-01' }, '#/lines/0/effectiveTo', 'period.empty'],
    ['a reversed range', { serialFrom: 'SN-10', serialTo: 'SN-9' }, '#/lines/0/serialTo', 'range.reversed'],
  ])('refuses %s, and says where', async (_what, more, pointer, code) => {
    const answer = await kestrel.engineering.post('/v1/boms', bom('MOT-24', 'X', [line('WSH-M6', more)]));
    expect(answer.body).toMatchObject({ status: 422, errors: [{ pointer, code }] });
  });

  it('knows serials, lots, fixed quantities, base quantities and shares of alternates', async () => {
    await kestrel.corp.post('/v1/items', { code: 'T-1', type: 'finished', baseUnit: 'C62', state: 'active' });
    const answer = await kestrel.engineering.post('/v1/boms', bom('T-1', 'A', [
      line('BLT-M6', { position: 10, quantityPer: '7', serialTo: 'SN-99' }), line('WSH-M6', { position: 20, quantityPer: '5', serialFrom: 'SN-100' }),
      line('MOT-24', { position: 30, quantityPer: '2', quantityKind: 'fixed', scrapPercent: '50' }), line('GER-STL', { position: 35, quantityPer: '1', lotFrom: 'L-1', lotTo: 'L-5' }),
      line('SEA-01', { position: 40, quantityPer: '4', alternateGroup: 'S', alternatePriority: 2, usagePercent: '25' }),
      line('SEA-02', { position: 50, quantityPer: '4', alternateGroup: 'S', alternatePriority: 1, usagePercent: '75' }),
      line('GRS-01', { position: 60, quantityPer: '1', unit: 'LBR' }),
    ], { baseQuantity: '4' }));
    expect(answer.status, answer.text).toBe(201);
    const itemId = answer.body.itemId as string;
    const ask = async (query: string) => (await reader.get(`/v1/items/${itemId}/bom-explosion?quantity=10${query}`)).body;
    const plain = await ask('');
    expect(quantities(plain.data)).toEqual({ 'MOT-24': '3 C62', 'SEA-02': '10 C62', 'GRS-01': '1.133980925 KGM' });
    expect(plain.linesLeftOut).toBe(3);
    expect(quantities((await ask('&serial=SN-99&lot=L-5')).data)).toMatchObject({ 'BLT-M6': '17.5 C62', 'GER-STL': '2.5 C62' });
    const later = quantities((await ask('&serial=SN-0100&lot=L-6&alternates=usage')).data);
    expect(later).toMatchObject({ 'WSH-M6': '12.5 C62', 'SEA-01': '2.5 C62', 'SEA-02': '7.5 C62' });
    expect(later).not.toHaveProperty('GER-STL');
  });
});

describe('around it', () => {
  it('[SEC25] answers item, BOM, lines and components of a query with few statements', async () => {
    const query = `{ items(first: 5) { nodes { code bom(date: "2026-03-04") { revision lines(date: "2026-03-04") { position component { code baseUnit } } } } } }`;
    const original = gateway.runtime.database.query.bind(gateway.runtime.database);
    const statements: string[] = [];
    gateway.runtime.database.query = ((sql: string, params?: unknown[]) => { statements.push(sql); return original(sql, params); }) as never;
    const { data, errors } = await reader.graphql(query).finally(() => { gateway.runtime.database.query = original; });
    expect(errors).toBeUndefined();
    const actuator = data!.items.nodes.find((node: Row) => node.code === 'ACT-500');
    expect(actuator.bom.revision).toBe('C');
    expect(actuator.bom.lines.map((line: { component: Row }) => line.component.code)).toEqual(['GBX-10', 'MOT-24', 'SCR-500', 'HSG-AL', 'KIT-MNT', 'SEA-02', 'SEA-01', 'GRS-01']);
    expect(statements.filter((sql) => /\b(item|bom|bom_line)\b/.test(sql)).length).toBeLessThanOrEqual(5);
  });

  it('[S94] routings have operations at work centres', async () => {
    const { body } = await reader.get(`/v1/routings?filter[itemId][eq]=${id('ACT-500')}&filter[site][eq]=A`);
    const { data, errors } = await reader.graphql(`query($id: ID!) { routing(id: $id) { site operations { position runHours runQuantity workCentre { code costRate { amount } } } } }`, { id: body.data[0].id });
    expect(errors).toBeUndefined();
    expect(data!.routing).toEqual({ site: 'A', operations: [{ position: 10, runHours: '1', runQuantity: '4', workCentre: { code: 'A-CNC-04', costRate: { amount: '56' } } }] });
  });

  it('[S94] an order keeps what it was frozen with, whatever becomes of the BOM', async () => {
    const frozen = gateway.app.get(FrozenExplosions);
    const freeze = (orderId: string) => gateway.runtime.database.transaction(gatewayContext(), (tx) => frozen.freeze(tx, { orderId, itemId: id('ACT-500'), quantity: '80', site: 'A' }));
    const { record, lines } = await freeze('A-1001');
    expect(lines.filter(({ direct }) => direct).map(({ code, quantity }) => `${code} ${quantity.value}`)).toEqual([
      'GBX-10 80', 'MOT-24 80', 'SCR-500 80', 'HSG-AL 80', 'BLT-M6 480', 'WSH-M6 320', 'SEA-02 160', 'GRS-01 4.08',
    ]);
    await expect(freeze('A-1001')).rejects.toMatchObject({ code: 'frozen-explosion.exists' });
    const stored = await reader.get(`/v1/frozen-explosions/${record.id}/lines`);
    expect(stored.body).toEqual({ hash: record.hash, data: lines });
    expect((await reader.get(`/v1/frozen-explosions?filter[orderId][eq]=A-1001`)).body.data[0]).toMatchObject({ quantity: '80', lineCount: 14, hash: record.hash });
    await gateway.db.database.query(`UPDATE frozen_explosion_line SET body = replace(body, '480', '481') WHERE frozen_explosion_id = $1`, [record.id]);
    expect((await reader.get(`/v1/frozen-explosions/${record.id}/lines`)).status).toBe(500);
  });
});
