import { SingleBar } from 'cli-progress';
import type { Io } from '../io.js';

/** How far a step is, for whoever watches. */
export interface Progress { rows(sent: number, done: number): void; stop(): void }

const silent: Progress = { rows: () => undefined, stop: () => undefined };

/** A bar on a terminal; nothing where nobody would see it. */
export function progressOf(io: Io, step: string, wanted: boolean): Progress {
  if (!io.isTty || !wanted) return silent;
  const bar = new SingleBar({ format: `${step} {bar} {value}/{total} rows`, stream: process.stderr, clearOnComplete: false, hideCursor: true });
  bar.start(1, 0);
  return {
    rows: (sent, done) => {
      bar.setTotal(Math.max(1, sent));
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
