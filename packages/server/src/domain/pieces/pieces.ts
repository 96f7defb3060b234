import { randomUUID } from 'node:crypto'
import {
  type Piece,
  type PieceOptions,
  type PieceRun,
  type PieceRunEvent,
  pieceOptions,
  piece as pieceSchema,
  type SentRequest,
} from '@activepieces/contract'
import type { EngineTokens } from '../../auth/engine-tokens.ts'
import { ApiError } from '../../platform/errors.ts'
import type { Redactor } from '../../platform/secrets/redactor.ts'
import type { ChildOptions, ChildResult } from './child.ts'
import { createChildren } from './children.ts'
import type { PieceJob } from './messages.ts'
import type { ObserveRun } from './run-observers.ts'
import { createSandbox, type SandboxOptions } from './sandbox.ts'

/** Name of a piece → the module that exports it: a package or a file URL. */
export type PieceTable = Readonly<Record<string, string>>

/** The pieces that this server offers. */
export const PIECES: PieceTable = {
  'audio-ai': '@activepieces/piece-audio-ai',
  'image-ai': '@activepieces/piece-image-ai',
  'text-ai': '@activepieces/piece-text-ai',
  'utility-ai': '@activepieces/piece-utility-ai',
}

export type Pieces = {
  readonly list: () => Promise<Piece[]>
  /** Runs an action. A failed run is a result, not an error. @throws ApiError 404 for an unknown piece, 429 if too many run */
  readonly run: (job: JobFor<'run'>, watch: Watch) => Promise<PieceRun>
  /** Loads the options of a property. @throws ApiError 404, 429, 400 for a wrong property, 502 if the piece throws, 504 at the time limit */
  readonly options: (job: JobFor<'options'>, watch: Watch) => Promise<PieceOptions>
  /** Stops all runs. */
  readonly close: () => void
}

type JobFor<Type> = Extract<PieceJob, { type: Type }> & { piece: string; projectId: string }
type Watch = Pick<ChildOptions, 'signal'> & {
  /** Called with each event except the result. */
  readonly onEvent?: ((event: Exclude<PieceRunEvent, { type: 'result' }>) => void) | undefined
}

export type PiecesOptions = Omit<SandboxOptions, 'modules'> & {
  pieces: PieceTable
  tokens: EngineTokens
  /** Timeout of a run, in milliseconds. */
  timeoutMs: number
  /** Maximum concurrent runs. */
  maxRuns: number
  /** URLs of the server: `api` for pieces (with a trailing slash), `public` for people. */
  urls: () => { api: string; public: string }
  /** Observes the calls that a run makes to vendors. */
  observeRun: ObserveRun
}

type RunOptions = { readonly runId?: string; readonly onRequest?: (request: SentRequest) => void }

/** Maximum requests to show per run. */
const MAX_REQUESTS = 100

export function createPieces(options: PiecesOptions): Pieces {
  const { pieces, tokens, timeoutMs, maxRuns, urls, observeRun } = options
  const children = createChildren(createSandbox({ ...options, modules: Object.values(pieces) }))
  const closing = new AbortController()
  let running = 0
  let known: Promise<Piece[]> | undefined

  /** A provider may quote the key, so a piece's output is redacted with the credentials of the connections it called. */
  const runInChild = async (
    piece: string,
    projectId: string,
    job: PieceJob,
    watch: Watch,
    { runId = randomUUID(), onRequest = () => {} }: RunOptions = {},
  ): Promise<ChildResult> => {
    const module = Object.hasOwn(pieces, piece) ? pieces[piece] : undefined
    if (!module) throw unknownPiece(piece, pieces)
    if (running >= maxRuns) throw tooManyRuns(maxRuns)
    running++
    const redactors = new Set<Redactor>()
    const clean = <Value>(value: Value) => [...redactors].reduce((rest, { redactAll }) => redactAll(rest), value)
    const onTarget = ({ redactor }: { redactor: Redactor }) => void redactors.add(redactor)
    const stopObserving = observeRun({ runId, projectId }, { onTarget, onRequest })
    try {
      const { api, public: publicUrl } = urls()
      const expiresInSeconds = Math.ceil(timeoutMs / 1000) + 60
      const { token } = await tokens.mint({ projectId, runId, expiresInSeconds })
      const signal = AbortSignal.any([closing.signal, watch.signal])
      const task = { module, projectId, runId, server: { apiUrl: api, publicUrl, token }, job }
      const onEvent: Watch['onEvent'] = (event) => watch.onEvent?.(clean(event))
      return clean(await children.next().run(task, { onEvent, signal, timeoutMs }))
    } finally {
      stopObserving()
      running--
    }
  }

  const describeAll = async (): Promise<Piece[]> => {
    const all = Object.keys(pieces).map(async (name) => {
      const result = await runInChild(name, 'local', { type: 'describe' }, { signal: closing.signal })
      if ('error' in result) throw new ApiError('piece-failed', `${name}: ${result.error.message}`)
      const described = pieceSchema.safeParse({ ...Object(result.output), name })
      if (!described.success) throw new ApiError('piece-failed', `${name}: it does not describe itself as a piece.`)
      return described.data
    })
    return Promise.all(all)
  }

  return {
    list() {
      known ??= describeAll().catch((error: unknown) => {
        known = undefined
        throw error
      })
      return known
    },
    async run({ piece, projectId, ...job }, watch) {
      const started = performance.now()
      const runId = randomUUID()
      const requests: SentRequest[] = []
      const onRequest = (data: SentRequest) => {
        if (requests.length >= MAX_REQUESTS) return
        requests.push(data)
        watch.onEvent?.({ type: 'request', data })
      }
      const { logs, ...result } = await runInChild(piece, projectId, job, watch, { runId, onRequest })
      const about = { runId, requests, logs, durationMs: Math.round(performance.now() - started) }
      if ('error' in result) return { ...about, status: 'failed', output: null, error: result.error }
      // SAFETY: the child's messages are JSON.
      return { ...about, status: 'succeeded', output: result.output as PieceRun['output'] }
    },
    async options({ piece, projectId, ...job }, watch) {
      const result = await runInChild(piece, projectId, job, watch)
      if ('error' in result) throw optionsFailed(result.error)
      const parsed = pieceOptions.safeParse(result.output)
      if (!parsed.success) throw new ApiError('piece-failed', `The options of "${job.property}" are not an object.`)
      return parsed.data
    },
    close() {
      closing.abort()
      children.close()
    },
  }
}

function unknownPiece(piece: string, pieces: PieceTable): ApiError {
  const names = Object.keys(pieces).join(', ')
  return new ApiError('not-found', `There is no piece "${piece}". Pieces: ${names}.`, { param: 'piece' })
}

function tooManyRuns(max: number): ApiError {
  return new ApiError('too-many-runs', `${max} pieces are already running. Try again when one of them has finished.`)
}

function optionsFailed({ code, message }: { code?: string | undefined; message: string }): ApiError {
  if (code === 'invalid-input') return new ApiError('invalid-request', message)
  if (code === 'time-limit') return new ApiError('time-limit', message)
  return new ApiError('piece-failed', message)
}
