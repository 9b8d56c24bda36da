/** A `pg_snapshot`: transactions below `xmin` and those between that are not in progress are visible in it. */
export interface Snapshot {
  readonly text: string;
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly inProgress: readonly string[];
}

/** The snapshot in which no transaction is visible: what precedes the first tick of an epoch. */
export const emptySnapshotText = '1:1:';

export function parseSnapshot(text: string): Snapshot {
  const [xmin = '1', xmax = '1', list = ''] = text.split(':');
  return { text, xmin: BigInt(xmin), xmax: BigInt(xmax), inProgress: list === '' ? [] : list.split(',') };
}

export function isVisible(xid: string, snapshot: Snapshot): boolean {
  const value = BigInt(xid);
  if (value < snapshot.xmin) return true;
  return value < snapshot.xmax && !snapshot.inProgress.includes(xid);
}

/** The index of the first snapshot, in order of time, in which the transaction is visible; visibility never ends, so halving finds it. */
export function firstVisibleIn(xid: string, snapshots: readonly Snapshot[]): number {
  let low = 0;
  let high = snapshots.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isVisible(xid, snapshots[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
