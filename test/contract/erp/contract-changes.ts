import { expect, it } from 'vitest';
import type { ErpRecord } from '@datum/write-back';
import type { ContractSubject } from './erp-contract.js';
import { call, creation, drain, failureOf, newKey, update } from './erp-fixture.js';
import type { RecordSample } from './erp-fixture.js';

/** Finding what changed, archived and vanished. */
export function changeTests(subject: ContractSubject, sample: RecordSample): void {
  const { recordType } = sample;
  const create = (key = newKey()): Promise<ErpRecord> => subject.port.create(creation(sample, key), call());
  const several = async (count: number): Promise<ErpRecord[]> => {
    const records: ErpRecord[] = [];
    for (let made = 0; made < count; made += 1) records.push(await create());
    return records;
  };

  it('delivers everything from the beginning, page by page, as it is now', async () => {
    const records = await several(5);
    const { records: delivered, pages } = await drain(subject.port, recordType, undefined, 2);
    expect(pages).toBeGreaterThan(2);
    for (const record of records) expect(delivered.filter(({ key }) => key === record.key)).toEqual([record]);
  });

  it('delivers afterwards only what has changed, in spite of the overlap', async () => {
    const [first] = await several(3);
    const { watermark } = await drain(subject.port, recordType, undefined);
    const quiet = await drain(subject.port, recordType, watermark);
    expect(quiet.records).toEqual([]);
    const changed = await subject.port.update(update(first!, sample.withText('Changed')), call());
    const next = await drain(subject.port, recordType, quiet.watermark);
    expect(next.records).toEqual([changed]);
    expect((await drain(subject.port, recordType, next.watermark)).records).toEqual([]);
  });

  it('delivers the same again from the same watermark', async () => {
    const { watermark } = await drain(subject.port, recordType, undefined);
    const record = await create();
    for (let time = 1; time <= 2; time += 1) {
      expect((await drain(subject.port, recordType, watermark)).records).toEqual([record]);
    }
  });

  it('loses no change that happens while it pages', async () => {
    await several(4);
    const first = await subject.port.changedSince(recordType, undefined, 2, call());
    expect(first.more).toBe(true);
    const [seen] = first.records;
    const added = await create();
    await subject.erp.edit(recordType, seen!.key, 'Edited while paging');
    const rest = await drain(subject.port, recordType, first.watermark, 2);
    const later = await drain(subject.port, recordType, rest.watermark, 2);
    const delivered = [...rest.records, ...later.records];
    expect(delivered.find(({ key }) => key === seen!.key)?.attributes).toMatchObject(sample.withText('Edited while paging'));
    expect(delivered.map(({ key }) => key)).toContain(added.key);
  });

  it('loses no row that is committed later with a time in the past', async () => {
    const [late] = await several(2);
    const { watermark } = await drain(subject.port, recordType, undefined);
    await subject.erp.edit(recordType, late!.key, 'Committed late', 120);
    const { records } = await drain(subject.port, recordType, watermark);
    const [found] = records.filter(({ key }) => key === late!.key);
    expect(found?.attributes).toMatchObject(sample.withText('Committed late'));
    expect(Date.parse(found!.changedAt!)).toBeLessThan(Date.parse(late!.changedAt!));
  });

  it('refuses a watermark it did not make', async () => {
    for (const watermark of ['', 'yesterday', Buffer.from('{"since":1}').toString('base64url')]) {
      expect((await failureOf(subject.port.changedSince(recordType, watermark, 10, call()))).kind).toBe('validation');
    }
  });

  it('shows what is archived as inactive, and not among the keys', async () => {
    const record = await create();
    const { watermark } = await drain(subject.port, recordType, undefined);
    const archived = await subject.port.update(update(record, { active: false }), call());
    expect(archived.active).toBe(false);
    expect(await subject.port.keys(recordType, call())).not.toContain(record.key);
    expect(await subject.port.read(recordType, record.key, call())).toEqual(archived);
    expect((await drain(subject.port, recordType, watermark)).records).toEqual([archived]);
    expect((await failureOf(create(record.key))).kind).toBe('conflict');
  });

  it('no longer names the key of a deleted record', async () => {
    const [gone, stays] = await several(2);
    await subject.erp.remove(recordType, gone!.key);
    const keys = await subject.port.keys(recordType, call());
    expect(keys).not.toContain(gone!.key);
    expect(keys).toContain(stays!.key);
    expect(await subject.port.read(recordType, gone!.key, call())).toBeUndefined();
  });
}
