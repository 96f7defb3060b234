import type { PriceTable } from '@activepieces/pieces-common/observe'
import { type Reading, readNothing, type UnreadCall } from './read-call.ts'
import { bytesOf, type ReaderResult } from './reader-messages.ts'
import { createReaderThread } from './reader-thread.ts'

/** Reads the bytes of calls in a worker thread, in batches. */
export type Reader = {
  /** @param done called exactly once, later */
  readonly read: (call: UnreadCall, done: (reading: Reading) => void) => void
  /** Number of calls that wait to be read, and the bytes held for them. */
  readonly waiting: () => { readonly calls: number; readonly bytes: number }
  /** Resolves when all calls added so far are read. */
  readonly settled: () => Promise<void>
  /** Resolves when all calls are read and the worker has ended. */
  readonly close: () => Promise<void>
}

export type ReaderParts = {
  readonly onError: (error: unknown) => void
  /** Whether readings have the names that traces need. */
  readonly names?: boolean
  /** Timeout for one call, in milliseconds. The worker is terminated if a call takes longer. */
  readonly timeoutMs?: number
  /** Prices for calls that the worker could not read. */
  readonly prices?: () => PriceTable | undefined
}

/** Limits of one message to the worker: calls, and bytes unless a single call has more. */
const MAX_BATCH_CALLS = 256
const MAX_BATCH_BYTES = 1024 * 1024

/** How long to collect calls for a batch, in milliseconds. */
const GATHER_MS = 5

type Waiting = { readonly call: UnreadCall; readonly done: (reading: Reading) => void }

/**
 * If the worker crashes or a call takes too long, that call gets a reading without tokens, and a new worker reads the others.
 */
export function createReader({ onError, names = false, timeoutMs = 5_000, prices }: ReaderParts): Reader {
  const queue: Waiting[] = []
  let batch: Waiting[] = []
  let bytes = 0
  let gathering: NodeJS.Timeout | undefined
  let [taken, delivered] = [0, 0]
  let marks: { readonly at: number; readonly resolve: () => void }[] = []

  const gather = () => {
    if (gathering !== undefined || batch.length > 0 || queue.length === 0) return
    gathering = setTimeout(() => {
      gathering = undefined
      batch = takeBatch(queue)
      thread.run(batch.map(({ call }) => call))
    }, GATHER_MS)
  }

  const deliver = (read: readonly Waiting[], readings: readonly Reading[] = []) => {
    for (const [index, { call, done }] of read.entries()) {
      bytes -= bytesOf(call.capture)
      delivered++
      try {
        done(readings[index] ?? readNothing(call, { prices: prices?.() }))
      } catch (error) {
        onError(error)
      }
    }
    for (const { at, resolve } of marks) if (at <= delivered) resolve()
    marks = marks.filter(({ at }) => at > delivered)
    gather()
  }

  const thread = createReaderThread({
    names,
    timeoutMs,
    onResult({ readings, errors }: ReaderResult) {
      for (const error of errors) onError(new Error(`The usage of a call could not be read: ${error}`))
      const read = batch
      batch = []
      deliver(read, readings)
    },
    onLost(error, at) {
      onError(error)
      const failed = at < 0 ? batch : batch.slice(at, at + 1)
      queue.unshift(...batch.filter((waiting) => !failed.includes(waiting)))
      batch = []
      deliver(failed)
    },
  })

  const settled = () =>
    new Promise<void>((resolve) => {
      if (delivered === taken) resolve()
      else marks.push({ at: taken, resolve })
    })

  return {
    read(call, done) {
      taken++
      bytes += bytesOf(call.capture)
      queue.push({ call, done })
      gather()
    },
    waiting: () => ({ calls: taken - delivered, bytes }),
    settled,
    async close() {
      await settled()
      await thread.stop()
    },
  }
}

/** Takes the calls of one message from the front of the queue. */
function takeBatch(queue: Waiting[]): Waiting[] {
  let bytes = 0
  const over = queue.findIndex(({ call }, index) => {
    bytes += bytesOf(call.capture)
    return index === MAX_BATCH_CALLS || (index > 0 && bytes > MAX_BATCH_BYTES)
  })
  return queue.splice(0, over < 0 ? queue.length : over)
}
