/** Advisory locks of the ledger (first key: the ledger, second key: which of its duties). They are per database. */
const ledgerKey = 4_477_261;

export const ledgerLocks = {
  epoch: `${ledgerKey}, 1`,
  /** Held by the one ticker of the cluster for as long as its connection lives. */
  ticker: `${ledgerKey}, 2`,
  /** Held from before a tick's closing time is taken until the tick is committed. */
  closing: `${ledgerKey}, 3`,
  partitions: `${ledgerKey}, 4`,
} as const;

export const ledgerLockClass = ledgerKey;
export const tickerLockObject = 2;

/** The channel on which the ticker says a tick's number, or `heartbeat`. */
export const tickChannel = 'ledger_tick';
export const heartbeat = 'heartbeat';
