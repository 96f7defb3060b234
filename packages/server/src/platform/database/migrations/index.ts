import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { announcedChanges } from './announced-changes.ts'
import { connectionHealth } from './connection-health.ts'
import { projectTokens } from './project-tokens.ts'
import { projects } from './projects.ts'
import { sessions } from './sessions.ts'
import { unpricedModels } from './unpriced-models.ts'
import { usage } from './usage.ts'

/** All migrations, oldest first; their names sort in this order. Never edit a migration that has been released. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-first': {
    async up(db) {
      await db.schema
        .createTable('connection')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('provider', 'text', (column) => column.notNull())
        .addColumn('slug', 'text', (column) => column.notNull().unique())
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('base_url', 'text', (column) => column.notNull())
        .addColumn('headers', 'text', (column) => column.notNull())
        .addColumn('emulated', 'boolean', (column) => column.notNull())
        .addColumn('created', 'timestamptz', (column) => column.notNull())
        .addColumn('updated', 'timestamptz', (column) => column.notNull())
        .execute()
      await createStoreEntries(db)
      await db.schema
        .createTable('setting')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '0010-projects': projects,
  '0011-connection-health': connectionHealth,
  '0020-allowed-origins': {
    async up(db) {
      await db.schema
        .createTable('allowed_origin')
        .addColumn('origin', 'text', (column) => column.primaryKey())
        .addColumn('created', 'timestamptz', (column) => column.notNull())
        .execute()
    },
  },
  '0021-drills': {
    async up(db) {
      await db.schema
        .createTable('drill')
        .addColumn('connection_id', 'text', (column) =>
          column.primaryKey().references('connection.id').onDelete('cascade'),
        )
        .addColumn('fault', 'text', (column) => column.notNull())
        .addColumn('delay_ms', 'integer', (column) => column.notNull())
        .addColumn('started', 'timestamptz', (column) => column.notNull())
        .addColumn('ends', 'timestamptz', (column) => column.notNull())
        .execute()
    },
  },
  '0022-project-tokens': projectTokens,
  '0023-sessions': sessions,
  '0030-usage': usage,
  '0040-announced-changes': announcedChanges,
  '0050-doctor': {
    async up(db) {
      await db.schema
        .createTable('doctor')
        .addColumn('connection_id', 'text', (column) =>
          column.primaryKey().references('connection.id').onDelete('cascade'),
        )
        .addColumn('at', 'timestamptz', (column) => column.notNull())
        .addColumn('report', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '0051-allowed-headers': {
    async up(db) {
      await db.schema
        .alterTable('connection')
        .addColumn('allowed_headers', 'text', (column) => column.notNull().defaultTo('[]'))
        .execute()
    },
  },
  '0060-unpriced-models': unpricedModels,
}

async function createStoreEntries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('store_entry')
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('created', 'timestamptz', (column) => column.notNull())
    .addColumn('updated', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('store_entry_key', ['project_id', 'key'])
    .execute()
}
