import type { Transaction } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Schema } from '../../platform/database/schema.ts'
import { recordUse } from '../connections/health.ts'
import { type Batch, createBatch } from './batch.ts'
import type { UsageRecord } from './record.ts'
import { COPY_LINES, JSON_ROWS } from './rows.ts'

/** Collects rows in memory for a moment and writes them together. */
export type UsageWriter = {
  readonly add: (record: UsageRecord) => void
  /** Number of rows that are not written yet. */
  readonly waiting: () => number
  /** Resolves when all rows added so far are written, or could not be written. */
  readonly flush: () => Promise<void>
}

/** Interval of writes, in milliseconds. A `kill -9` loses at most this much, plus the time of one write. */
const FLUSH_INTERVAL_MS = 500

/** Maximum rows per write. */
const MAX_ROWS = 5_000

/**
 * @param settle called in the transaction that writes the rows, to count their cost
 * @param onError called when rows could not be written; they are retried
 */
export function createUsageWriter(
  { db, isEmbedded }: Pick<Database, 'db' | 'isEmbedded'>,
  settle: (trx: Transaction<Schema>, costs: Batch['costs']) => Promise<void>,
  onError: (error: unknown) => void,
): UsageWriter {
  const { render, insert } = isEmbedded ? COPY_LINES : JSON_ROWS
  const full: Batch[] = []
  let filling = createBatch(render)
  let waiting = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  const write = async (batch: Batch) => {
    await db.transaction().execute(async (trx) => {
      await insert(trx, batch.bytes())
      await settle(trx, batch.costs)
      for (const use of batch.uses.values()) await recordUse(trx, use)
    })
  }

  const closeBatch = () => {
    if (filling.rows() === 0) return
    full.push(filling)
    filling = createBatch(render)
  }

  /** Writes the rows that wait now. Later rows wait for the next write, or each write under load would have few rows. */
  const drain = async () => {
    closeBatch()
    for (const batch of [...full]) {
      await write(batch)
      full.shift()
      waiting -= batch.rows()
    }
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing ??= drain()
      .catch(onError)
      .finally(() => {
        writing = undefined
        if (waiting > 0) schedule()
      })
    return writing
  }

  const schedule = () => {
    timer ??= setTimeout(() => void flush(), FLUSH_INTERVAL_MS)
  }

  return {
    add(record) {
      filling.add(record)
      waiting++
      if (filling.rows() === MAX_ROWS) closeBatch()
      if (writing === undefined) schedule()
    },
    waiting: () => waiting,
    async flush() {
      await writing
      await flush()
      clearTimeout(timer)
    },
  }
}
