import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger, useLogger } from '../telemetry/log.js';
import { Renewal } from './renewal.js';

useLogger(createLogger({ level: 'silent', name: 'test' }));
let renewal: Renewal<string> | undefined;
afterEach(() => renewal?.stop());

describe('a renewal', () => {
  it('that failed is tried again by itself, and is behind until then', async () => {
    const held: string[] = [];
    let isAway = true;
    renewal = new Renewal('test', async () => { if (isAway) throw new Error('away'); return 'new'; }, (value) => { held.push(value); });
    await expect(renewal.renew()).rejects.toThrow('away');
    expect([renewal.isBehind, held]).toEqual([true, []]);
    isAway = false;
    await vi.waitFor(() => expect(held).toEqual(['new']), 5_000);
    expect(renewal.isBehind).toBe(false);
  });

  it('that began earlier does not overwrite one that began later', async () => {
    const held: string[] = [];
    const readings: ((value: string) => void)[] = [];
    renewal = new Renewal('test', () => new Promise((resolve) => { readings.push(resolve); }), (value) => { held.push(value); });
    const [earlier, later] = [renewal.renew(), renewal.renew()];
    readings[1]!('later');
    await later;
    readings[0]!('earlier');
    await earlier;
    expect(held).toEqual(['later']);
  });
});
