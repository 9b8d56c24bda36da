import { createDataSource } from '../../libs/platform/src/database/data-source.js';

/**
 * Runs statements on the server itself, one after the other, outside any transaction. Answers the rows of the
 * last.
 */
export async function admin(adminUrl: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const source = createDataSource({
    url: adminUrl, entities: [], migrations: [], poolMax: 1, applicationName: 'datum-test-admin',
  });
  await source.initialize();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = await source.query<Record<string, unknown>[]>(statement);
    return rows;
  } finally {
    await source.destroy();
  }
}

/** The same server and role, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
