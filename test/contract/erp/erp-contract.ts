import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { ErpPort } from '@datum/write-back';
import { changeTests } from './contract-changes.js';
import { faultTests } from './contract-faults.js';
import { recordTests } from './contract-records.js';
import type { Credentials, ErpFixture, RecordSample } from './erp-fixture.js';
import { FaultProxy } from './fault-proxy.js';

/** What the parts of the suite work with. The adapter speaks through the proxy, so that everything it sends is seen. */
export interface ContractSubject {
  readonly erp: ErpFixture;
  readonly proxy: FaultProxy;
  readonly port: ErpPort;
  /** Another adapter, through the proxy; closed after the test. */
  another(credentials?: Credentials): ErpPort;
}

/**
 * The one contract of all ERP adapters. An adapter passes it against its real server where one can be run, else against a
 * simulation of its protocol, and says which in its manifest.
 */
export function describeErpContract(
  name: string, samples: readonly RecordSample[], start: () => Promise<ErpFixture>, startTimeoutMs = 60_000,
): void {
  describe(`ERP contract: ${name}`, () => {
    const opened: ErpPort[] = [];
    const subject = {} as { -readonly [Member in keyof ContractSubject]: ContractSubject[Member] };
    beforeAll(async () => {
      subject.erp = await start();
      subject.proxy = await FaultProxy.start(subject.erp.upstream);
      subject.port = subject.erp.open(subject.proxy.url);
      subject.another = (credentials) => {
        const port = subject.erp.open(subject.proxy.url, credentials);
        opened.push(port);
        return port;
      };
    }, startTimeoutMs);
    afterEach(async () => {
      subject.proxy.calm();
      await Promise.all(opened.splice(0).map((port) => port.close()));
    });
    afterAll(async () => {
      await subject.port?.close();
      await subject.proxy?.stop();
      await subject.erp?.stop();
    }, startTimeoutMs);

    describe.each(samples)('$recordType', (sample) => {
      recordTests(subject, sample);
      changeTests(subject, sample);
    });
    faultTests(subject, samples);
  });
}
