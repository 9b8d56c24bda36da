import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { RequestContext, TxContext } from '../context/request-context.js';
import { toAppError } from './database-errors.js';

type Row = Record<string, unknown>;

/** Anything SQL can be sent to: the pool, or one transaction. */
export interface Queryable {
  query<R extends object = Row>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Runs a prepared statement. The same name must always carry the same text, with its columns written out: `*` would break with the next migration. */
  named<R extends object = Row>(name: string, text: string, values?: unknown[]): Promise<R[]>;
}

/**
 * The one pool, owned by the TypeORM data source. Plain reads go through `query` or, when hot, through `named` (a server-side prepared
 * statement, measured at less than half the latency of an unnamed one). Writes go through `transaction`.
 */
export class Database implements Queryable {
  /** @param dataSource initialised */
  constructor(readonly dataSource: DataSource) {
    // A connection that dies while it is checked out raises an event besides failing its query; without an ear it would end the process.
    // (The pool's own ear is still on at this moment and goes right after it, so counting ears would not do.)
    this.wholePool.on('acquire', (client) => { if (!client.listeners('error').includes(ignored)) client.on('error', ignored); });
  }

  /** The transaction that the running code is in; kept only after `refuseNested`. */
  private inside: AsyncLocalStorage<{ open: boolean }> | undefined;

  /**
   * From now on, work that holds a transaction's connection and asks the pool for a second one fails at once, instead of only when so many do it
   * together that all wait for each other. For tests: following every promise costs time.
   */
  refuseNested(): void {
    this.inside = new AsyncLocalStorage();
  }

  private get pool(): pg.Pool {
    if (this.inside?.getStore()?.open) throw new Error('Code inside a transaction asked the pool for a second connection: read through context.tx.');
    return this.wholePool;
  }

  private get wholePool(): pg.Pool {
    return (this.dataSource.driver as unknown as { master: pg.Pool }).master;
  }

  async query<R extends object = Row>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    return guarded(async () => (await this.pool.query<pg.QueryResultRow & R>(sql, params as unknown[])).rows);
  }

  /** Runs a prepared statement. The same name must always carry the same text. */
  async named<R extends object = Row>(name: string, text: string, values: unknown[] = []): Promise<R[]> {
    return guarded(async () => (await this.pool.query<pg.QueryResultRow & R>({ name, text, values })).rows);
  }

  /**
   * Runs `work` in one transaction and commits. When `context` is in a transaction already, it joins that one, so that an effect and the
   * idempotency row of its request commit together.
   * @throws AppError of kind `unavailable` when the database cannot be reached, `conflict` on a serialisation failure.
   */
  async transaction<T>(context: RequestContext, work: (tx: TxContext) => Promise<T>): Promise<T> {
    if (context.tx) return work(context as TxContext);
    const client = await guarded(() => this.pool.connect());
    const tx = new Transaction(client);
    try {
      await guarded(() => client.query('BEGIN'));
      const result = await this.marked(() => work({ ...context, tx }));
      await guarded(() => client.query('COMMIT'));
      client.release();
      tx.committed();
      return result;
    } catch (error) {
      // A connection that cannot even roll back is broken: destroy it instead of handing it to the next caller.
      const broken = await client.query('ROLLBACK').then(() => false, () => true);
      client.release(broken);
      throw error;
    }
  }

  private async marked<T>(work: () => Promise<T>): Promise<T> {
    if (!this.inside) return work();
    const mark = { open: true };
    try {
      return await this.inside.run(mark, work);
    } finally {
      // What was started inside and goes on afterwards (a timer, a worker that was woken) holds no connection any more.
      mark.open = false;
    }
  }

  /** Connections of the pool, and callers waiting for one, for the metrics. */
  poolCounts(): { total: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.wholePool;
    return { total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /** A dedicated connection, for LISTEN, COPY and streams. The caller must release it. */
  async connect(): Promise<pg.PoolClient> {
    return guarded(() => this.pool.connect());
  }
}

/** One open transaction. The plain database handle is out of reach of code that takes a `TxContext`. */
export class Transaction implements Queryable {
  private readonly afterCommitWork: (() => void)[] = [];

  constructor(private readonly client: pg.PoolClient) {}

  async query<R extends object = Row>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    return guarded(async () => (await this.client.query<pg.QueryResultRow & R>(sql, params as unknown[])).rows);
  }

  async named<R extends object = Row>(name: string, text: string, values: unknown[] = []): Promise<R[]> {
    return guarded(async () => (await this.client.query<pg.QueryResultRow & R>({ name, text, values })).rows);
  }

  /** Runs `work` inside a savepoint: its failure leaves the transaction usable, and what it wanted done after the commit is forgotten. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const wanted = this.afterCommitWork.length;
    await this.query('SAVEPOINT step');
    try {
      const result = await work();
      await this.query('RELEASE SAVEPOINT step');
      return result;
    } catch (error) {
      this.afterCommitWork.length = wanted;
      await this.query('ROLLBACK TO SAVEPOINT step');
      throw error;
    }
  }

  /** In-process consequences that must not happen when the transaction rolls back (dropping cache entries, waking a worker). */
  afterCommit(work: () => void): void {
    this.afterCommitWork.push(work);
  }

  committed(): void {
    for (const work of this.afterCommitWork) work();
  }
}

const ignored = (): void => undefined;

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toAppError(error);
  }
}
