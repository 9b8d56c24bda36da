import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cores, pin } from './machine.js';
import type { LoadOrder, LoadReport } from './load-process.js';

/** The load generator: one process of its own, kept for the whole run so that it is warm for everybody alike. */
export class Load {
  private readonly child: ChildProcess = fork(fileURLToPath(new URL('./load-process.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

  constructor() {
    pin(this.child.pid!, cores.rest);
  }

  run(order: LoadOrder): Promise<LoadReport> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the load generator ended (${code})`));
      child.once('exit', ended);
      child.once('message', (report) => {
        child.off('exit', ended);
        resolve(report as LoadReport);
      });
      child.send(order);
    });
  }

  stop(): void {
    this.child.disconnect();
  }
}
