import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Projects, including the built-in one, and the audit of changes by admins. */
export const projects: Migration = {
  async up(db) {
    await db.schema
      .createTable('project')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('monthly_budget_usd', 'numeric')
      .addColumn('requests_per_minute', 'integer')
      .addColumn('tokens_valid_from', 'timestamptz')
      .addColumn('created', 'timestamptz', (column) => column.notNull())
      .addColumn('updated', 'timestamptz', (column) => column.notNull())
      .execute()
    await sql`insert into project (id, name, created, updated) values ('local', 'Local', now(), now())`.execute(db)
    await db.schema
      .createTable('audit')
      .addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('before', 'text')
      .addColumn('after', 'text')
      .addColumn('request_id', 'text')
      .execute()
  },
}
