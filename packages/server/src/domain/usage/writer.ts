import type { Transaction } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Schema } from '../../platform/database/schema.ts'
import { recordUse } from '../connections/health.ts'
import { type Batch, createBatch } from './batch.ts'
import type { UsageRecord } from './record.ts'
import { COPY_LINES, JSON_ROWS } from './rows.ts'

/** Keeps rows in memory for a moment and writes them together. */
export type UsageWriter = {
  readonly add: (record: UsageRecord) => void
  /** How many are not written yet. */
  readonly waiting: () => number
  /** Resolves when all that were added until now are written, or could not be. */
  readonly flush: () => Promise<void>
}

/** Milliseconds: so much of what was acknowledged a `kill -9` can cost, and the time of one write. */
const FLUSH_INTERVAL_MS = 500

/** Rows of one write. */
const MAX_ROWS = 5_000

/**
 * @param settle called within the transaction that writes the rows: what they cost is counted with them
 * @param onError what kept rows from being written; they are tried again
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

  const next = () => {
    if (filling.rows() === 0) return
    full.push(filling)
    filling = createBatch(render)
  }

  /** What waits now. What comes meanwhile waits for the next time, or under load each write would be of a handful of rows. */
  const drain = async () => {
    next()
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
      if (filling.rows() === MAX_ROWS) next()
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
