import { deleteExpiredKeys, ensureLedgerPartitions, LedgerTicker, machineNowMs, runLoop, runSealer, type Loop, type Runtime } from '@datum/platform';

export interface Housekeeping { stop(): Promise<void> }

const hourMs = 3_600_000;

/** What has to go on besides the work proper: ticks and seals of the ledger, partitions for the months to come, answers nobody will repeat any more. */
export function startHousekeeping({ database, config }: Runtime, which: { ticker?: boolean; sealer?: boolean }): Housekeeping {
  const ticker = which.ticker === false ? undefined : new LedgerTicker(database);
  ticker?.start();
  const loops: Loop[] = [
    runLoop('idempotency-expiry', async () => (await deleteExpiredKeys(database, machineNowMs())) > 0, { intervalMs: hourMs / 12 }),
    runLoop('ledger-partitions', async () => void (await ensureLedgerPartitions(database)), { intervalMs: 12 * hourMs }),
  ];
  if (which.sealer !== false) loops.push(runSealer(database, { home: config.home }));
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
      await ticker?.stop();
    },
  };
}
