import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

describe('slots', () => {
  it('gives turns in order and no more than there are', async () => {
    const slots = new Slots(1);
    const never = new AbortController().signal;
    const order: string[] = [];
    const release = await slots.take(never);
    const waiting = ['a', 'b'].map(async (name) => {
      const done = await slots.take(never);
      order.push(name);
      done();
    });
    expect(order).toEqual([]);
    release();
    release();
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b']);
  });

  it('lets go of a turn that nobody waits for any more', async () => {
    const slots = new Slots(1);
    const release = await slots.take(new AbortController().signal);
    const tired = new AbortController();
    const waiting = slots.take(tired.signal);
    tired.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'retryable' });
    release();
    (await slots.take(new AbortController().signal))();
  });
});
