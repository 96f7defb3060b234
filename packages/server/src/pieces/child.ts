import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LogLine, PieceError } from '@activepieces/contract'
import type { PieceMessage, PieceTask } from './messages.ts'

export type ChildResult = ({ output: unknown } | { error: PieceError }) & { logs: LogLine[] }

export type ChildOptions = {
  /** Milliseconds until the child is killed. */
  timeLimit: number
  /** Kills the child when it aborts. */
  signal: AbortSignal
  /** Where Node may keep compiled code, so that the next child starts faster. */
  compileCache: string
  /** Called with each log line and update as it comes. */
  onEvent?: ((event: Extract<PieceMessage, { type: 'log' | 'update' }>) => void) | undefined
}

const RUNNER = fileURLToPath(new URL('./runner.ts', import.meta.url))
const MOST_LOG_LINES = 500
const LONGEST_LOG_LINE = 4_000

/** Does one task in a process of its own, with an empty environment. Never rejects: failures are part of the result. */
export function runInChild(task: PieceTask, options: ChildOptions): Promise<ChildResult> {
  const child = fork(RUNNER, [], {
    execArgv: [],
    env: { NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: options.compileCache },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    killSignal: 'SIGKILL',
  })
  const logs: LogLine[] = []
  let result: { output: unknown } | { error: PieceError } | undefined
  let dyingWords = ''

  const stop = (code: string, message: string) => {
    result ??= { error: { code, message } }
    child.kill('SIGKILL')
  }
  const timer = setTimeout(
    () => stop('time-limit', `The piece was stopped: it ran longer than ${options.timeLimit / 1000} seconds.`),
    options.timeLimit,
  )
  const abort = () => stop('cancelled', 'The piece was stopped: nobody waits for its result.')
  options.signal.addEventListener('abort', abort)
  if (options.signal.aborted) abort()

  child.on('message', (message: PieceMessage) => {
    if (message.type === 'done') result ??= { output: message.output ?? null }
    else if (message.type === 'failed') result ??= { error: message.error }
    else if (message.type === 'update') options.onEvent?.(message)
    else if (logs.length < MOST_LOG_LINES) {
      const line = { ...message.data, message: message.data.message.slice(0, LONGEST_LOG_LINE) }
      logs.push(line)
      options.onEvent?.({ type: 'log', data: line })
    }
  })
  child.stderr?.setEncoding('utf8').on('data', (words: string) => {
    dyingWords = (dyingWords + words).slice(-LONGEST_LOG_LINE)
  })

  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', abort)
      if (dyingWords.trim()) logs.push({ level: 'error', message: dyingWords.trim() })
      resolve({ ...(result ?? { error: { code: 'crashed', message: 'The piece ended without a result.' } }), logs })
    }
    child.once('close', end)
    child.once('error', end)
    child.send(task, () => {})
  })
}
