import type { ErpCall } from '@datum/write-back';

/** One call's time, shared by every request it needs (log in, write, read back). */
export interface Deadline {
  remainingMs(): number;
  /** Aborts when the time is over or the caller gives up. */
  readonly signal: AbortSignal;
}

/** Starts the clock of a call. Machine time: deadlines are never simulated. */
export function startDeadline(call: ErpCall): Deadline {
  const endsAt = performance.now() + call.deadlineMs;
  const time = AbortSignal.timeout(Math.max(0, Math.ceil(call.deadlineMs)));
  return {
    remainingMs: () => Math.max(0, endsAt - performance.now()),
    signal: call.signal ? AbortSignal.any([time, call.signal]) : time,
  };
}
