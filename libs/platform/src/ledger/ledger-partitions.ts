import { gatewayActor } from '../context/actor.js';
import { newContext } from '../context/request-context.js';
import type { Database, Queryable } from '../database/database.js';
import { ledgerLocks } from './ledger-locks.js';

export interface PartitionReport {
  created: string[];
  /** Months left to the default partition, because it already holds too many of their rows to move while writers wait. */
  left: string[];
}

interface Month { name: string; from: string; to: string }

/** Rows moved out of the default partition while writers wait; some hundred milliseconds. */
const movedRowsMax = 20_000;

/**
 * Makes the monthly partitions of this month and the next ones. Called at the start of the worker and daily. The default partition takes what
 * comes when nobody called this in time; its rows move into the month's partition when it is made.
 */
export async function ensureLedgerPartitions(database: Database, monthsAhead = 2): Promise<PartitionReport> {
  const report: PartitionReport = { created: [], left: [] };
  const [clock] = await database.query<{ year: number; month: number }>(
    `SELECT extract(year FROM t)::int AS year, extract(month FROM t)::int AS month FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS t) now`,
  );
  for (let ahead = 0; ahead <= monthsAhead; ahead += 1) {
    const month = toMonth(clock!.year, clock!.month + ahead);
    const outcome = await ensureMonth(database, month);
    if (outcome !== 'exists') report[outcome].push(month.name);
  }
  return report;
}

function toMonth(year: number, month: number): Month {
  const from = new Date(Date.UTC(year, month - 1, 1)).toISOString();
  const to = new Date(Date.UTC(year, month, 1)).toISOString();
  return { name: `ledger_${from.slice(0, 7).replace('-', '_')}`, from, to };
}

async function ensureMonth(database: Database, month: Month): Promise<'exists' | 'created' | 'left'> {
  return database.transaction(newContext(gatewayActor, 'gateway'), async ({ tx }) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${ledgerLocks.partitions})`);
    const [known] = await tx.query('SELECT 1 FROM pg_class WHERE oid = to_regclass($1)', [month.name]);
    if (known) return 'exists';
    if ((await rowsInDefault(tx, month)) > movedRowsMax) return 'left';
    await createMonth(tx, month);
    return 'created';
  });
}

/** Counts no further than matters. */
async function rowsInDefault(tx: Queryable, month: Month): Promise<number> {
  const [count] = await tx.query<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM (SELECT 1 FROM ledger_default WHERE recorded_at >= $1 AND recorded_at < $2 LIMIT $3) counted`,
    [month.from, month.to, movedRowsMax + 1],
  );
  return count!.rows;
}

/**
 * A table is filled and then attached: CREATE … PARTITION OF would lock the whole ledger, and would fail while the default partition holds rows
 * of the month. Writers to the default partition wait; those to other months do not.
 */
async function createMonth(tx: Queryable, month: Month): Promise<void> {
  await tx.query('LOCK TABLE ledger_default IN ACCESS EXCLUSIVE MODE');
  await tx.query(`CREATE TABLE ${month.name} (LIKE ledger INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await tx.query(
    `WITH moved AS (DELETE FROM ledger_default WHERE recorded_at >= $1 AND recorded_at < $2 RETURNING *) INSERT INTO ${month.name} SELECT * FROM moved`,
    [month.from, month.to],
  );
  await tx.query(`ALTER TABLE ledger ATTACH PARTITION ${month.name} FOR VALUES FROM ('${month.from}') TO ('${month.to}')`);
}
