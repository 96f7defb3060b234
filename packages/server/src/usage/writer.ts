import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import { noteUse } from '../connections/health.ts'
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
const EVERY = 200

/** Rows of one write. */
const BATCH = 1_000

/**
 * @param settle called within the transaction that writes the records: what is counted of them is counted with them
 * @param onError what kept records from being written; they are tried again
 */
export function usageWriter(
  db: Kysely<Schema>,
  settle: (trx: Transaction<Schema>, records: readonly UsageRecord[]) => Promise<void>,
  onError: (error: unknown) => void,
): UsageWriter {
  let queue: UsageRecord[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  const write = async (records: readonly UsageRecord[]) => {
    await db.transaction().execute(async (trx) => {
      await insert(trx, records)
      await settle(trx, records)
      for (const use of usesOf(records)) await noteUse(trx, use)
    })
  }

  const drain = async () => {
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH)
      await write(batch)
      queue = queue.slice(batch.length)
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

/** One parameter for all: a list of rows as JSON. */
async function insert(trx: Transaction<Schema>, records: readonly UsageRecord[]): Promise<void> {
  const rows = records.map((record) => ({
    at: record.at.toISOString(),
    project_id: record.projectId,
    run_id: record.runId,
    connection_id: record.connectionId,
    connection: record.connection,
    provider: record.provider,
    operation: record.operation,
    model: record.model,
    status: record.status,
    error: record.error,
    actor: record.actor,
    uncached_tokens: record.uncachedTokens,
    cache_read_tokens: record.cacheReadTokens,
    cache_write_tokens: record.cacheWriteTokens,
    output_tokens: record.outputTokens,
    reasoning_tokens: record.reasoningTokens,
    cost_usd: record.costUsd,
    cost_source: record.costSource,
    priced_as: record.pricedAs,
    first_byte_ms: record.firstByteMs,
    total_ms: record.totalMs,
    request_id: record.requestId,
    vendor_request_id: record.vendorRequestId,
    completeness: record.completeness,
  }))
  const columns = Object.keys(rows[0] ?? {}).map((name) => sql.ref(name))
  await sql`insert into usage (${sql.join(columns)})
    select ${sql.join(columns)} from jsonb_populate_recordset(null::usage, ${JSON.stringify(rows, storable)}::jsonb)`.execute(
    trx,
  )
}

/** What vendors and callers have written may hold what a database takes in no text. */
function storable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value
}
