import fastify from 'fastify';
import pg from 'pg';
import { explode } from './explode.js';
import { itemWithLines, itemWithSites } from './nested.js';
import { toItem, type ItemRow } from './rows.js';

/**
 * What a firm could write by hand in a day over the same tables: Fastify, pg, named statements, no authentication, no ownership, no limits, no
 * ledger, no metrics. It is meant to be good: instants stay text, statements are prepared, nothing is asked twice.
 */
const [port, databaseUrl] = process.argv.slice(2) as [string, string];
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text.replace(' ', 'T').replace(/\+00$/, 'Z'));
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20, options: '-c TimeZone=UTC -c DateStyle=ISO' });
const app = fastify();

app.get('/ready', async () => (await pool.query('SELECT 1')).rowCount);

app.get<{ Params: { id: string } }>('/items/:id', async (request, reply) => {
  const { rows } = await pool.query<ItemRow>({ name: 'item', text: 'SELECT * FROM item WHERE id = $1', values: [request.params.id] });
  const row = rows[0];
  if (!row) return reply.code(404).send({ title: 'not found' });
  const etag = `"v${row.version}"`;
  reply.header('ETag', etag);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return toItem(row);
});

app.get<{ Querystring: { type: string; limit: string; after?: string } }>('/items', async (request) => {
  const { type, limit, after = '00000000-0000-0000-0000-000000000000' } = request.query;
  const { rows } = await pool.query<ItemRow>({
    name: 'items', text: 'SELECT * FROM item WHERE type = $1 AND id > $2 ORDER BY id LIMIT $3', values: [type, after, Number(limit) + 1],
  });
  const page = rows.slice(0, Number(limit));
  const hasMore = rows.length > page.length;
  return { data: page.map(toItem), page: { hasMore, nextCursor: hasMore ? page.at(-1)!.id : null } };
});

app.get<{ Params: { id: string } }>('/items/:id/with-sites', async (request) => itemWithSites(pool, request.params.id));
app.get<{ Params: { id: string } }>('/items/:id/with-lines', async (request) => itemWithLines(pool, request.params.id));
app.get<{ Params: { id: string } }>('/items/:id/explosion', async (request) => explode(pool, request.params.id));

await app.listen({ port: Number(port), host: '127.0.0.1' });
