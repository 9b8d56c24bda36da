import { logger } from '../telemetry/log.js';

const retryMinMs = 200;
const retryMaxMs = 5_000;

/**
 * Keeps what a process has compiled from the database true. A reading that fails is tried again until one succeeds, because nothing else would come back to
 * it; of several that overlap, the one that began last stays.
 */
export class Renewal<T> {
  private begun = 0;
  private taken = 0;
  private failed = 0;
  private retryMs = retryMinMs;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param take must not fail */
  constructor(private readonly what: string, private readonly read: () => Promise<T>, private readonly take: (value: T) => void) {}

  /** True while a reading has failed that no later one has made up for: what is held may be out of date. */
  get isBehind(): boolean {
    return this.failed > this.taken;
  }

  /** Resolves when what was committed before the call is held. When it throws, trying goes on all the same. */
  async renew(): Promise<void> {
    const turn = (this.begun += 1);
    try {
      const value = await this.read();
      if (turn < this.taken) return;
      this.take(value);
      this.taken = turn;
      this.retryMs = retryMinMs;
    } catch (error) {
      this.failed = Math.max(this.failed, turn);
      if (this.isBehind) this.retryLater(error);
      throw error;
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private retryLater(error: unknown): void {
    if (this.stopped || this.timer) return;
    logger().warn({ what: this.what, retryMs: this.retryMs, err: error }, 'What this process holds could not be renewed and is read again');
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isBehind) void this.renew().catch(() => undefined);
    }, this.retryMs);
    this.timer.unref();
    this.retryMs = Math.min(this.retryMs * 2, retryMaxMs);
  }
}
