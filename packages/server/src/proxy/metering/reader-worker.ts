// Runs in a worker thread: reads vendors' responses, so that none of them can hold up a call.
import { parentPort, workerData } from 'node:worker_threads'
import { loadPrices, type PriceTable } from '@activepieces/pieces-common'
import { readCall, readNothing } from './read-call.ts'
import { type ReaderBatch, type ReaderResult, type ReaderWorkerData, unpackBatch } from './reader-messages.ts'

if (!parentPort) throw new Error('reader-worker.ts runs in a worker thread only.')
const port = parentPort
// SAFETY: the one place that starts this worker gives it ReaderWorkerData.
const { progress, names } = workerData as ReaderWorkerData

/** Maximum number of reported errors per batch. */
const MAX_ERRORS = 10

const loaded = loadPrices().then(
  (prices) => ({ prices, errors: [] }),
  (error) => ({ prices: undefined, errors: [describe(error)] }),
)

port.on('message', async (batch: ReaderBatch | 'close') => {
  if (batch === 'close') return port.close()
  const { prices, errors } = await loaded
  port.postMessage(readBatch(batch, prices, errors))
})

function readBatch(batch: ReaderBatch, prices: PriceTable | undefined, before: readonly string[]): ReaderResult {
  const errors = [...before]
  const readings = unpackBatch(batch).map((call, index) => {
    Atomics.store(progress, 0, index)
    try {
      return readCall(call, { prices, names })
    } catch (error) {
      if (errors.length < MAX_ERRORS) errors.push(describe(error))
      return readNothing(call, { prices })
    }
  })
  return { readings, errors }
}

/** Omits the message of an error from JSON or zlib, which may quote the bytes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const [place = ''] = /\n\s+at .*/.exec(error.stack ?? '') ?? []
  return `${error.name}${place}`
}
