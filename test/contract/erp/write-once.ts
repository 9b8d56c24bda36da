import { isDeepStrictEqual } from 'node:util';
import { ErpFailure } from '@datum/write-back';
import type { ErpCall, ErpPort, ErpRecord, ErpWrite } from '@datum/write-back';

/** What every caller of the port owes the ERP: after an unknown outcome it looks before it writes again. */
export async function createOnce(port: ErpPort, write: ErpWrite, call: () => ErpCall): Promise<ErpRecord> {
  return untilKnown(() => port.create(write, call()), () => lookUp(port, write, call));
}

/** The same for an update; the record is read anew for its token when the write turns out not to have happened. */
export async function updateOnce(port: ErpPort, write: ErpWrite, call: () => ErpCall): Promise<ErpRecord> {
  let token = write.token;
  return untilKnown(
    () => port.update({ ...write, ...(token === undefined ? {} : { token }) }, call()),
    async () => {
      const found = await lookUp(port, write, call);
      token = found?.token ?? token;
      return found && isDeepStrictEqual({ ...found.attributes, ...write.attributes }, found.attributes) ? found : undefined;
    },
  );
}

async function untilKnown(write: () => Promise<ErpRecord>, look: () => Promise<ErpRecord | undefined>): Promise<ErpRecord> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof ErpFailure) || !['unknown-outcome', 'retryable', 'throttled'].includes(error.kind)) throw error;
    }
    const found = await look();
    if (found) return found;
  }
  throw new Error('Still not written after ten attempts.');
}

async function lookUp(port: ErpPort, { recordType, key }: ErpWrite, call: () => ErpCall): Promise<ErpRecord | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await port.read(recordType, key, call());
    } catch (error) {
      if (!(error instanceof ErpFailure) || attempt === 10) throw error;
    }
  }
}
