import type { Migration } from 'kysely/migration'

/** Public facts about a connection: fingerprint of its credential, names of its headers, and health. */
export const connectionHealth: Migration = {
  async up(db) {
    await db.schema
      .alterTable('connection')
      .addColumn('fingerprint', 'text')
      .addColumn('header_names', 'text', (column) => column.notNull().defaultTo('[]'))
      .addColumn('status', 'text', (column) => column.notNull().defaultTo('unknown'))
      .addColumn('status_reason', 'text')
      .addColumn('checked_at', 'timestamptz')
      .addColumn('last_used_at', 'timestamptz')
      .execute()
  },
}
