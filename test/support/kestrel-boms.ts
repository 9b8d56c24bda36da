import fs from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import type { TestClient, TestGateway } from './gateway.js';

const folder = path.resolve(import.meta.dirname, '../../examples/kestrel');

interface LocalKey { system: string; site?: string; code: string; unit?: string }
interface ItemFile { items: ({ code: string; localKeys: LocalKey[] } & Record<string, unknown>)[] }
interface BomFile { boms: Record<string, unknown>[]; workCentres: Record<string, unknown>[]; routings: ({ site?: string } & Record<string, unknown>)[] }

const read = async <T>(name: string): Promise<T> => JSON.parse(await fs.readFile(path.join(folder, name), 'utf8')) as T;

export interface Kestrel {
  /** Code → id. */
  items: Map<string, string>;
  engineering: TestClient;
  plantA: TestClient;
  corp: TestClient;
}

/** Builds the items, BOMs, work centres and routings of the example company over REST, each written by its owner. */
export async function buildKestrel(gateway: TestGateway): Promise<Kestrel> {
  const corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.write', 'bom.read']);
  const engineering = await gateway.client('GW', ['item.read', 'item.write', 'bom.read', 'bom.write', 'routing.read', 'routing.write', 'engineering.decide']);
  const plantA = await gateway.client('LEG1', ['item.read', 'bom.read', 'bom.write', 'routing.read', 'routing.write'], ['A']);
  const { items } = await read<ItemFile>('items.json');
  const rows = items.map(({ localKeys, material: _material, ...attributes }) => ({
    op: 'create', attributes: { ...attributes, state: 'active' }, localKeys: localKeys.filter(({ system }) => system === 'CE').map(({ system, code }) => ({ system, code })),
  }));
  const written = await corp.post('/v1/items:batch', { data: rows });
  expect(written.body.data.map((row: { status: string }) => row.status), written.text).toEqual(items.map(() => 'created'));
  const ids = new Map(items.map(({ code }, i) => [code, written.body.data[i].id as string]));
  const { boms, workCentres, routings } = await read<BomFile>('boms.json');
  for (const bom of boms) expect((await engineering.post('/v1/boms', bom)).status, JSON.stringify(bom)).toBe(201);
  for (const workCentre of workCentres) expect((await plantA.post('/v1/work-centres', workCentre)).status).toBe(201);
  for (const routing of routings) {
    const answer = await (routing.site ? plantA : engineering).post('/v1/routings', routing);
    expect(answer.status, answer.text).toBe(201);
  }
  return { items: ids, engineering, plantA, corp };
}
