import { setImmediate } from 'node:timers';
import { logError } from '../telemetry/log-error.js';

/**
 * One turn of a background loop. Answering true means that more work waits: the next turn follows at once. The signal is aborted when the
 * loop is asked to stop; a turn may use it to end early.
 */
export type LoopWork = (signal: AbortSignal) => Promise<boolean | void>;

export interface LoopSettings {
  /** Pause between turns that found nothing more to do. */
  intervalMs: number;
  /** Part of the pause that is random, 0 to 1, so that many processes do not march in step. Default 0.1. */
  jitter?: number;
  /** The longest pause after repeated failures. Default 30 s. */
  backoffMaxMs?: number;
}

export interface Loop {
  readonly name: string;
  /** Ends the loop; resolves when the running turn, if any, has ended. */
  stop(): Promise<void>;
  /** Asks for a turn now, or for one more when a turn is running. After a failure the back-off is kept. */
  wake(): void;
}

/** Runs `work` again and again, never two turns at once, the first immediately. A turn that throws is logged and makes the pause longer. */
export function runLoop(name: string, work: LoopWork, settings: LoopSettings): Loop {
  const running = new RunningLoop(name, work, settings);
  running.start();
  return running;
}

class RunningLoop implements Loop {
  private readonly abort = new AbortController();
  private failures = 0;
  private woken = false;
  private endPause: (() => void) | undefined;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly work: LoopWork,
    private readonly settings: LoopSettings,
  ) {}

  start(): void {
    this.ended = this.turns();
  }

  wake(): void {
    this.woken = true;
    if (this.failures === 0) this.endPause?.();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    this.endPause?.();
    await this.ended;
  }

  private async turns(): Promise<void> {
    while (!this.abort.signal.aborted) {
      this.woken = false;
      const more = await this.turn();
      if (this.abort.signal.aborted) return;
      // Even a loop that always has more work lets requests have their turn.
      if (more || (this.woken && this.failures === 0)) await new Promise<void>((resolve) => void setImmediate(resolve));
      else await this.pause();
    }
  }

  private async turn(): Promise<boolean> {
    try {
      const more = await this.work(this.abort.signal);
      this.failures = 0;
      return more === true;
    } catch (error) {
      // What fails because it was told to stop has not failed.
      if (this.abort.signal.aborted && error === this.abort.signal.reason) return false;
      this.failures += 1;
      logError(error, { loop: this.name, failures: this.failures });
      return false;
    }
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.pauseMs());
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endPause = undefined;
  }

  private pauseMs(): number {
    const { intervalMs, jitter = 0.1, backoffMaxMs = 30_000 } = this.settings;
    const longest = Math.max(intervalMs, backoffMaxMs);
    // A failing loop starts at no less than 100 ms: an interval of a few milliseconds would otherwise hammer what is down.
    const base = this.failures === 0 ? intervalMs : Math.min(longest, Math.max(100, intervalMs) * 2 ** Math.min(this.failures, 20));
    return base * (1 - jitter * Math.random());
  }
}
