import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PGliteAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { CHANNEL } from './migrations/announced-changes.ts'
import type { PGliteNotification, PGliteReply, PGliteWorkerData } from './pglite-messages.ts'
import { reportUnavailable } from './unavailable.ts'

/**
 * Kysely dialect for PGlite in a worker thread. There is one connection: the adapter makes Kysely queue for it, so that a
 * transaction has exclusive use.
 *
 * @param onNotification receives the payload of a notification after its transaction is committed (see changes.ts)
 */
export function createPGliteDialect(dataDir: string, onNotification: (payload: string) => void): Dialect {
  return {
    createAdapter: () => new PGliteAdapter(),
    createDriver: () => reportUnavailable(createPGliteDriver(dataDir, onNotification)),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

function createPGliteDriver(dataDir: string, onNotification: (payload: string) => void): Driver {
  let client: PGliteClient | undefined
  const run = async (connection: DatabaseConnection, sql: string) => {
    await connection.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    async init() {
      client = await startClient(dataDir, onNotification)
    },
    async acquireConnection() {
      if (!client) throw new Error('The database is not open.')
      return client.connection
    },
    beginTransaction: (connection) => run(connection, 'begin'),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    async releaseConnection() {},
    async destroy() {
      await client?.close()
    },
  }
}

/** PGlite copies from a blob and accepts no parameters in this statement, so the parameter is the blob. */
const COPY = /^copy .* from '\/dev\/blob'$/

type PGliteClient = { connection: DatabaseConnection; close: () => Promise<void> }
type PendingReply = { resolve: (reply: PGliteReply) => void; reject: (error: Error) => void }

/** Starts the worker and waits until the database is open. */
async function startClient(dataDir: string, onNotification: (payload: string) => void): Promise<PGliteClient> {
  const data: PGliteWorkerData = { dataDir, channel: CHANNEL }
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { workerData: data, execArgv: [] })
  const pending = new Map<number, PendingReply>()
  let ended: Error | undefined
  let lastId = 0

  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of pending.values()) reject(error)
    pending.clear()
  }
  worker.on('error', end)
  worker.on('exit', () => end(new Error('The database is closed.')))
  worker.on('message', (reply: PGliteReply | PGliteNotification) => {
    if ('announced' in reply) return onNotification(reply.announced)
    pending.get(reply.id)?.resolve(reply)
    pending.delete(reply.id)
  })
  const replyTo = (id: number) => new Promise<PGliteReply>((resolve, reject) => pending.set(id, { resolve, reject }))

  const query = async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
    if (ended) throw ended
    const id = ++lastId
    worker.postMessage(COPY.test(sql) ? { id, sql, parameters: [], blob: parameters[0] } : { id, sql, parameters })
    return toResult(await replyTo(id))
  }
  const opened = await replyTo(0)
  if ('error' in opened) await worker.terminate()
  toResult(opened)
  return {
    connection: { executeQuery: query, streamQuery },
    async close() {
      if (ended) return
      const exit = once(worker, 'exit')
      worker.postMessage('close')
      await exit
    },
  }
}

function toResult<Row>(reply: PGliteReply): QueryResult<Row> {
  if ('error' in reply) {
    const { message, code } = reply.error
    throw Object.assign(new Error(message), code === undefined ? {} : { code })
  }
  // SAFETY: Kysely knows the shape of the rows from the query that it compiled.
  const rows = reply.rows as Row[]
  return reply.affectedRows === undefined ? { rows } : { rows, numAffectedRows: BigInt(reply.affectedRows) }
}

function streamQuery(): never {
  throw new Error('PGlite does not stream rows.')
}
