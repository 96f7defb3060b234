import { join } from 'node:path'
import { type Dialect, Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { ApiError } from '../errors.ts'
import { type Changes, createChangeFeed } from './changes.ts'
import { lockFolder } from './folder-lock.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { listenToPostgres } from './pg-listener.ts'
import { createPGliteDialect } from './pglite-dialect.ts'
import type { Schema } from './schema.ts'
import { reportUnavailable } from './unavailable.ts'

export type Database = {
  readonly db: Kysely<Schema>
  readonly changes: Changes
  /** Whether the database is the embedded PGlite. */
  readonly isEmbedded: boolean
  /** Undefined for the embedded database, which has one connection. */
  readonly poolState: (() => PoolState) | undefined
  readonly close: () => Promise<void>
}

/** Connections to PostgreSQL, and queries waiting for one. */
export type PoolState = { readonly total: number; readonly idle: number; readonly waiting: number }

/**
 * Opens the database and runs its migrations: PostgreSQL if there is a URL, else the embedded database in the data folder.
 *
 * @throws Error if another process uses the folder, or the database can't be reached or migrated
 */
export async function openDatabase(options: { dataDir: string; databaseUrl?: string | undefined }): Promise<Database> {
  const unlock = options.databaseUrl ? () => {} : await lockFolder(options.dataDir)
  const feed = createChangeFeed()
  const pool = options.databaseUrl ? postgresPool(options.databaseUrl) : undefined
  const db = new Kysely<Schema>({
    dialect: pool ? postgresDialect(pool) : createPGliteDialect(join(options.dataDir, 'pglite'), feed.received),
  })
  let stopListening: (() => Promise<void>) | undefined
  const close = async () => {
    await stopListening?.()
    await db.destroy()
    unlock()
  }
  try {
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } }).migrateToLatest()
    if (error) throw cannotOpen(error, pool === undefined)
    if (options.databaseUrl) stopListening = await listenToPostgres(options.databaseUrl, feed)
  } catch (error) {
    await close()
    throw error
  }
  const poolState = pool && (() => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }))
  return { db, changes: feed, isEmbedded: pool === undefined, poolState, close }
}

/** Contains the error code. Omits messages of PostgreSQL's driver, which may contain the URL. */
function cannotOpen(error: unknown, isEmbedded: boolean): Error {
  const cause = error instanceof ApiError ? error.cause : error
  const code = cause instanceof Error && 'code' in cause && cause.code
  const message = isEmbedded && cause instanceof Error && cause.message
  const reason = [code, message].filter(Boolean).join(': ')
  const remedy = isEmbedded ? '' : ' Check DATABASE_URL, and that the database runs and accepts connections from here.'
  return new Error(`The database can't be opened or migrated${reason && ` (${reason})`}.${remedy}`, { cause: error })
}

function postgresDialect(pool: pg.Pool): Dialect {
  const dialect = new PostgresDialect({ pool })
  const createDriver = dialect.createDriver.bind(dialect)
  return Object.assign(dialect, { createDriver: () => reportUnavailable(createDriver()) })
}

/** Timeout for a connection to the database, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000

function postgresPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    types: { getTypeParser },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  // The pool replaces a connection that breaks while idle. Without a listener, the error would end the process.
  pool.on('error', () => {})
  // The pool listens to idle connections only. One that breaks between the queries of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Parses int8 as a number, as the embedded database does. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)
