// Runs in a worker thread, so that reading a vendor's response never delays a call.
import { parentPort, workerData } from 'node:worker_threads'
import { loadPrices, type PriceTable } from '@activepieces/pieces-common/observe'
import { readCall, readNothing } from './read-call.ts'
import { type ReaderBatch, type ReaderResult, type ReaderWorkerData, unpackBatch } from './reader-messages.ts'

if (!parentPort) throw new Error('reader-worker.ts can only run in a worker thread.')
const port = parentPort
// SAFETY: this worker is only started with ReaderWorkerData.
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
