import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { LogLine, PieceError } from '@activepieces/contract'
import { isDeeperThan, MAX_JSON_DEPTH } from '../../platform/http/json-depth.ts'
import { createLineReader } from './lines.ts'
import { MESSAGES_FD, type PieceMessage, type PieceTask, pieceMessage } from './messages.ts'
import type { Sandbox } from './sandbox.ts'

export type ChildResult = ({ output: unknown } | { error: PieceError }) & { logs: LogLine[] }

export type ChildOptions = {
  /** Milliseconds until the child is killed. */
  timeoutMs: number
  /** Kills the child when it aborts. */
  signal: AbortSignal
  /** Called with each log line and update. */
  onEvent?: ((event: Extract<PieceMessage, { type: 'log' | 'update' }>) => void) | undefined
}

/** A process that runs one task. */
export type Child = {
  /** False once the process has ended. */
  readonly isAlive: () => boolean
  /** Never rejects: failures are part of the result. */
  readonly run: (task: PieceTask, options: ChildOptions) => Promise<ChildResult>
  readonly kill: () => void
}

const RUNNER = fileURLToPath(new URL('./runner.ts', import.meta.url))
const MAX_LOG_LINES = 500
const MAX_LOG_LINE_LENGTH = 4_000
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024
/** Maximum bytes of all messages of one run. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024

/** Starts a process that waits for its task, in an empty scratch folder that is removed when the process ends. */
export function startChild({ execArgv, tmpDir, uid }: Sandbox): Child {
  const scratch = mkdtempSync(join(tmpDir, 'ap-piece-'))
  if (uid !== undefined) chownSync(scratch, uid, uid)
  const args = [...execArgv, `--allow-fs-read=${scratch}`, `--allow-fs-write=${scratch}`, RUNNER]
  const child = spawn(process.execPath, args, {
    cwd: scratch,
    env: process.platform === 'win32' ? { TEMP: scratch, TMP: scratch } : { TMPDIR: scratch },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
    ...(uid !== undefined && { uid, gid: uid }),
  })
  const stderrTail = keepTail(child.stderr)
  // The process may end before it reads its task.
  child.stdin?.on('error', () => {})
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('close', () => resolve(undefined))
    child.once('error', resolve)
  }).finally(() => rm(scratch, { recursive: true, force: true }))
  const kill = () => void child.kill('SIGKILL')
  return {
    isAlive: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    kill,
    async run(task, options) {
      const { logs, outcome, stopFollowing } = follow(child, kill, options)
      child.stdin?.write(`${JSON.stringify(task)}\n`)
      const failure = await ended
      stopFollowing()
      const tail = stderrTail().trim()
      if (tail) logs.push({ level: 'error', message: tail })
      return { ...(outcome() ?? { error: crashed(failure, tail) }), logs }
    },
  }
}

/** Collects what the process reports, and kills it at the limits. */
function follow(child: ChildProcess, kill: () => void, { timeoutMs, signal, onEvent }: ChildOptions) {
  const logs: LogLine[] = []
  let outcome: { output: unknown } | { error: PieceError } | undefined
  const stop = (code: string, message: string) => {
    outcome ??= { error: { code, message } }
    kill()
  }
  const receive = (line: string) => {
    const message = parseMessage(line)
    if (typeof message === 'string') stop('crashed', `The piece was stopped: ${message}.`)
    else if (message.type === 'done') outcome ??= { output: message.output ?? null }
    else if (message.type === 'failed') outcome ??= { error: message.error }
    else if (message.type === 'update') onEvent?.(message)
    else if (logs.length < MAX_LOG_LINES) {
      const data = { ...message.data, message: message.data.message.slice(0, MAX_LOG_LINE_LENGTH) }
      logs.push(data)
      onEvent?.({ type: 'log', data })
    }
  }
  const limits = { maxLineBytes: MAX_MESSAGE_BYTES, maxTotalBytes: MAX_TOTAL_BYTES }
  const read = createLineReader(limits, receive)
  const messages = child.stdio[MESSAGES_FD]
  if (messages instanceof Readable) {
    messages.on('data', (bytes: Buffer) => {
      if (!read(bytes))
        stop('too-large', `The piece was stopped: its output is larger than ${MAX_MESSAGE_BYTES} bytes.`)
    })
  }
  if (messages instanceof Writable) messages.on('error', () => {})

  const seconds = timeoutMs / 1000
  const timer = setTimeout(
    stop,
    timeoutMs,
    'time-limit',
    `The piece was stopped: it ran longer than ${seconds} seconds.`,
  )
  const abort = () => stop('cancelled', 'The piece was stopped: the caller no longer waits for its result.')
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  const stopFollowing = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
  return { logs, outcome: () => outcome, stopFollowing }
}

/** Returns the message, or why it is rejected. */
function parseMessage(line: string): PieceMessage | string {
  try {
    const value: unknown = JSON.parse(line)
    if (isDeeperThan(value, MAX_JSON_DEPTH)) return `its output is nested deeper than ${MAX_JSON_DEPTH} levels`
    return pieceMessage.parse(value)
  } catch {
    return 'its process sent an invalid message'
  }
}

function crashed(failure: Error | undefined, stderr: string): PieceError {
  if (failure) return { code: 'crashed', message: `The piece's process could not be started: ${failure.message}.` }
  if (stderr.includes('heap out of memory')) return { code: 'crashed', message: 'The piece ran out of memory.' }
  return { code: 'crashed', message: 'The piece ended without a result.' }
}

function keepTail(stream: Readable | null): () => string {
  let tail = ''
  stream?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-MAX_LOG_LINE_LENGTH)
  })
  return () => tail
}
