/** What one ERP can bear. */
export interface CallLimits { callsPerSecond: number; parallel: number }

/**
 * The calls that this process may make to one ERP: so many per second on average, so many at once. Those who wait are served in the order they came. It
 * knows nothing of its callers, so that a budget shared through the database can take its place (N19).
 */
export class CallBudget {
  private tokens: number;
  private running = 0;
  private refilledAtMs: number;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiting: (() => void)[] = [];

  constructor(private limits: CallLimits, private readonly nowMs: () => number = () => performance.now()) {
    this.tokens = this.burst();
    this.refilledAtMs = nowMs();
  }

  /** New limits hold from the next call on. */
  adjust(limits: CallLimits): void {
    if (limits.callsPerSecond === this.limits.callsPerSecond && limits.parallel === this.limits.parallel) return;
    this.refill();
    this.limits = limits;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.serve();
  }

  get parallel(): number {
    return this.limits.parallel;
  }

  /** Waits for its turn and runs the call. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      this.serve();
    });
    try {
      return await call();
    } finally {
      this.running -= 1;
      this.serve();
    }
  }

  private serve(): void {
    this.refill();
    while (this.waiting.length > 0 && this.running < this.limits.parallel && this.tokens >= 1) {
      this.tokens -= 1;
      this.running += 1;
      this.waiting.shift()!();
    }
    if (this.waiting.length === 0 || this.running >= this.limits.parallel || this.timer) return;
    const waitMs = Math.ceil(((1 - this.tokens) / this.limits.callsPerSecond) * 1_000);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.serve();
    }, Math.max(1, waitMs));
  }

  /** A second's worth may be saved up, one call at least. */
  private burst(): number {
    return Math.max(1, this.limits.callsPerSecond);
  }

  private refill(): void {
    const now = this.nowMs();
    this.tokens = Math.min(this.burst(), this.tokens + ((now - this.refilledAtMs) / 1_000) * this.limits.callsPerSecond);
    this.refilledAtMs = now;
  }
}
