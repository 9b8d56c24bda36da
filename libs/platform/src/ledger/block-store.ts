import type { Queryable } from '../database/database.js';
import type { SealedBlock } from './sealed-block.js';

type RawBlock = Omit<SealedBlock, 'block' | 'firstTick' | 'lastTick' | 'lastRowId'>
  & Record<'block' | 'firstTick' | 'lastTick' | 'lastRowId', string>;

const columns = `
  block, epoch, first_tick AS "firstTick", last_tick AS "lastTick", last_row_id AS "lastRowId", row_count AS "rowCount", leaves, root,
  previous_root AS "previousRoot", key_id AS "keyId", public_key AS "publicKey", signature, sealed_at AS "sealedAt"`;

const toBlock = (raw: RawBlock): SealedBlock => ({
  ...raw,
  block: Number(raw.block),
  firstTick: Number(raw.firstTick),
  lastTick: Number(raw.lastTick),
  lastRowId: Number(raw.lastRowId),
  sealedAt: new Date(raw.sealedAt).toISOString(),
});

export async function lastBlock(queryable: Queryable): Promise<SealedBlock | undefined> {
  const [raw] = await queryable.query<RawBlock>(`SELECT ${columns} FROM ledger_block ORDER BY block DESC LIMIT 1`);
  return raw && toBlock(raw);
}

/** The blocks after the given one, by number. A block holds up to a megabyte of leaves: ask for few. */
export async function blocksAfter(queryable: Queryable, block: number, limit: number): Promise<SealedBlock[]> {
  const raw = await queryable.query<RawBlock>(`SELECT ${columns} FROM ledger_block WHERE block > $1 ORDER BY block LIMIT $2`, [block, limit]);
  return raw.map(toBlock);
}

/** The number of the first block behind (epoch, block): after a restore, block numbers are used again in a new epoch. */
export async function firstBlockBehind(queryable: Queryable, epoch: number, block: number): Promise<number | undefined> {
  const [row] = await queryable.query<{ block: string }>(
    'SELECT block FROM ledger_block WHERE (epoch, block) > ($1, $2) ORDER BY epoch, block LIMIT 1',
    [epoch, block],
  );
  return row && Number(row.block);
}

export async function insertBlock(queryable: Queryable, block: SealedBlock): Promise<void> {
  await queryable.query(
    `INSERT INTO ledger_block (block, epoch, first_tick, last_tick, last_row_id, row_count, leaves, root, previous_root, key_id, public_key,
                               signature, sealed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [block.block, block.epoch, block.firstTick, block.lastTick, block.lastRowId, block.rowCount, block.leaves, block.root,
      block.previousRoot, block.keyId, block.publicKey, block.signature, block.sealedAt],
  );
}

/** Every key that has sealed a block. */
export async function sealingKeys(queryable: Queryable): Promise<{ keyId: string; publicKey: string }[]> {
  return queryable.query('SELECT DISTINCT key_id AS "keyId", public_key AS "publicKey" FROM ledger_block ORDER BY 1');
}
