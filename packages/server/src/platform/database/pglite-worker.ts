// Runs in a worker thread: PGlite computes on the thread that calls it.
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, types } from '@electric-sql/pglite'
import type { PGliteNotification, PGliteReply, PGliteRequest, PGliteWorkerData } from './pglite-messages.ts'

if (!parentPort) throw new Error('pglite-worker.ts runs in a worker thread only.')
const port = parentPort
// SAFETY: the one place that starts this worker gives it PGliteWorkerData.
const { dataDir, channel } = workerData as PGliteWorkerData

/** Of −20, first, to 19, last: a tenth of the turns that the thread of the calls has, where both want to run. */
const LOW_PRIORITY = 10

lowerPriority()

const opened = PGlite.create({
  dataDir,
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
  parsers: { [types.INT8]: Number },
})

const reply = (message: PGliteReply | PGliteNotification) => port.postMessage(message)

const listening = opened.then((db) => db.listen(channel, (announced) => reply({ announced })))

listening.then(
  () => reply({ id: 0, rows: [], affectedRows: undefined }),
  (error) => reply(failure(0, error)),
)

port.on('message', async (request: PGliteRequest | 'close') => {
  const db = await opened
  if (request === 'close') {
    await db.close()
    port.close()
    return
  }
  const blob = request.blob === undefined ? {} : { blob: new Blob([request.blob]) }
  await db.query(request.sql, [...request.parameters], blob).then(
    ({ rows, affectedRows }) => reply({ id: request.id, rows, affectedRows }),
    (error) => reply(failure(request.id, error)),
  )
})

/**
 * On few cores the rows of a busy half second would hold up the calls of the next one. Only Linux has threads with a
 * priority of their own; elsewhere, and where it is not allowed, things stay as they are.
 */
function lowerPriority(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), LOW_PRIORITY)
  } catch {}
}

function failure(id: number, error: unknown): PGliteReply {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && error.code ? String(error.code) : undefined
  return { id, error: { message, code } }
}
