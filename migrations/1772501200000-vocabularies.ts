import type { MigrationInterface, QueryRunner } from 'typeorm';
import { governedTable } from './governed-table.js';

export class Vocabularies1772501200000 implements MigrationInterface {
  name = 'Vocabularies1772501200000';

  async up(q: QueryRunner): Promise<void> {
    await q.query(governedTable('vocabulary_term', `
      vocabulary text NOT NULL,
      edition int NOT NULL,
      code text NOT NULL,
      definition text NOT NULL,
      parent text,
      marks jsonb,
      status text NOT NULL,
      UNIQUE (vocabulary, edition, code)`));
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE vocabulary_term');
  }
}
