import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { gatewayContext } from '../context/request-context.js';
import type { Queryable } from '../database/database.js';
import { verifyAudit, type AuditReport } from '../offline.js';
import { uuidv7 } from '../values/uuid.js';
import { auditExport, type CurrentRecord, type CurrentRecordProvider } from './audit-export.js';
import { appendToLedger } from './ledger.js';
import { ensureLedgerEpoch } from './ledger-epoch.js';
import { closeTick } from './ledger-tick.js';
import { merkleLeaf, merkleRoot } from './merkle.js';
import { Sealer } from './sealer.js';

const things: CurrentRecordProvider = {
  recordType: 'thing',
  fetchCurrent: async (queryable: Queryable, afterId, limit) => {
    const rows = await queryable.query<{ id: string; version: number; name: string }>(
      'SELECT id, version, name FROM thing WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2', [afterId, limit]);
    return rows.map(({ id, version, name }): CurrentRecord => ({ id, version, after: { version, name } }));
  },
};

describe('the audit trail', () => {
  const ids = Array.from({ length: 40 }, () => uuidv7());
  const versions = 5;
  let db: TestDatabase;
  let home: string;
  let sealer: Sealer;

  const change = (id: string, version: number): Promise<void> => db.database.transaction(gatewayContext(), async (context) => {
    const name = `Ätznatron ${version} "50 %"`;
    await context.tx.query(
      'INSERT INTO thing VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET version = $2, name = $3', [id, version, name]);
    await appendToLedger(context, [{
      recordType: 'thing', recordId: id, version, eventType: 'datum.thing.thing.changed.v1', op: version === 1 ? 'create' : 'update',
      validFrom: '2026-03-04T14:00:00Z', after: { version, name }, changes: { name },
    }]);
  });

  const sealAll = async (): Promise<void> => {
    while (await sealer.turn());
  };

  async function exported(): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of auditExport(db.database, [things])) lines.push(line);
    return lines;
  }

  async function* each(lines: Iterable<string>): AsyncGenerator<string> {
    yield* lines;
  }

  const anchors = async function* (): AsyncGenerator<string> {
    yield* (await readFile(path.join(home, 'anchors.ndjson'), 'utf8')).split('\n');
  };

  const verify = async (): Promise<AuditReport> => verifyAudit(each(await exported()), { anchors: anchors() });

  beforeAll(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'datum-audit-'));
    db = await testDatabase();
    await ensureLedgerEpoch(db.database);
    await db.database.query('CREATE TABLE thing (id uuid PRIMARY KEY, version int NOT NULL, name text NOT NULL)');
    sealer = new Sealer(db.database, { home, rowsPerBlockMax: 100 });
    for (let version = 1; version <= versions; version += 1) {
      for (const id of ids) await change(id, version);
      await closeTick(db.database);
    }
    await sealAll();
    await db.database.query('CREATE TABLE ledger_copy AS SELECT * FROM ledger; CREATE TABLE block_copy AS SELECT * FROM ledger_block; CREATE TABLE thing_copy AS SELECT * FROM thing');
  });

  afterAll(async () => {
    await db.close();
    await rm(home, { recursive: true });
  });

  // Every test damages something; what it damaged is put back.
  beforeEach(async () => {
    await db.database.query(`
      TRUNCATE ledger, ledger_block, thing;
      INSERT INTO ledger OVERRIDING SYSTEM VALUE SELECT * FROM ledger_copy;
      INSERT INTO ledger_block SELECT * FROM block_copy;
      INSERT INTO thing SELECT * FROM thing_copy`);
  });

  const target = ids[17]!;
  const rowOf = async (version: number): Promise<number> => {
    const [row] = await db.database.query<{ id: string }>('SELECT id FROM ledger WHERE record_id = $1 AND version = $2', [target, version]);
    return Number(row!.id);
  };

  it('is sealed in blocks, anchored outside the database, with a key that only its owner can read', async () => {
    expect(await verify()).toEqual({
      ok: true, rows: 200, rowsNotSealed: 0, blocks: 3, blocksAnchored: 3, records: 40, currentRecords: 40, problemCount: 0, problems: [],
    });
    const [key] = await readdir(path.join(home, 'keys'));
    expect((await stat(path.join(home, 'keys', key!))).mode & 0o777).toBe(0o600);
  });

  const columns = ['after_image', 'changes', 'provenance', 'decision', 'actor', 'channel', 'correlation_id', 'request_id', 'event_type', 'record_type'];
  it.each(columns)('[SEC29] [N9] names the record whose ledger row has one byte changed in %s', async (column) => {
    const ledgerId = await rowOf(3);
    const changed = await db.database.query(
      `UPDATE ledger SET ${column} = overlay(${column} placing chr(ascii(substr(${column}, 2, 1)) # 1) from 2 for 1) WHERE id = $1 RETURNING 1`, [ledgerId]);
    expect(changed).toHaveLength(1);
    const report = await verify();
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining({ what: 'row-altered', recordType: 'thing', recordId: target, version: 3, ledgerId }));
  });

  it.each(['version = version + 7', 'site = \'A\'', 'op = \'decision\'', 'valid_from = valid_from + interval \'1 us\''])(
    '[SEC29] names the record whose ledger row has %s', async (assignment) => {
      const ledgerId = await rowOf(2);
      await db.database.query(`UPDATE ledger SET ${assignment} WHERE id = $1`, [ledgerId]);
      const { problems } = await verify();
      expect(problems).toContainEqual(expect.objectContaining({ what: 'row-altered', recordId: target, version: 2, ledgerId }));
    });

  it('[SEC29] names a row of the ledger that is gone, in the middle and at the end of its record', async () => {
    const [middle, last] = [await rowOf(3), await rowOf(5)];
    await db.database.query('DELETE FROM ledger WHERE id = ANY ($1)', [[middle, last]]);
    const { problems } = await verify();
    expect(problems).toContainEqual(expect.objectContaining({ what: 'row-missing', recordId: target, version: 3, ledgerId: middle }));
    expect(problems).toContainEqual(expect.objectContaining({ what: 'row-missing', recordId: target, version: 5, ledgerId: last }));
    expect(problems).toContainEqual(expect.objectContaining({ what: 'version-gap', recordId: target, version: 3 }));
    expect(problems).toContainEqual(expect.objectContaining({ what: 'current-altered', recordId: target, version: 5 }));
  });

  it('[SEC29] finds a row put in afterwards', async () => {
    await db.database.query(
      `INSERT INTO ledger (epoch, xid, recorded_at, record_type, record_id, version, site, event_type, op, valid_from, after_image, changes, provenance,
                           decision, actor, channel, correlation_id, request_id)
       SELECT epoch, xid, recorded_at, record_type, $2, 1, site, event_type, 'create', valid_from, after_image, changes, provenance, decision, actor, channel,
              correlation_id, request_id FROM ledger WHERE id = $1`, [await rowOf(1), uuidv7()]);
    await db.database.query('UPDATE ledger_tick SET last_id = (SELECT max(id) FROM ledger) WHERE tick = 1');
    const { problems } = await verify();
    await db.database.query('UPDATE ledger_tick SET last_id = 40 WHERE tick = 1');
    expect(problems).toContainEqual(expect.objectContaining({ what: 'row-added' }));
  });

  it.each(['root', 'previous_root', 'leaves', 'signature', 'public_key', 'key_id'])('[N9] names the block with one byte changed in %s', async (column) => {
    await db.database.query(
      `UPDATE ledger_block SET ${column} = overlay(${column} placing CASE substr(${column}, 9, 1) WHEN 'a' THEN 'b' ELSE 'a' END from 9 for 1) WHERE block = 2`);
    const { problems } = await verify();
    expect(problems).toContainEqual(expect.objectContaining({ what: 'block-altered', block: 2 }));
  });

  it('[N9] names the record at whose leaf a block was changed', async () => {
    await db.database.query(`UPDATE ledger_block SET leaves = regexp_replace(leaves, '( thing ${target} 3 )(.)', '\\1x')`);
    const { problems } = await verify();
    expect(problems).toContainEqual(expect.objectContaining({ what: 'block-altered', recordId: target, version: 3 }));
  });

  it('[N9] names the current record that has one byte changed, that is gone, or that nobody ever wrote', async () => {
    const stranger = uuidv7();
    await db.database.query(`UPDATE thing SET name = replace(name, '50', '51') WHERE id = $1`, [target]);
    await db.database.query('DELETE FROM thing WHERE id = $1', [ids[3]]);
    await db.database.query(`INSERT INTO thing VALUES ($1, 1, 'x')`, [stranger]);
    const { problems } = await verify();
    expect(problems.map(({ what, recordId }) => [what, recordId]).sort()).toEqual(
      [['current-altered', target], ['current-missing', ids[3]], ['current-unknown', stranger]].sort());
  });

  it('[SEC29] finds by its anchors that the ledger was cut off at its end', async () => {
    await db.database.query('DELETE FROM ledger_block WHERE block = 3');
    const { problems } = await verify();
    expect(problems).toContainEqual(expect.objectContaining({ what: 'block-missing', block: 3 }));
    expect((await verifyAudit(each(await exported()))).ok).toBe(true);
  });

  it('[SEC29] finds a chain sealed anew with another key by its anchors, or by the keys that are trusted', async () => {
    const [{ key_id: keyId }] = await db.database.query<{ key_id: string }>('SELECT key_id FROM ledger_block') as [{ key_id: string }];
    const forgery = await mkdtemp(path.join(os.tmpdir(), 'datum-forgery-'));
    await db.database.query(`TRUNCATE ledger_block; UPDATE ledger_reader SET tick = 0, row_id = 0, epoch = 1, holder = NULL`);
    await db.database.query(`UPDATE ledger SET actor = 'somebody else' WHERE id = 5`);
    const forger = new Sealer(db.database, { home: forgery, rowsPerBlockMax: 100 });
    while (await forger.turn());
    await forger.release();
    expect((await verifyAudit(each(await exported()))).ok).toBe(true);
    expect((await verify()).problems).toContainEqual(expect.objectContaining({ what: 'block-altered', block: 1 }));
    const trusting = await verifyAudit(each(await exported()), { keyIds: [keyId] });
    expect(trusting.problems).toContainEqual(expect.objectContaining({ what: 'block-untrusted', block: 1 }));
    await rm(forgery, { recursive: true });
  });

  it('tells an export that was cut short, or has an unreadable line', async () => {
    const lines = await exported();
    expect((await verifyAudit(each(lines.slice(0, -1)))).problems[0]).toMatchObject({ what: 'export-incomplete' });
    expect((await verifyAudit(each(lines.toSpliced(5, 1)))).ok).toBe(false);
    expect((await verifyAudit(each(lines.with(5, lines[5]!.slice(1))))).problems[0]).toMatchObject({ what: 'line-unreadable' });
    expect((await verifyAudit(each([]))).ok).toBe(false);
  });

  it('counts what is not sealed or ticked yet, and does not mind it', async () => {
    const fresh = uuidv7();
    await change(fresh, 1);
    await closeTick(db.database);
    await change(fresh, 2);
    expect(await verify()).toMatchObject({ ok: true, rows: 202, rowsNotSealed: 2, blocks: 3, records: 41, currentRecords: 41 });
  });

  it.each(['last_tick = 1', 'last_tick = 1000', 'last_row_id = 3', 'row_count = 1', 'epoch = 4'])(
    '[N9] names the block whose bounds were changed to %s, and the export goes on', async (assignment) => {
      await db.database.query(`UPDATE ledger_block SET ${assignment} WHERE block = 2`);
      const { rows, blocks, problems } = await verify();
      expect([rows, blocks]).toEqual([200, 3]);
      expect(problems).toContainEqual(expect.objectContaining({ what: 'block-altered', block: 2 }));
    });

  // The last one here: it leaves an epoch behind.
  it('[R19] goes on over a restore', async () => {
    await db.database.query('TRUNCATE ledger_tick; UPDATE ledger_epoch SET first_tick = 1');
    await db.database.query('TRUNCATE ledger, ledger_block, ledger_reader, thing');
    const second = await mkdtemp(path.join(os.tmpdir(), 'datum-audit-'));
    const sealing = new Sealer(db.database, { home: second });
    const fresh = uuidv7();
    await change(fresh, 1);
    await closeTick(db.database);
    await sealing.turn();
    await change(fresh, 2);
    await db.database.query(`UPDATE ledger_epoch SET identity = 'elsewhere'`);
    await ensureLedgerEpoch(db.database);
    await change(fresh, 3);
    await closeTick(db.database);
    await sealing.turn();
    const anchored = (await readFile(path.join(second, 'anchors.ndjson'), 'utf8')).split('\n');
    expect(await verifyAudit(each(await exported()), { anchors: each(anchored) })).toMatchObject(
      { ok: true, rows: 3, rowsNotSealed: 0, blocks: 2, blocksAnchored: 2 });
    await rm(second, { recursive: true });
  });
});

describe('the Merkle tree', () => {
  // The reference splits at the largest power of two below the number of leaves [RFC 6962, 2.1].
  const reference = (leaves: Buffer[]): Buffer => {
    if (leaves.length <= 1) return merkleRoot(leaves);
    let split = 1;
    while (split * 2 < leaves.length) split *= 2;
    return merkleRoot([reference(leaves.slice(0, split)), reference(leaves.slice(split))]);
  };

  it('has the roots that RFC 6962 gives', () => {
    expect(merkleRoot([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(merkleLeaf('').toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    for (let size = 1; size <= 40; size += 1) {
      const leaves = Array.from({ length: size }, (_, n) => merkleLeaf(String(n)));
      expect(merkleRoot(leaves).equals(reference(leaves))).toBe(true);
    }
  });
});
