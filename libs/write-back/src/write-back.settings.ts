/** How patient the worker is. Times are machine time in milliseconds. */
export interface WriteBackSettings {
  /** How long a claimed request belongs to its worker unless renewed. */
  leaseMs: number;
  /** How often leases of requests under way are renewed; 0: never. */
  renewEveryMs: number;
  /** Pause between looks for due requests; a new request wakes the loop at once. */
  pollMs: number;
  /** How long one ERP call may take. */
  deadlineMs: number;
  /** How long the list of all keys of a record type may take: it has many pages. */
  keysDeadlineMs: number;
  /** Tries of a request after failures that certainly had no effect; beyond it a person has to look. */
  attemptsMax: number;
  /** Failed look-ups of an unknown outcome; beyond it a person has to look. */
  lookUpsMax: number;
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** Pause between two pulls of one record type. */
  pullEveryMs: number;
  pullRowsMax: number;
  /** Pause between two comparisons of all keys. */
  reconcileEveryMs: number;
}

export const defaultWriteBackSettings: WriteBackSettings = {
  leaseMs: 30_000, renewEveryMs: 10_000, pollMs: 250, deadlineMs: 10_000, keysDeadlineMs: 120_000, attemptsMax: 8, lookUpsMax: 8, backoffBaseMs: 500, backoffMaxMs: 60_000,
  pullEveryMs: 5_000, pullRowsMax: 200, reconcileEveryMs: 3_600_000,
};

export const WRITE_BACK_SETTINGS = Symbol('write-back settings');

/** Called with the name of each step of the worker; a test ends the "process" there. */
export type Checkpoint = (name: CheckpointName, id: string) => void | Promise<void>;
export const CHECKPOINT = Symbol('write-back checkpoint');

export const checkpoints = ['claimed', 'decided', 'read', 'marking', 'marked', 'written', 'read-back', 'applying', 'applied', 'confirmed'] as const;
export type CheckpointName = (typeof checkpoints)[number];

/** Doubles from the base up to the most, and is up to a half shorter by chance, so that many do not come back at once. */
export function backoffMs({ backoffBaseMs, backoffMaxMs }: WriteBackSettings, failures: number): number {
  return Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(failures, 20)) * (1 - 0.5 * Math.random());
}
