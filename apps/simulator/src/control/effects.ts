import { Journal } from './journal.js';

/** One thing that really happened in a simulated system. The list of effects is the oracle of every test of write-back. */
export interface Effect {
  /** Counts from 1 within the system. */
  sequence: number;
  at: string;
  kind: 'create' | 'update' | 'delete';
  recordType: string;
  key: string;
  /** The idempotency key that came with the call; absent when a person in the ERP did it. */
  deduplicationKey?: string;
  caller: string;
  correlationId?: string;
  /** The record as it is afterwards; null when it is gone. */
  after: unknown;
}

/** The effect ledger of one system: in memory, and in its journal before anybody hears of an effect. */
export class Effects {
  readonly all: Effect[];
  private readonly journal: Journal<Effect>;

  constructor(path: string | undefined) {
    const { journal, lines } = Journal.open<Effect>(path);
    this.journal = journal;
    this.all = lines;
  }

  add(effect: Omit<Effect, 'sequence' | 'at'>): Effect {
    const entry: Effect = { sequence: this.all.length + 1, at: new Date().toISOString(), ...effect };
    this.journal.append(entry);
    this.all.push(entry);
    return entry;
  }

  close(): void {
    this.journal.close();
  }
}
