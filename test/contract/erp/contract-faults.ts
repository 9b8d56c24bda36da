import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ErpPort } from '@datum/write-back';
import type { ContractSubject } from './erp-contract.js';
import { call, creation, failureOf, newKey, update } from './erp-fixture.js';
import type { RecordSample } from './erp-fixture.js';
import { seededFaults } from './fault-proxy.js';
import type { Exchange, ProxyFault } from './fault-proxy.js';
import { createOnce, updateOnce } from './write-once.js';

const json = { 'content-type': 'application/json' };

/** Answers that no adapter may believe. */
const garbage: Record<string, { status: number; headers?: Record<string, string>; body?: string }> = {
  'an HTML page': { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><h1>Maintenance</h1></html>' },
  'an HTML page that claims to be JSON': { status: 200, headers: json, body: '<html></html>' },
  'a not-found page of somebody else': { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' },
  'an empty answer': { status: 200, headers: json },
  'a list where an object belongs': { status: 200, headers: json, body: '[1,2,3]' },
  'an object of other members': { status: 200, headers: json, body: '{"hello":"world"}' },
  'members of the wrong types': { status: 200, headers: json, body: '{"id":"x","result":[{"id":"7"}],"itemNo":7,"vendNo":{},"data":{}}' },
  'null': { status: 200, headers: json, body: 'null' },
  'ten megabytes': { status: 200, headers: json, body: `{"result":"${'x'.repeat(10_485_760)}"}` },
  'bytes that are no text': { status: 200, headers: json, body: undefined },
};

/** What the network and a misbehaving ERP may do. */
export function faultTests(subject: ContractSubject, samples: readonly RecordSample[]): void {
  const sample = samples[0]!;
  const onWrites = (fault: ProxyFault) => (exchange: Exchange): ProxyFault => (subject.erp.isWrite(exchange) ? fault : { kind: 'pass' });
  const create = () => subject.port.create(creation(sample, newKey()), call());
  const read = (key: string) => subject.port.read(sample.recordType, key, call());

  describe('access', () => {
    it('answers a ping', async () => {
      await subject.port.ping(call());
    });

    it('takes wrong credentials for what they are and does not try them again', async () => {
      const port = subject.another('wrong');
      for (let time = 1; time <= 3; time += 1) {
        const failure = await failureOf(port.ping(call(60_000)));
        expect(failure.kind).toBe('auth');
        expect(failure.message).not.toMatch(subject.erp.internals);
      }
      await failureOf(port.read(sample.recordType, 'x', call()));
      expect(subject.proxy.exchanges).toHaveLength(1);
    });

    it('names a missing right as forbidden', async () => {
      const record = await create();
      const port = subject.another('powerless');
      const failure = await failureOf(port.update(update(record, sample.withText('Not mine')), call()));
      expect(failure.kind).toBe('forbidden');
      expect(failure.message).not.toMatch(subject.erp.internals);
      expect(await read(record.key)).toEqual(record);
    });

    it('never makes more parallel requests than its manifest says', async () => {
      const { parallel } = subject.port.manifest.limits;
      subject.proxy.meet({ kind: 'delay', ms: 50 });
      await Promise.all(Array.from({ length: parallel * 4 }, (_, number) => read(newKey(`none${number}`))));
      expect(subject.proxy.inFlightMax).toBeLessThanOrEqual(parallel);
      expect(subject.proxy.inFlightMax).toBeGreaterThan(1);
    });
  });

  describe('lost answers', () => {
    for (const kind of ['hang', 'reset'] as const) {
      it(`calls a create unknown when its answer is lost (${kind}), and a look-up by key finds it`, async () => {
        const key = newKey();
        await subject.port.ping(call());
        subject.proxy.meet(onWrites({ kind }));
        expect((await failureOf(subject.port.create(creation(sample, key), call(2_000)))).kind).toBe('unknown-outcome');
        subject.proxy.calm();
        expect((await read(key))?.attributes).toMatchObject(sample.create);
      });

      it(`calls an update unknown when its answer is lost (${kind}), and a look-up by key finds it`, async () => {
        const record = await create();
        subject.proxy.meet(onWrites({ kind }));
        const write = update(record, sample.withText('Arrived'));
        expect((await failureOf(subject.port.update(write, call(2_000)))).kind).toBe('unknown-outcome');
        subject.proxy.calm();
        expect((await read(record.key))?.attributes).toMatchObject(sample.withText('Arrived'));
      });
    }

    it('calls a write unknown when the connection breaks before the ERP got it: it cannot know', async () => {
      const key = newKey();
      await subject.port.ping(call());
      subject.proxy.meet(onWrites({ kind: 'cut' }));
      expect((await failureOf(subject.port.create(creation(sample, key), call()))).kind).toBe('unknown-outcome');
      subject.proxy.calm();
      expect(await read(key)).toBeUndefined();
    });

    it('calls a late read unavailable, not unknown', async () => {
      await subject.port.ping(call());
      subject.proxy.meet({ kind: 'delay', ms: 3_000 });
      expect((await failureOf(subject.port.read(sample.recordType, 'x', call(300)))).kind).toBe('unavailable');
    });

    it('says unavailable when nothing listens, for a write too: nothing was sent', async () => {
      await subject.port.ping(call());
      await subject.proxy.refuse();
      try {
        expect((await failureOf(read('x'))).kind).toBe('unavailable');
        expect((await failureOf(create())).kind).toBe('unavailable');
      } finally {
        await subject.proxy.accept();
      }
      await subject.port.ping(call());
    });

    it('gives up at once when the caller does', async () => {
      const stop = new AbortController();
      stop.abort();
      subject.proxy.calm();
      expect((await failureOf(subject.port.create(creation(sample, newKey()), { ...call(), signal: stop.signal }))).kind).toBe('retryable');
      expect(subject.proxy.exchanges).toEqual([]);
    });

    it('has 200 effects, each once, for 100 creates and 100 updates with a tenth of the answers lost', async () => {
      const done = { create: 0, update: 0 };
      const lossy = seededFaults(42, 0.1, { kind: 'reset' }, (exchange) => subject.erp.isWrite(exchange));
      await subject.port.ping(call());
      for (const purpose of ['create', 'update'] as const) {
        subject.proxy.calm();
        subject.proxy.meet(lossy);
        await (purpose === 'create' ? createHundred(subject.port, sample) : updateHundred(subject.port, sample));
        done[purpose] = subject.proxy.exchanges.filter((exchange) => subject.erp.isWrite(exchange) && subject.erp.wasDone(exchange)).length;
        const lost = subject.proxy.exchanges.filter((exchange) => exchange.reply && !exchange.delivered);
        expect(lost.length).toBeGreaterThan(0);
      }
      expect(done).toEqual({ create: 100, update: 100 });
    }, 300_000);
  });

  describe('limits and garbage', () => {
    it('hands on the pause that the ERP asks for', async () => {
      await subject.port.ping(call());
      subject.proxy.meet({ kind: 'answer', answer: { status: 429, headers: { ...json, 'retry-after': '7' }, body: '{}' } });
      for (const work of [read('x'), create()]) {
        expect(await failureOf(work)).toMatchObject({ kind: 'throttled', options: { retryAfterMs: 7_000 } });
      }
      const inAMinute = new Date(Date.now() + 60_000).toUTCString();
      subject.proxy.meet({ kind: 'answer', answer: { status: 429, headers: { 'retry-after': inAMinute } } });
      const { retryAfterMs } = (await failureOf(read('x'))).options;
      expect(retryAfterMs).toBeGreaterThan(50_000);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    it.each(Object.keys(garbage))('does not believe %s', async (name) => {
      const answer = { ...garbage[name]!, body: name === 'bytes that are no text' ? Buffer.from([0xff, 0xfe, 0x00]) : garbage[name]!.body };
      const cleaned = { status: answer.status, ...(answer.headers && { headers: answer.headers }), ...(answer.body && { body: answer.body }) };
      await subject.port.ping(call());
      subject.proxy.meet({ kind: 'answer', answer: cleaned });
      const attempts = [
        () => read('x'), () => subject.port.changedSince(sample.recordType, undefined, 10, call()),
        () => subject.port.keys(sample.recordType, call()),
      ];
      for (const attempt of attempts) expect((await failureOf(attempt())).kind).toBe('unavailable');

      const key = newKey();
      subject.proxy.meet(onWrites({ kind: 'replace', answer: cleaned }));
      expect((await failureOf(subject.port.create(creation(sample, key), call()))).kind).toBe('unknown-outcome');
      subject.proxy.calm();
      expect(await read(key)).toBeDefined();
    });

    it('follows no redirect', async () => {
      let visits = 0;
      const elsewhere = createServer((_request, response) => response.end(String((visits += 1))));
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
      try {
        await subject.port.ping(call());
        for (const status of [301, 302, 307, 308]) {
          subject.proxy.meet({ kind: 'answer', answer: { status, headers: { location } } });
          expect((await failureOf(read('x'))).kind).toBe('unavailable');
        }
        expect(visits).toBe(0);
      } finally {
        await new Promise((resolve) => elsewhere.close(resolve));
      }
    });

    it('calls a server error after a write unknown, and after a read unavailable', async () => {
      await subject.port.ping(call());
      const answer = { status: 500, headers: { 'content-type': 'text/html' }, body: '<h1>Traceback (most recent call last)</h1>' };
      subject.proxy.meet({ kind: 'answer', answer });
      expect((await failureOf(read('x'))).kind).toBe('unavailable');
      subject.proxy.meet(onWrites({ kind: 'replace', answer }));
      const failure = await failureOf(create());
      expect(failure.kind).toBe('unknown-outcome');
      expect(failure.message).not.toMatch(subject.erp.internals);
    });
  });
}

const hundredKeys = Array.from({ length: 100 }, (_, number) => number);
const keyOf = (port: ErpPort, number: number): string => `${port.manifest.product.slice(0, 3).toUpperCase()}-ONCE-${number}`;

async function createHundred(port: ErpPort, sample: RecordSample): Promise<void> {
  await inParallel(port, hundredKeys, async (number) => {
    await createOnce(port, creation(sample, keyOf(port, number)), () => call());
  });
}

async function updateHundred(port: ErpPort, sample: RecordSample): Promise<void> {
  await inParallel(port, hundredKeys, async (number) => {
    const record = await readStubbornly(port, sample.recordType, keyOf(port, number));
    await updateOnce(port, update(record, sample.withText(`Updated ${number}`)), () => call());
  });
}

async function readStubbornly(port: ErpPort, recordType: string, key: string) {
  const record = await port.read(recordType, key, call());
  if (!record) throw new Error(`${key} has vanished.`);
  return record;
}

async function inParallel(port: ErpPort, numbers: readonly number[], work: (number: number) => Promise<void>): Promise<void> {
  const rest = [...numbers];
  await Promise.all(Array.from({ length: port.manifest.limits.parallel }, async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next);
  }));
}
