/**
 * The columns every governed table begins with. The order of columns does not matter: rows are written by name.
 * (A migration that has landed must not change, so neither must this; a new common column is added by a migration of its own.)
 */
export const governedTable = (table: string, columns: string): string => `
  CREATE TABLE ${table} (
    id uuid PRIMARY KEY,
    version int NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    provenance jsonb NOT NULL DEFAULT '{}',
    ${columns}
  )`;
