import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the event loop is: the mean delay of the last window. One long pause does not count as overload; a window full of them does. */
export class LoadMeter {
  private readonly histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  private readonly timer: NodeJS.Timeout;
  private delayMs = 0;

  constructor(windowMs = 500) {
    this.histogram.enable();
    this.timer = setInterval(() => this.read(), windowMs);
    this.timer.unref();
  }

  /** Mean delay of the last window in milliseconds, beyond what an idle loop shows. */
  get meanDelayMs(): number {
    return this.delayMs;
  }

  stop(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }

  private read(): void {
    const mean = this.histogram.mean / 1e6;
    this.histogram.reset();
    this.delayMs = Number.isNaN(mean) ? 0 : Math.max(0, mean - resolutionMs);
  }
}

const resolutionMs = 10;
