import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { RecordCatalogue, RecordWriter } from '@datum/governed';
import { RegistryDirectory, RegistryService } from '@datum/registry';
import { demoRecords } from '../../apps/server/src/demo/demo-records.js';
import { demoSites, demoSystems } from '../../apps/server/src/demo/demo-registry.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let planning: TestClient;
const directory = path.resolve(import.meta.dirname, '../../examples/kestrel');
const seed = () => demoRecords({ writer: gateway.app.get(RecordWriter), catalogue: gateway.app.get(RecordCatalogue) }, gatewayContext(), { directory, validFrom: '2026-01-01T00:00:00Z' });

beforeAll(async () => {
  gateway = await testGateway();
  const registry = gateway.app.get(RegistryService);
  for (const site of demoSites) await registry.putSite(gatewayContext(), site);
  for (const system of demoSystems) await registry.putSystem(gatewayContext(), system);
  await gateway.app.get(RegistryDirectory).refresh();
  planning = await gateway.client('PLN', ['item.read', 'inventory.read', 'order.read', 'supplier.read']);
});
afterAll(async () => { await gateway?.close(); });

describe('the example enterprise', () => {
  it('is accepted, every row from the system that owns it', async () => {
    expect(await seed()).toBeGreaterThan(100);
  });

  it('[S86] has MOT-24 at six plants: 1,243 available with 100 reserved, 12 on hold, 100 on the way', async () => {
    const { body: { data: [item] } } = await planning.get('/v1/items?filter[code][eq]=MOT-24');
    const { body } = await planning.get(`/v1/items/${item.id}/availability?date=2026-03-07`);
    expect(body.total).toMatchObject({ available: '1243', reserved: '100', free: '1143', onHold: '12', inTransit: '100' });
    expect(body.lines.map((line: any) => [line.site, line.available, line.freshness.state])).toEqual(
      [['A', '340', 'fresh'], ['B', '210', 'fresh'], ['C', '95', 'fresh'], ['D', '400', 'fresh'], ['E', '150', 'fresh'], ['F', '48', 'fresh']]);
    expect(body.lines.find((line: any) => line.site === 'C').availableToPromise).toBe('195');
  });

  it('is left as it is by a second start, also where it has gone on since', async () => {
    expect(await seed()).toBe(0);
    const wms = await gateway.client('WMS-A', ['inventory.read', 'inventory.write']);
    const { body: { data: [item] } } = await planning.get('/v1/items?filter[code][eq]=ACT-500');
    const shipped = await wms.post('/v1/stock-movements', { number: 'S-1', type: 'SHIP', itemId: item.id, site: 'A', fromLocation: 'A-02-01', lot: 'L-0219', quantity: { value: '24', unit: 'C62' } });
    expect(shipped.status, shipped.text).toBe(201);
    expect(await seed()).toBe(0);
    expect((await planning.get(`/v1/items/${item.id}/availability`)).body.lines.find((line: any) => line.site === 'A').available).toBe('96');
  });
});
