import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger, useLogger, type Logger } from '../telemetry/log.js';
import { runLoop, type Loop } from './scheduler.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('runLoop', () => {
  let written: Record<string, unknown>[];
  let before: Logger;
  const loops: Loop[] = [];
  const run: typeof runLoop = (...args) => {
    const loop = runLoop(...args);
    loops.push(loop);
    return loop;
  };
  beforeEach(() => {
    written = [];
    const destination = { write: (line: string) => written.push(JSON.parse(line) as Record<string, unknown>) };
    before = useLogger(createLogger({ level: 'debug', destination }));
  });
  afterEach(async () => {
    await Promise.all(loops.splice(0).map((loop) => loop.stop()));
    useLogger(before);
  });

  it('never overlaps itself, however often it is woken', async () => {
    let inside = 0;
    let most = 0;
    let turns = 0;
    const loop = run('busy', async () => {
      inside += 1;
      most = Math.max(most, inside);
      turns += 1;
      await pause(3);
      inside -= 1;
    }, { intervalMs: 1 });
    for (let i = 0; i < 40; i += 1) {
      loop.wake();
      await pause(1);
    }
    await vi.waitFor(() => expect(turns).toBeGreaterThan(5));
    expect(most).toBe(1);
  });

  it('turns at once when woken, and once more when woken during a turn', async () => {
    let turns = 0;
    let release: () => void = () => undefined;
    const loop = run('sleepy', async () => {
      turns += 1;
      if (turns === 2) await new Promise<void>((resolve) => void (release = resolve));
    }, { intervalMs: 3_600_000 });
    await pause(5);
    loop.wake();
    await vi.waitFor(() => expect(turns).toBe(2));
    loop.wake();
    release();
    await vi.waitFor(() => expect(turns).toBe(3));
  });

  it('goes on without a pause while more work waits, and lets others run in between', async () => {
    let turns = 0;
    let others = 0;
    const timer = setInterval(() => void (others += 1), 1);
    run('hungry', async () => {
      turns += 1;
      return turns < 2_000;
    }, { intervalMs: 3_600_000 });
    await vi.waitFor(() => expect(turns).toBe(2_000), { timeout: 10_000 });
    await vi.waitFor(() => expect(others).toBeGreaterThan(0));
    clearInterval(timer);
  });

  it('logs what a turn throws, backs off in spite of being woken, and recovers', async () => {
    let turns = 0;
    const loop = run('ailing', async () => {
      turns += 1;
      if (turns <= 2) throw new Error('no database');
    }, { intervalMs: 10, jitter: 0 });
    const waker = setInterval(() => loop.wake(), 1);
    await pause(100);
    expect(turns).toBe(1);
    await vi.waitFor(() => expect(turns).toBeGreaterThan(3), { timeout: 10_000 });
    clearInterval(waker);
    expect(written.map(({ msg, loop: name, failures }) => [msg, name, failures]))
      .toEqual([['no database', 'ailing', 1], ['no database', 'ailing', 2]]);
  });

  it('waits for the running turn when it is stopped, and starts no other', async () => {
    let turns = 0;
    let finished = 0;
    let aborted = false;
    const loop = run('last', async (signal) => {
      turns += 1;
      await pause(50);
      aborted = signal.aborted;
      finished += 1;
      return true;
    }, { intervalMs: 1 });
    await loop.stop();
    expect([turns, finished, aborted]).toEqual([1, 1, true]);
    loop.wake();
    await pause(20);
    expect(turns).toBe(1);
  });
});
