import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallBudget } from './call-budget.js';

describe('a call budget', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }); });
  afterEach(() => { vi.useRealTimers(); });

  it('lets so many calls through per second, in the order they came', async () => {
    const budget = new CallBudget({ callsPerSecond: 5, parallel: 100 });
    const done: number[] = [];
    const all = Promise.all(Array.from({ length: 20 }, (_, i) => budget.run(async () => { done.push(i); })));
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(done).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(2_010);
    await all;
    expect(done).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('never has more calls under way than it may, also when calls fail', async () => {
    const budget = new CallBudget({ callsPerSecond: 1_000, parallel: 3 });
    let running = 0;
    let most = 0;
    const all = Promise.allSettled(Array.from({ length: 12 }, (_, i) => budget.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => { setTimeout(resolve, 10); });
      running -= 1;
      if (i % 2 === 0) throw new Error('refused');
    })));
    await vi.advanceTimersByTimeAsync(100);
    expect((await all).filter(({ status }) => status === 'rejected')).toHaveLength(6);
    expect(most).toBe(3);
  });

  it('takes new limits at once', async () => {
    const budget = new CallBudget({ callsPerSecond: 0.001, parallel: 1 });
    const first = budget.run(async () => undefined);
    const second = budget.run(async () => 'through');
    await first;
    budget.adjust({ callsPerSecond: 100, parallel: 1 });
    await vi.advanceTimersByTimeAsync(20);
    await expect(second).resolves.toBe('through');
  });
});
