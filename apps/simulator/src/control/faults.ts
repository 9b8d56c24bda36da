import { z } from 'zod';
import { seededRandom } from './seeded-random.js';

/** What may go wrong, per simulated system. Rates are shares of calls between 0 and 1, drawn in the order in which calls arrive. */
export const faultSettings = z.strictObject({
  seed: z.int().min(0).default(1),
  /** The call has its effect, but its answer is never sent: the connection is cut. */
  dropReplyRate: z.number().min(0).max(1).default(0),
  /** The call is answered 503 before it has any effect. */
  refuseRate: z.number().min(0).max(1).default(0),
  /** The answer waits `delayMs` after the effect. */
  delayRate: z.number().min(0).max(1).default(0),
  delayMs: z.int().min(0).max(600_000).default(0),
  /** More calls than this within one second are answered 429; 0 means no limit. */
  callsPerSecondMax: z.int().min(0).default(0),
  /** Every connection is cut on arrival, before any effect. */
  down: z.boolean().default(false),
  /** Which calls the rates apply to. */
  apply: z.enum(['writes', 'all']).default('writes'),
});

export type FaultSettings = z.infer<typeof faultSettings>;

export interface Fault {
  refuse: boolean;
  dropReply: boolean;
  delayMs: number;
}

/** The faults of one system and the generator they are drawn from. Setting them starts the generator anew. */
export class Faults {
  private settings: FaultSettings = faultSettings.parse({});
  private random = seededRandom(1);

  get current(): FaultSettings {
    return this.settings;
  }

  set(settings: FaultSettings): void {
    this.settings = settings;
    this.random = seededRandom(settings.seed);
  }

  /** Always draws three numbers for a call in scope, so that changing one rate does not move the others. */
  draw(write: boolean): Fault {
    if (!write && this.settings.apply === 'writes') return { refuse: false, dropReply: false, delayMs: 0 };
    const refuse = this.random() < this.settings.refuseRate;
    const dropReply = this.random() < this.settings.dropReplyRate;
    const delayed = this.random() < this.settings.delayRate;
    return { refuse, dropReply, delayMs: delayed ? this.settings.delayMs : 0 };
  }
}
