/**
 * Two clocks (decisions: docs/adr). *Business time* says when things happen in the plant: occurrence, validity, freshness, periods. It can be
 * simulated. *Machine time* serves leases, tokens, rate limits and ticks, and is never simulated.
 */
export class Clock {
  private offsetMs = 0;
  private frozenAtMs: number | undefined;

  /** @param simulated whether business time may be moved */
  constructor(readonly simulated = false) {}

  /** Business time as an RFC 3339 UTC instant in normal form: up to milliseconds, no trailing zeros (as the database prints it). */
  now(): string {
    return new Date(this.nowMs()).toISOString().replace(/\.?0+Z$/, 'Z');
  }

  nowMs(): number {
    return this.frozenAtMs ?? Date.now() + this.offsetMs;
  }

  /** Moves business time to `instant`; it runs on from there unless `frozen`. */
  set(instant: string, options: { frozen?: boolean } = {}): void {
    const target = Date.parse(instant);
    if (Number.isNaN(target)) throw new RangeError(`Not an instant: ${instant}`);
    this.offsetMs = target - Date.now();
    this.frozenAtMs = options.frozen ? target : undefined;
  }

  advance(ms: number): void {
    if (this.frozenAtMs === undefined) this.offsetMs += ms;
    else this.frozenAtMs += ms;
  }
}

/** Machine time in milliseconds since the epoch. */
export const machineNowMs = (): number => Date.now();
