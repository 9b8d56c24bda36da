import { Ledger1772500000000 } from './1772500000000-ledger.js';
import { Idempotency1772500100000 } from './1772500100000-idempotency.js';
import { Registry1772500200000 } from './1772500200000-registry.js';
import { Governed1772500300000 } from './1772500300000-governed.js';
import { Items1772500400000 } from './1772500400000-items.js';
import { WriteBack1772500500000 } from './1772500500000-write-back.js';
import { Boms1772500600000 } from './1772500600000-boms.js';
import { Parties1772500700000 } from './1772500700000-parties.js';
import { Inventory1772500800000 } from './1772500800000-inventory.js';
import { Orders1772500900000 } from './1772500900000-orders.js';
import { Bulk1772501000000 } from './1772501000000-bulk.js';
import { Policies1772501100000 } from './1772501100000-policies.js';
import { Vocabularies1772501200000 } from './1772501200000-vocabularies.js';

/** Every migration, in order. A new one is added at the end and never changed once it has landed. */
export const migrations = [
  Ledger1772500000000, Idempotency1772500100000, Registry1772500200000, Governed1772500300000, Items1772500400000,
  WriteBack1772500500000, Boms1772500600000,
  Parties1772500700000, Inventory1772500800000, Orders1772500900000, Bulk1772501000000,
  Policies1772501100000, Vocabularies1772501200000,
];
