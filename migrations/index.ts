import { Ledger1772500000000 } from './1772500000000-ledger.js';

/** Every migration, in order. A new one is added at the end and never changed once it has landed. */
export const migrations = [Ledger1772500000000];
