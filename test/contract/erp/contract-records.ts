import { expect, it } from 'vitest';
import type { EntityCapability, ErpFailure } from '@datum/write-back';
import type { ContractSubject } from './erp-contract.js';
import { call, creation, drain, failureOf, newKey, update } from './erp-fixture.js';
import type { RecordSample } from './erp-fixture.js';

/** Reading and writing one record. */
export function recordTests(subject: ContractSubject, sample: RecordSample): void {
  const { recordType } = sample;
  const capability = (): EntityCapability => subject.port.manifest.entities.find((entity) => entity.recordType === recordType)!;
  const read = async (key: string) => (await subject.port.read(recordType, key, call()))!;

  it('has a manifest that is true for every attribute', async () => {
    const { readable, writable } = capability();
    expect(Object.keys(sample.create).sort()).toEqual([...writable].sort());
    expect(Object.keys(sample.change).sort()).toEqual([...writable].sort());
    let record = await subject.port.create(creation(sample, newKey()), call());
    expect(Object.keys(record.attributes).sort()).toEqual([...readable].sort());
    expect(record.attributes).toMatchObject(sample.create);
    for (const attribute of writable) {
      const before = record.attributes;
      record = await subject.port.update(update(record, { [attribute]: sample.change[attribute] }), call());
      expect(record.attributes).toEqual({ ...before, [attribute]: sample.change[attribute] });
      expect(await read(record.key)).toEqual(record);
    }
  });

  it('refuses attributes that its manifest does not name, and writes nothing', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    const failure = await failureOf(subject.port.update(update(record, { ...sample.withText('no'), favouriteColour: 'red' }), call()));
    expect(failure).toMatchObject({ kind: 'validation', options: { field: 'favouriteColour' } });
    expect(await read(record.key)).toEqual(record);
  });

  it('finds nothing under an unknown key', async () => {
    expect(await subject.port.read(recordType, newKey('none'), call())).toBeUndefined();
  });

  it('creates and reads back', async () => {
    const key = newKey();
    const created = await subject.port.create(creation(sample, key), call());
    expect(created).toMatchObject({ recordType, key, active: true });
    expect(created.token).toEqual(expect.any(String));
    expect(created.attributes).toMatchObject({ code: key });
    expect(await read(key)).toEqual(created);
    expect(await subject.port.keys(recordType, call())).toContain(key);
  });

  it('refuses a second create under the same key as a conflict', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    const failure = await failureOf(subject.port.create(creation(sample, record.key, { ...sample.create, ...sample.withText('two') }), call()));
    expect(failure.kind).toBe('conflict');
    expect(await read(record.key)).toEqual(record);
  });

  it('updates with a fresh token and moves the token', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    const updated = await subject.port.update(update(record, sample.withText('Fresh')), call());
    expect(updated.attributes).toMatchObject(sample.withText('Fresh'));
    expect(updated.token).not.toBe(record.token);
  });

  it('refuses a stale token as a conflict and changes nothing', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    await subject.erp.edit(recordType, record.key, 'Edited in the ERP');
    const now = await read(record.key);
    const failure = await failureOf(subject.port.update(update(record, sample.withText('Lost update')), call()));
    expect(failure.kind).toBe('conflict');
    expect(await read(record.key)).toEqual(now);
    expect(now.attributes).toMatchObject(sample.withText('Edited in the ERP'));
  });

  it('refuses a token that goes stale while the write is on its way', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    const edited = (): Promise<void> => subject.erp.edit(recordType, record.key, 'A moment earlier');
    subject.proxy.meet((exchange) => (subject.erp.isWrite(exchange) ? { kind: 'hold', until: edited } : { kind: 'pass' }));
    expect((await failureOf(subject.port.update(update(record, sample.withText('Lost update')), call()))).kind).toBe('conflict');
    expect((await read(record.key)).attributes).toMatchObject(sample.withText('A moment earlier'));
  });

  it('lets one of two creates under the same key win', async () => {
    const key = newKey();
    const attempts = await Promise.allSettled(
      ['one', 'two'].map((text) => subject.port.create(creation(sample, key, { ...sample.create, ...sample.withText(text) }), call())),
    );
    const lost = attempts.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(lost).toHaveLength(1);
    expect(['conflict', 'retryable']).toContain((lost[0]!.reason as ErpFailure).kind);
    const { records } = await drain(subject.port, recordType, undefined);
    expect(records.filter((record) => record.key === key)).toHaveLength(1);
  });

  it('never sends an update without a token', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    subject.proxy.calm();
    const { token: _token, ...blind } = update(record, sample.withText('Blind'));
    expect((await failureOf(subject.port.update(blind, call()))).kind).toBe('conflict');
    expect(subject.proxy.exchanges.filter((exchange) => subject.erp.isWrite(exchange))).toEqual([]);
  });

  it('answers an update of an unknown key with not-found', async () => {
    const record = await subject.port.create(creation(sample, newKey()), call());
    const failure = await failureOf(subject.port.update({ ...update(record, sample.withText('x')), key: newKey('none') }, call()));
    expect(failure.kind).toBe('not-found');
  });

  it.runIf(sample.refused)('says a refusal of the ERP in our words', async () => {
    const refused = sample.refused!;
    const key = newKey();
    const onCreate = await failureOf(subject.port.create(creation(sample, key, { ...sample.create, ...refused }), call()));
    expect(onCreate.kind).toBe('validation');
    expect(onCreate.message).not.toMatch(subject.erp.internals);
    expect(await subject.port.read(recordType, key, call())).toBeUndefined();

    const record = await subject.port.create(creation(sample, newKey()), call());
    const onUpdate = await failureOf(subject.port.update(update(record, refused), call()));
    expect(onUpdate).toMatchObject({ kind: 'validation', options: { field: Object.keys(refused)[0] } });
    expect(onUpdate.message).not.toMatch(subject.erp.internals);
    expect(await read(record.key)).toEqual(record);
  });

  it('clears what is null and leaves what is absent', async () => {
    let record = await subject.port.create(creation(sample, newKey()), call());
    for (const attribute of sample.clearable) {
      const before = record.attributes;
      record = await subject.port.update(update(record, { [attribute]: null }), call());
      expect(record.attributes).toEqual({ ...before, [attribute]: null });
    }
    const cleared = record.attributes;
    record = await subject.port.update(update(record, sample.withText('Only this')), call());
    expect(record.attributes).toEqual({ ...cleared, ...sample.withText('Only this') });
  });

  it('keeps unicode and leading zeros', async () => {
    const key = `000${newKey('0')}`;
    const text = 'Größe 5 µm – Nº 7 • 减速机 🔧 "quoted" \\ <b>&amp;';
    await subject.port.create(creation(sample, key, { ...sample.create, ...sample.withText(text) }), call());
    const record = await read(key);
    expect(record.key).toBe(key);
    expect(record.attributes).toMatchObject({ code: key, ...sample.withText(text) });
  });

  it.runIf(sample.decimals)('keeps decimals exactly', async () => {
    const { attribute, values } = sample.decimals!;
    let record = await subject.port.create(creation(sample, newKey()), call());
    for (const value of values) {
      record = await subject.port.update(update(record, { [attribute]: value }), call());
      expect(record.attributes[attribute]).toBe(value);
    }
  });
}
