import { CompiledQuery, sql, type Transaction } from 'kysely'
import { noteUse } from '../connections/health.ts'
import type { Database } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { usesOf } from './health.ts'
import type { UsageRecord } from './record.ts'

/** Keeps records in memory for a moment and writes them together. */
export type UsageWriter = {
  readonly add: (record: UsageRecord) => void
  /** How many are not written yet. */
  readonly waiting: () => number
  /** Resolves when all that were added until now are written, or could not be. */
  readonly flush: () => Promise<void>
}

/** Milliseconds: so much of what was acknowledged a `kill -9` can cost, and the time of one write. */
const EVERY = 500

/** Rows of one write. */
const BATCH = 5_000

/**
 * @param settle called within the transaction that writes the records: what is counted of them is counted with them
 * @param onError what kept records from being written; they are tried again
 */
export function usageWriter(
  { db, isEmbedded: embedded }: Pick<Database, 'db' | 'isEmbedded'>,
  settle: (trx: Transaction<Schema>, records: readonly UsageRecord[]) => Promise<void>,
  onError: (error: unknown) => void,
): UsageWriter {
  let queue: UsageRecord[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  const write = async (records: readonly UsageRecord[]) => {
    await db.transaction().execute(async (trx) => {
      await insert(trx, records, embedded)
      await settle(trx, records)
      for (const use of usesOf(records)) await noteUse(trx, use)
    })
  }

  /** What waits now. What comes meanwhile waits for the next time, or under load each write would be of a handful of rows. */
  const drain = async () => {
    for (let left = queue.length; left > 0; ) {
      const batch = queue.slice(0, Math.min(left, BATCH))
      await write(batch)
      queue = queue.slice(batch.length)
      left -= batch.length
    }
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing ??= drain()
      .catch(onError)
      .finally(() => {
        writing = undefined
        if (queue.length > 0) schedule()
      })
    return writing
  }

  const schedule = () => {
    timer ??= setTimeout(() => void flush(), EVERY)
  }

  return {
    add(record) {
      queue.push(record)
      if (writing === undefined) schedule()
    },
    waiting: () => queue.length,
    async flush() {
      await writing
      await flush()
      clearTimeout(timer)
    },
  }
}

/** Columns of a row, and what they get of a record. */
const COLUMNS: readonly (readonly [name: string, of: (record: UsageRecord) => string | number | null])[] = [
  ['at', ({ at }) => at.toISOString()],
  ['project_id', ({ projectId }) => projectId],
  ['run_id', ({ runId }) => runId],
  ['connection_id', ({ connectionId }) => connectionId],
  ['connection', ({ connection }) => connection],
  ['provider', ({ provider }) => provider],
  ['operation', ({ operation }) => operation],
  ['model', ({ model }) => model],
  ['status', ({ status }) => status],
  ['error', ({ error }) => error],
  ['actor', ({ actor }) => actor],
  ['uncached_tokens', ({ uncachedTokens }) => uncachedTokens],
  ['cache_read_tokens', ({ cacheReadTokens }) => cacheReadTokens],
  ['cache_write_tokens', ({ cacheWriteTokens }) => cacheWriteTokens],
  ['output_tokens', ({ outputTokens }) => outputTokens],
  ['reasoning_tokens', ({ reasoningTokens }) => reasoningTokens],
  ['cost_usd', ({ costUsd }) => costUsd],
  ['cost_source', ({ costSource }) => costSource],
  ['priced_as', ({ pricedAs }) => pricedAs],
  ['first_byte_ms', ({ firstByteMs }) => firstByteMs],
  ['total_ms', ({ totalMs }) => totalMs],
  ['request_id', ({ requestId }) => requestId],
  ['vendor_request_id', ({ vendorRequestId }) => vendorRequestId],
  ['completeness', ({ completeness }) => completeness],
]

const NAMES = COLUMNS.map(([name]) => name).join(', ')

/** The embedded database copies lines, which costs it a fifth of reading JSON; PostgreSQL gets a list of rows as JSON. */
async function insert(trx: Transaction<Schema>, records: readonly UsageRecord[], embedded: boolean): Promise<void> {
  if (embedded) {
    const lines = records.map((record) => `${COLUMNS.map(([, of]) => field(of(record))).join('\t')}\n`)
    await trx.executeQuery(CompiledQuery.raw(`copy usage (${NAMES}) from '/dev/blob'`, [lines.join('')]))
    return
  }
  const rows = records.map((record) => Object.fromEntries(COLUMNS.map(([name, of]) => [name, storable(of(record))])))
  const columns = sql.raw(NAMES)
  await sql`insert into usage (${columns})
    select ${columns} from json_populate_recordset(null::usage, ${JSON.stringify(rows)}::json)`.execute(trx)
}

/** @see https://www.postgresql.org/docs/current/sql-copy.html "Text Format" */
function field(value: string | number | null): string {
  if (typeof value === 'number') return String(value)
  if (value === null) return '\\N'
  return PLAIN.test(value) ? value : storable(value).replace(/[\\\t\n\r]/g, (one) => ESCAPES[one] ?? '')
}

/** Printable ASCII without the backslash: nearly all that is written. */
const PLAIN = /^[ -[\]-~]*$/

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** What vendors and callers have written may hold what a database takes in no text. */
function storable<Value>(value: Value): Value
function storable(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value
}
