import { join } from 'node:path'
import { type Dialect, Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { type Changes, changeFeed } from './announce.ts'
import { lockFolder } from './folder-lock.ts'
import { MIGRATIONS } from './migrations.ts'
import { listenToPostgres } from './pg-listener.ts'
import { pgliteDialect } from './pglite-dialect.ts'
import type { Schema } from './schema.ts'

export type Database = {
  readonly db: Kysely<Schema>
  readonly changes: Changes
  readonly close: () => Promise<void>
}

/**
 * Opens the database and brings its tables up to date: PostgreSQL when there is a URL, else the embedded one in the
 * data folder.
 *
 * @throws Error when another process has the folder, or the database cannot be reached or migrated
 */
export async function openDatabase(options: { dataDir: string; databaseUrl?: string | undefined }): Promise<Database> {
  const unlock = options.databaseUrl ? () => {} : lockFolder(options.dataDir)
  const feed = changeFeed()
  const db = new Kysely<Schema>({
    dialect: options.databaseUrl
      ? postgresDialect(options.databaseUrl)
      : pgliteDialect(join(options.dataDir, 'pglite'), feed.received),
  })
  let stopListening: (() => Promise<void>) | undefined
  const close = async () => {
    await stopListening?.()
    await db.destroy()
    unlock()
  }
  try {
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } }).migrateToLatest()
    if (error) throw new Error('The database could not be opened or brought up to date.', { cause: error })
    if (options.databaseUrl) stopListening = await listenToPostgres(options.databaseUrl, feed)
  } catch (error) {
    await close()
    throw error
  }
  return { db, changes: feed, close }
}

function postgresDialect(connectionString: string): Dialect {
  const pool = new pg.Pool({ connectionString, max: 10, types: { getTypeParser } })
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  return new PostgresDialect({ pool })
}

/** int8 as a number, as PGlite is told to give it. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)
