import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { UnreadCall } from './read-call.ts'
import { packBatch, type ReaderResult, type ReaderWorkerData } from './reader-messages.ts'

/** The worker thread of the reader: one batch at a time, and a new thread after a crash or a call that takes too long. */
export type ReaderThread = {
  /** Reads a batch; then either `onResult` or `onLost` is called, once. */
  readonly run: (calls: readonly UnreadCall[]) => void
  readonly stop: () => Promise<void>
}

export type ReaderThreadParts = {
  /** Whether readings have the names that traces need. */
  readonly names: boolean
  /** Timeout for one call, in milliseconds. */
  readonly timeoutMs: number
  readonly onResult: (result: ReaderResult) => void
  /** @param at index of the call that was being read; −1 if the thread had not started to read */
  readonly onLost: (error: unknown, at: number) => void
}

/** Timeout for a new thread to start reading, in milliseconds. */
const START_TIMEOUT_MS = 30_000

export function createReaderThread({ names, timeoutMs, onResult, onLost }: ReaderThreadParts): ReaderThread {
  const progress = new Int32Array(new SharedArrayBuffer(4))
  let worker: Worker | undefined
  let watchdog: NodeJS.Timeout | undefined

  const lose = (error: unknown) => {
    clearInterval(watchdog)
    void worker?.terminate()
    worker = undefined
    onLost(error, Atomics.load(progress, 0))
  }

  const running = (): Worker => {
    if (worker) return worker
    const data: ReaderWorkerData = { progress, names }
    const started = new Worker(new URL('./reader-worker.ts', import.meta.url), { workerData: data, execArgv: [] })
    const ifCurrent = (run: () => void) => {
      if (started === worker) run()
    }
    started.on('message', (result: ReaderResult) =>
      ifCurrent(() => {
        clearInterval(watchdog)
        onResult(result)
      }),
    )
    started.on('error', (error) => ifCurrent(() => lose(error)))
    started.on('exit', (code) => ifCurrent(() => lose(new Error(`The usage reader ended with exit code ${code}.`))))
    worker = started
    return started
  }

  /** Checks whether the thread makes progress; each call has at least the time limit. */
  const watch = () => {
    let last = -1
    let since = Date.now()
    watchdog = setInterval(() => {
      const now = Atomics.load(progress, 0)
      if (now !== last) since = Date.now()
      last = now
      if (Date.now() - since < (now < 0 ? START_TIMEOUT_MS : timeoutMs)) return
      lose(new Error('The usage of a call could not be read within the time limit.'))
    }, timeoutMs)
  }

  // Starts early: starting a thread takes longer than a row may be delayed.
  running()
  return {
    run(calls) {
      const message = packBatch(calls)
      Atomics.store(progress, 0, -1)
      running().postMessage(message, [message.bytes.buffer])
      watch()
    },
    async stop() {
      if (!worker) return
      const exit = once(worker, 'exit')
      // Not terminated: V8 may end the whole process if a thread ends while it loads its modules.
      worker.postMessage('close')
      worker = undefined
      await exit
    },
  }
}
