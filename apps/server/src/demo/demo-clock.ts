import type { Runtime } from '@datum/platform';
import { latestBusinessTime } from './demo-clock.repository.js';

/** The demo's business time starts on its day; a later start goes on from where the last one was, because records may not lie in the future. */
export async function resumeClock({ clock, database }: Runtime): Promise<void> {
  if (!clock.simulated) return;
  const latest = await latestBusinessTime(database);
  if (latest !== undefined && Date.parse(latest) > clock.nowMs()) clock.set(latest);
}
