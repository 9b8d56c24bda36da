import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditReader } from '@datum/governed';
import { Sealer } from '../../libs/platform/src/ledger/sealer.js';
import { verifyAudit, type AuditReport } from '../../libs/platform/src/ledger/audit-verifier.js';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';
import { unlimited } from './security/callers.js';

let gateway: TestGateway;
let auditor: TestClient;
let items: { id: string; code: string }[];

beforeAll(async () => {
  gateway = await testGateway({ env: unlimited });
  auditor = await gateway.client('PLN', ['audit.read', 'item.read']);
  const corp = await gateway.client('CE', ['item.read', 'item.write', 'cross-reference.write']);
  const site = await gateway.client('CLD-EU', ['item.read', 'item.write'], ['D']);
  const rows = Array.from({ length: 100 }, (_, i) => ({ op: 'create', attributes: { code: `AUD-${i}`, type: 'finished', baseUnit: 'C62', state: 'active' }, localKeys: [{ system: 'CE', code: `ce-${i}` }] }));
  const created = await corp.post('/v1/items:batch', { data: rows });
  items = created.body.data.map(({ id }: { id: string }, i: number) => ({ id, code: `AUD-${i}` }));
  for (const change of ['first', 'second']) {
    const changed = await corp.post('/v1/items:batch', { data: items.map(({ id }) => ({ op: 'update', id, attributes: { legacyCode: change, standardCost: { amount: '12.50', currency: 'EUR' } } })) });
    expect(changed.status, changed.text).toBe(200);
    await sealAll();
  }
  for (const { id } of items.slice(0, 20)) await site.send('PUT', `/v1/items/${id}/sites/D`, { leadTimeDays: 5 }, { 'if-none-match': '*' });
}, 180_000);
afterAll(async () => { await gateway?.close(); });

/** Seals what is there, in blocks of at most 100 rows. */
async function sealAll(): Promise<void> {
  const sealer = new Sealer(gateway.runtime.database, { home: gateway.runtime.config.home, rowsPerBlockMax: 100 });
  await vi.waitFor(async () => {
    while (await sealer.turn());
    const [ends] = await gateway.db.database.query<{ written: string; sealed: string }>(
      'SELECT (SELECT max(id) FROM ledger) AS written, (SELECT max(last_row_id) FROM ledger_block) AS sealed');
    if (ends!.written !== ends!.sealed) throw new Error('not sealed to the end');
  }, { timeout: 20_000, interval: 50 });
  await sealer.release();
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}

/** Exports through the API and verifies with nothing but the export and the anchors outside the database. */
async function verify(): Promise<AuditReport> {
  const { status, headers, text } = await auditor.get('/v1/audit/export');
  expect(status).toBe(200);
  expect(headers['content-type']).toContain('application/x-ndjson');
  const anchors = fs.readFileSync(path.join(gateway.runtime.config.home, 'anchors.ndjson'), 'utf8');
  return verifyAudit(linesOf(text), { anchors: linesOf(anchors.trim()) });
}

/** Does what only somebody with the database in hand can do, looks, and puts it back. */
async function tamper(change: string, undo: string, parameters: unknown[]): Promise<AuditReport> {
  const { database } = gateway.db;
  await database.query(change, parameters);
  try {
    return await verify();
  } finally {
    await database.query(undo, parameters);
    expect((await verify()).ok, 'put back').toBe(true);
  }
}

describe('[N9] [SEC29] the audit trail', () => {
  it('of some hundred changes by several systems is whole', async () => {
    const report = await verify();
    expect(report.problems).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.rows).toBeGreaterThan(400);
    expect(report.blocks).toBeGreaterThan(2);
    expect(report.blocksAnchored).toBe(report.blocks);
    expect(report.currentRecords).toBeGreaterThanOrEqual(220);
  });

  it('every row of it says who, through which channel, in which request, and by which decision', async () => {
    const { text } = await auditor.get('/v1/audit/export');
    const rows = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, any>).filter(({ kind, recordType }) => kind === 'row' && recordType === 'item');
    expect(rows).toHaveLength(300);
    for (const row of rows) {
      expect(row).toMatchObject({ actor: 'CE', channel: 'rest', correlationId: expect.stringMatching(/./), requestId: expect.stringMatching(/./) });
      expect(JSON.parse(row.decision)).toMatchObject({ verdict: 'accept', groups: { identity: { ruleId: expect.any(String), ruleVersion: 1 } } });
    }
  });

  it('one changed character in a governed table: the verifier names the record', async () => {
    const { id } = items[17]!;
    const report = await tamper(`UPDATE item SET legacy_code = 'sec0nd' WHERE id = $1`, `UPDATE item SET legacy_code = 'second' WHERE id = $1`, [id]);
    expect(report.ok).toBe(false);
    expect(report.problems).toMatchObject([{ what: 'current-altered', recordType: 'item', recordId: id, version: 3 }]);
  });

  it('one changed digit of a price: the same', async () => {
    const { id } = items[18]!;
    const report = await tamper('UPDATE item SET standard_cost = 12.51 WHERE id = $1', 'UPDATE item SET standard_cost = 12.5 WHERE id = $1', [id]);
    expect(report.problems).toMatchObject([{ what: 'current-altered', recordId: id }]);
  });

  it('one changed byte in the ledger: named, with its version', async () => {
    const { id } = items[23]!;
    const where = 'WHERE record_id = $1 AND version = 2';
    const report = await tamper(
      `UPDATE ledger SET after_image = replace(after_image, 'first', 'f1rst') ${where}`,
      `UPDATE ledger SET after_image = replace(after_image, 'f1rst', 'first') ${where}`, [id]);
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining({ what: 'row-altered', recordType: 'item', recordId: id, version: 2 }));
  });

  it('another actor in the ledger: named', async () => {
    const { id } = items[24]!;
    const report = await tamper(`UPDATE ledger SET actor = 'LEG2' WHERE record_id = $1`, `UPDATE ledger SET actor = 'CE' WHERE record_id = $1`, [id]);
    expect(report.problems.filter(({ what, recordId }) => what === 'row-altered' && recordId === id)).toHaveLength(3);
  });

  it('a row taken out of the ledger: named, with its place', async () => {
    const { id } = items[31]!;
    const { database } = gateway.db;
    await database.query('CREATE TABLE kept AS SELECT * FROM ledger WHERE record_id = $1 AND version = 2', [id]);
    const [columns] = await database.query<{ names: string }>(`SELECT string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns WHERE table_name = 'kept'`);
    const restore = `INSERT INTO ledger (${columns!.names}) OVERRIDING SYSTEM VALUE SELECT ${columns!.names} FROM kept WHERE record_id = $1`;
    const report = await tamper('DELETE FROM ledger WHERE record_id = $1 AND version = 2', restore, [id]);
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining({ what: 'row-missing', recordType: 'item', recordId: id, version: 2 }));
  });

  it('a record that nobody wrote: named', async () => {
    const { id } = items[40]!;
    const foreign = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
    const added = await tamper(
      `INSERT INTO item SELECT r.* FROM item i, LATERAL json_populate_record(NULL::item, (to_jsonb(i) || '{"id": "${foreign}", "code": "GHOST"}')::json) r WHERE i.id = $1`,
      `DELETE FROM item WHERE id = '${foreign}' AND $1::uuid IS NOT NULL`, [id]);
    expect(added.problems).toMatchObject([{ what: 'current-unknown', recordId: foreign }]);
  });

  it('a scope that somebody gave himself in the registry: named', async () => {
    const { database } = gateway.db;
    const [credential] = await database.query<{ id: string }>('SELECT id FROM credential ORDER BY id LIMIT 1');
    const report = await tamper(
      `UPDATE credential SET scopes = scopes || 'audit.admin'::text WHERE id = $1`, `UPDATE credential SET scopes = array_remove(scopes, 'audit.admin') WHERE id = $1`, [credential!.id]);
    expect(report.problems).toMatchObject([{ what: 'current-altered', recordType: 'credential', recordId: credential!.id }]);
    const [system] = await database.query<{ id: string }>(`SELECT id FROM system WHERE code = 'LEG1'`);
    const moved = await tamper(`UPDATE system SET site_codes = '{A,D}' WHERE id = $1`, `UPDATE system SET site_codes = '{A}' WHERE id = $1`, [system!.id]);
    expect(moved.problems).toMatchObject([{ what: 'current-altered', recordType: 'system', recordId: system!.id }]);
  });

  it('a write request that lost the sentence it was made with: named', async () => {
    const planning = await gateway.client('PLN', ['item.read']);
    const { body: { id } } = await planning.post('/v1/write-requests', { target: { recordType: 'item', key: { code: items[50]!.code } }, ifMatch: '*', patch: { legacyCode: 'asked' }, reason: 'Asked' });
    const report = await tamper(`UPDATE write_request SET reason = 'Ordered' WHERE id = $1`, `UPDATE write_request SET reason = 'Asked' WHERE id = $1`, [id]);
    expect(report.problems).toMatchObject([{ what: 'current-altered', recordType: 'write-request', recordId: id }]);
  });

  it('is exported twice at once and no more, and an export that nobody reads to its end is cut', async () => {
    const reader = gateway.app.get(AuditReader);
    const [waiting, left] = [reader.stream(), reader.stream(300)];
    for (const stream of [waiting, left]) stream.once('readable', () => undefined);
    const cut = new Promise<Error>((resolve) => { left.once('error', resolve); });
    expect((await auditor.get('/v1/audit/export')).body).toMatchObject({ status: 429, code: 'audit.busy' });
    expect((await cut).message).toContain('in time');
    expect((await verify()).ok, 'a place is free again').toBe(true);
    waiting.destroy();
  });

  it('[SEC16] is for auditors only', async () => {
    const corp = await gateway.client('CE', ['item.read', 'item.write']);
    expect((await corp.get('/v1/audit/export')).status).toBe(403);
  });
});
