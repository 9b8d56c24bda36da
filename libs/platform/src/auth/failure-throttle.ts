import { machineNowMs } from '../clock/clock.js';

/** Counts failures per key in a sliding window; a key that has too many is shut out until the oldest of them leaves the window. */
export class FailureThrottle {
  private readonly failures = new Map<string, number[]>();

  constructor(
    private readonly failuresMax = 10,
    private readonly windowMs = 60_000,
    private readonly keysMax = 10_000,
    private readonly nowMs: () => number = machineNowMs,
  ) {}

  /** Seconds until the key may try again; 0 when it may try now. */
  waitSeconds(key: string): number {
    const recent = this.recent(key);
    if (recent.length < this.failuresMax) return 0;
    return Math.max(1, Math.ceil((recent[0]! + this.windowMs - this.nowMs()) / 1_000));
  }

  fail(key: string): void {
    const recent = [...this.recent(key), this.nowMs()];
    this.failures.delete(key);
    // Made-up keys push out the oldest, and cannot fill the memory.
    if (this.failures.size >= this.keysMax) this.failures.delete(this.failures.keys().next().value!);
    this.failures.set(key, recent);
  }

  /** Takes one failure back: what was counted in advance went well. */
  forgive(key: string): void {
    this.failures.get(key)?.pop();
  }

  private recent(key: string): number[] {
    const since = this.nowMs() - this.windowMs;
    return (this.failures.get(key) ?? []).filter((at) => at > since);
  }
}
