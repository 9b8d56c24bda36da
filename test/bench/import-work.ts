import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { cpuMicros, memoryMiB } from './machine.js';
import type { Servers } from './servers.js';
import type { Stage } from './stage.js';

export interface ImportResult {
  rows: number;
  /** Items per second, from the first request to the last answer: checked, decided, written with their ledger row, committed. */
  perSecond: number;
  gatewayCpuMicrosPerRow: number | undefined;
  gatewayRssMiB: number | undefined;
  /** Rows per second of COPY of the same item and ledger rows into the same indexes. */
  copyPerSecond: number;
}

const rowsPerBatch = 500;
const senders = 2;

/** Imports new items through `:batch`, then lets COPY do the same work for comparison. */
export async function measureImport(stage: Stage, servers: Servers, rows: number): Promise<ImportResult> {
  const batches = Math.ceil(rows / rowsPerBatch);
  const before = cpuMicros(servers.gateway.pid);
  const began = performance.now();
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < batches) await sendBatch(servers, next++);
  };
  await Promise.all(Array.from({ length: senders }, send));
  const seconds = (performance.now() - began) / 1_000;
  const after = cpuMicros(servers.gateway.pid);
  const written = batches * rowsPerBatch;
  const gatewayRssMiB = memoryMiB(servers.gateway.pid)?.now;
  return {
    rows: written, perSecond: written / seconds, gatewayRssMiB,
    gatewayCpuMicrosPerRow: before === undefined || after === undefined ? undefined : (after - before) / written,
    copyPerSecond: written / (await copySeconds(stage)),
  };
}

async function sendBatch({ gateway, token }: Servers, batch: number): Promise<void> {
  const data = Array.from({ length: rowsPerBatch }, (_, i) => itemOf(batch * rowsPerBatch + i));
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/items:batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': `bench-import-${process.pid}-${String(batch).padStart(8, '0')}` },
    body: JSON.stringify({ data }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`import: ${answer.status} ${text.slice(0, 300)}`);
  const refused = (JSON.parse(text) as { data: { status: string | number }[] }).data.find(({ status }) => status !== 'created');
  if (refused) throw new Error(`import: ${JSON.stringify(refused).slice(0, 500)}`);
}

const itemOf = (i: number) => ({
  op: 'create',
  attributes: {
    code: `IMPORT-${String(i).padStart(7, '0')}`, type: 'purchased', baseUnit: 'C62', description: { en: `Imported item ${i}`, de: `Eingelesener Artikel ${i}` },
    classification: { unspsc: '27131500' }, legacyCode: `IMP-OLD-${i}`, state: 'active',
  },
});

const columnsSql = `
  SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'`;

/** COPY of the rows just imported, items and their history, into empty tables with the same columns, checks and indexes, in one transaction. */
async function copySeconds({ runtime: { database }, home }: Stage): Promise<number> {
  const sources = [
    { table: 'item', where: `code LIKE 'IMPORT-%'` },
    { table: 'ledger', where: `record_type = 'item' AND changes LIKE '%"code":"IMPORT-%'` },
  ];
  const client = await database.connect();
  try {
    const files: { table: string; columns: string; file: string }[] = [];
    for (const { table, where } of sources) {
      const columns = ((await client.query<{ columns: string }>(columnsSql, [table])).rows[0]!).columns;
      const file = path.join(home, `${table}.copy`);
      await pipeline(client.query(copyTo(`COPY (SELECT ${columns} FROM ${table} WHERE ${where}) TO STDOUT`)), createWriteStream(file));
      await client.query(`CREATE TABLE bench_${table} (LIKE ${table} INCLUDING ALL)`);
      files.push({ table, columns, file });
    }
    const began = performance.now();
    await client.query('BEGIN; SET LOCAL statement_timeout = 0');
    for (const { table, columns, file } of files) {
      await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), client.query(copyFrom(`COPY bench_${table} (${columns}) FROM STDIN`)));
    }
    await client.query('COMMIT');
    const seconds = (performance.now() - began) / 1_000;
    for (const { table, file } of files) {
      await client.query(`DROP TABLE bench_${table}`);
      await fs.rm(file);
    }
    return seconds;
  } finally {
    client.release(true);
  }
}
