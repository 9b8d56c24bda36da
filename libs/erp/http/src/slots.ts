import { ErpFailure } from '@datum/write-back';

/** A fair limit on requests in flight. Waiting costs nothing at the ERP, so a deadline that ends here is certainly without effect. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Waits for a turn and returns the function that gives it back. @throws ErpFailure `retryable` when `signal` aborts first */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw outOfTime();
    if (this.free > 0) this.free -= 1;
    else await this.turn(signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    };
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', give);
        resolve();
      };
      const give = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(outOfTime());
      };
      this.waiting.push(go);
      signal.addEventListener('abort', give, { once: true });
    });
  }
}

const outOfTime = (): ErpFailure => new ErpFailure('retryable', 'The time for the call was over before anything was sent.');
