import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * How projects treat models without a known price, and which usage rows are estimates. Existing projects keep allowing such
 * calls. The `local` project of a new database is created in the same transaction and refuses them, like every new project.
 */
export const unpricedModels: Migration = {
  async up(db) {
    await db.schema
      .alterTable('project')
      .addColumn('unpriced_models', 'text', (column) => column.notNull().defaultTo('{"type":"refuse"}'))
      .execute()
    await sql`update project set unpriced_models = '{"type":"allow"}' where created < now()`.execute(db)
    await db.schema
      .alterTable('usage')
      .addColumn('estimated', 'boolean', (column) => column.notNull().defaultTo(false))
      .execute()
  },
}
