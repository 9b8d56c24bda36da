import { randomInt } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { RegistryDirectory, RegistryService } from '@datum/registry';
import { createWorker, type Worker } from '../../../apps/worker/src/index.js';
import { testGateway, type TestClient, type TestGateway } from '../../support/gateway.js';
import { FaultProxy, type Exchange } from '../../contract/erp/fault-proxy.js';
import { TrytonClient } from './tryton-client.js';
import type { TrytonServer } from './tryton-server.js';

/** An item as a user of Tryton sees it; `active` is that of the variant. */
export interface TrytonItem { id: number; template: number; name: string; listPrice: string | null; active: boolean }

const settled = ['confirmed', 'rejected', 'cancelled', 'needs-review', 'awaiting-approval'];

/**
 * The gateway with its worker, set up as an installation does it: system `CE` is registered with the Tryton adapter, whose way to the real server leads
 * through a proxy that can lose answers. Pulls happen when the test says so, unless `pullEveryMs` is given.
 */
export class TrytonGateway {
  private constructor(
    readonly gateway: TestGateway, readonly worker: Worker, readonly proxy: FaultProxy, readonly user: TrytonClient,
    /** Plans, and decides nothing of an item. */
    readonly planning: TestClient,
    /** Tryton's own participant, to say what it calls a record. */
    readonly corp: TestClient,
  ) {}

  static async start(server: TrytonServer): Promise<TrytonGateway> {
    const user = await TrytonClient.logIn(server);
    const proxy = await FaultProxy.start(server.url);
    const gateway = await testGateway();
    const { login, password } = server.seed.users.gateway;
    await fs.writeFile(path.join(gateway.runtime.config.home, 'erp-secrets.json'), JSON.stringify({ tryton: password }), { mode: 0o600 });
    const configuration = { database: server.database, userName: login, passwordSecret: 'tryton' };
    const adapter = { kind: 'tryton', url: proxy.url, configuration, currency: server.seed.currency };
    await gateway.app.get(RegistryService).putSystem(gatewayContext(), { code: 'CE', kind: 'corp-erp', siteCodes: [], capabilities: { adapter }, state: 'active' });
    await gateway.app.get(RegistryDirectory).refresh();
    const settings = { pollMs: 50, pullEveryMs: 3_600_000, reconcileEveryMs: 0, backoffBaseMs: 20, backoffMaxMs: 500, lookUpsMax: 12 };
    const worker = await createWorker(gateway.runtime, { settings, ticker: false, sealer: false, pulls: false });
    worker.start();
    const planning = await gateway.client('PLN', ['item.read', 'item.write', 'supplier.read', 'cross-reference.read', 'write-back.read']);
    const corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write']);
    return new TrytonGateway(gateway, worker, proxy, user, planning, corp);
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.gateway.close();
    await this.proxy.stop();
  }

  pull(recordType: string): Promise<void> {
    return this.worker.puller.pullNow('CE', recordType);
  }

  /** The golden record behind a code of Tryton's, with its provenance. */
  async golden(collection: string, code: string): Promise<Record<string, any> | undefined> {
    const { status, body, text } = await this.planning.get(`/v1/${collection}?system=CE&code=${code}&include=provenance`);
    if (status !== 200) throw new Error(text);
    expect(body.data.length).toBeLessThanOrEqual(1);
    return body.data[0];
  }

  async keyStatus(code: string): Promise<string> {
    return (await this.planning.get(`/v1/local-keys?filter[system][eq]=CE&filter[code][eq]=${code}`)).body.data[0].status;
  }

  /** The write request once nobody works on it any more. */
  async settled(id: string, withinMs = 60_000): Promise<Record<string, any>> {
    for (const endsMs = Date.now() + withinMs; ;) {
      const { body } = await this.planning.get(`/v1/write-requests/${id}`);
      if (settled.includes(body.state)) return body;
      if (Date.now() > endsMs) throw new Error(`stuck: ${JSON.stringify(body)}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  /** What the operation of a write request says in the end. */
  async operation(id: string): Promise<Record<string, any>> {
    return (await this.planning.get(`/v1/operations/${id}`)).body;
  }

  wish(id: string, patch: Record<string, unknown>, ifMatch = '*') {
    return this.planning.post('/v1/write-requests', { target: { recordType: 'item', id }, ifMatch, patch, reason: 'Test.' });
  }

  /** Somebody makes an item in Tryton itself. */
  async newItemInTryton(code: string, name: string): Promise<void> {
    const [unit] = await this.user.ids('product.uom', ['symbol', '=', 'u']);
    const template = { code, name, type: 'goods', default_uom: unit, purchasable: true, purchase_uom: unit, products: [['create', [{ suffix_code: '' }]]] };
    await this.user.call('product.template.create', [template]);
  }

  /** An item that is in Tryton and, by a pull, in the gateway. */
  async knownItem(name = 'Actuator'): Promise<{ id: string; code: string; url: string; version: number }> {
    const code = newCode();
    await this.newItemInTryton(code, name);
    await this.pull('item');
    const found = await this.golden('items', code);
    if (!found) throw new Error(`${code} did not come in`);
    return { id: found.id, code, url: `/v1/items/${found.id}`, version: found.version };
  }

  /** All items in Tryton with this code, archived ones too. */
  async itemsInTryton(code: string): Promise<TrytonItem[]> {
    const fields = ['active', 'template', 'template.name', 'template.list_price'];
    const rows = (await this.user.call('product.product.search_read', [['code', '=', code]], 0, null, null, fields)) as Record<string, any>[];
    return rows.map(({ id, active, template, 'template.': { name, list_price: price } }) => ({ id, template, name, active, listPrice: price?.decimal ?? null }));
  }

  async rename(code: string, name: string): Promise<void> {
    const [item] = await this.itemsInTryton(code);
    await this.user.call('product.template.write', [item!.template], { name });
  }
}

/** Codes that no earlier run against the same server has used. */
const run = randomInt(36 ** 5).toString(36).toUpperCase().padStart(5, '0');
let numbered = 0;
export const newCode = (): string => `GW-${run}-${String((numbered += 1)).padStart(4, '0')}`;

/** Which of Tryton's methods a request calls: `product.template.write`. */
export const methodOf = ({ body }: Exchange): string => /"method":"model\.([^"]+)"/.exec(body)?.[1] ?? '';
