// Runs in a worker thread, because PGlite blocks the thread that calls it.
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, types } from '@electric-sql/pglite'
import type { PGliteNotification, PGliteReply, PGliteRequest, PGliteWorkerData } from './pglite-messages.ts'

if (!parentPort) throw new Error('pglite-worker.ts can only run in a worker thread.')
const port = parentPort
// SAFETY: this worker is only started with PGliteWorkerData.
const { dataDir, channel } = workerData as PGliteWorkerData

/** From −20, highest, to 19, lowest. At 10, the worker gets about a tenth of the time of the main thread if both are busy. */
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
 * Lowers the priority of this thread: on few cores, writing rows would otherwise delay calls. Only Linux has a priority per
 * thread. Does nothing elsewhere, or if it is not permitted.
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
