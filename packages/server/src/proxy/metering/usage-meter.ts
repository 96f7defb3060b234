import { setTimeout as sleep } from 'node:timers/promises'
import type { Project } from '@activepieces/contract'
import { loadPrices, type PriceTable } from '@activepieces/pieces-common/observe'
import type { Allowance } from '../../domain/usage/budget-rows.ts'
import { createBudgets, RENEW_INTERVAL_MS } from '../../domain/usage/budgets.ts'
import { createRateLimiter } from '../../domain/usage/rate-limiter.ts'
import type { UsageRecord } from '../../domain/usage/record.ts'
import { createUsageWriter } from '../../domain/usage/writer.ts'
import type { Database } from '../../platform/database/database.ts'
import { ApiError } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { CallMeter, MeteredCall, ProxyMeter } from '../meter.ts'
import { type Admitted, admitCall, allowancesOf, basisOf, REFUSE, type Reserved } from './admission.ts'
import { COMPRESSED_BYTES, createCapture, EMPTY } from './capture.ts'
import { contentEncoding, type Reading } from './read-call.ts'
import { createReader } from './reader.ts'
import { type FinishedCall, redactedRecord, toRecord } from './record.ts'
import { freeOf, readRequest } from './request.ts'
import { encodingsOf } from './unpack.ts'

export type UsageParts = {
  readonly database: Pick<Database, 'db' | 'isEmbedded' | 'changes'>
  readonly findProject: (id: string) => Project | undefined | Promise<Project | undefined>
  /** Whether the provider's calls cost nothing. */
  readonly isFree: (provider: string) => boolean
  readonly log: Pick<Log, 'error'>
  /** Receives every new record, for traces. Errors that it throws are logged. */
  readonly onRecord?: ((record: UsageRecord, call: RecordedCall, names: Reading['names']) => void) | undefined
  /** Timeout for reading the bytes of one call, in milliseconds. */
  readonly readTimeoutMs?: number
}

/** What is known about a call when its record is created. */
export type RecordedCall = FinishedCall['call'] & Pick<MeteredCall, 'headers'>

/** Maximum number of calls that wait to be read or written, and of the bytes held for them. Above that, calls are refused. */
const MAX_WAITING_CALLS = 50_000
const MAX_WAITING_BYTES = 64 * 1024 * 1024

/** Meters every proxied call: checks its rate limit and budget before, writes its usage row after. */
export function createUsageMeter({
  database,
  findProject,
  isFree,
  log,
  onRecord,
  readTimeoutMs,
}: UsageParts): ProxyMeter {
  const onError = (err: unknown) =>
    log.error({ err }, 'usage could not be metered or written; unwritten rows are retried')
  let table: PriceTable | undefined
  const prices = loadPrices().then((loaded) => {
    table = loaded
  }, onError)
  const spend = createBudgets(database.db, { onError })
  database.changes.on('spend', spend.recheck)
  const rate = createRateLimiter(database.db)
  const writer = createUsageWriter(database, spend.write, onError)
  const reader = createReader({
    onError,
    names: onRecord !== undefined,
    prices: () => table,
    ...(readTimeoutMs && { timeoutMs: readTimeoutMs }),
  })
  const renewing = setInterval(() => spend.renew().catch(onError), RENEW_INTERVAL_MS).unref()

  /** Number of finished calls without a known cost, by scope. */
  const unread = new Map<string, number>()
  const countUnread = (scope: string, change: 1 | -1) => {
    const number = (unread.get(scope) ?? 0) + change
    if (number === 0) unread.delete(scope)
    else unread.set(scope, number)
  }

  const isFull = () => {
    const { calls, bytes } = reader.waiting()
    return calls + writer.waiting() > MAX_WAITING_CALLS || bytes > MAX_WAITING_BYTES
  }

  const record = (finished: FinishedCall, headers: MeteredCall['headers'], reserved: readonly Reserved[]) => {
    return (reading: Reading) => {
      const made = redactedRecord(toRecord(finished, reading), finished.call.target.redactor)
      for (const { scope, amount } of reserved) {
        spend.settle(scope, amount, made.costUsd ?? (made.estimated ? amount : 0))
        countUnread(scope, -1)
      }
      writer.add(made)
      onRecord?.(made, { ...finished.call, headers }, reading.names)
    }
  }

  const meterCall = (call: MeteredCall, { pricing, reserved, basis }: Admitted): CallMeter => {
    let headers: readonly string[] = []
    let capture: ReturnType<typeof createCapture> | undefined
    return {
      head(_status, flat) {
        headers = flat
        if (encodingsOf(contentEncoding(flat)).length > 0) capture = createCapture(COMPRESSED_BYTES, 0)
      },
      chunk(piece) {
        capture ??= createCapture()
        capture.push(piece)
      },
      over(outcome) {
        const { id, claims, target } = call
        const facts = readRequest(call)
        const { status, end, code, message, total, bytes } = outcome
        const finished = { at: new Date(), call: { id, claims, target }, facts, outcome }
        for (const { scope } of reserved) countUnread(scope, 1)
        reader.read(
          {
            provider: target.connection.provider,
            facts,
            basis: basis ?? basisOf(call, pricing),
            outcome: { status, end, code, message, total, bytes },
            headers,
            capture: capture?.read() ?? EMPTY,
          },
          record(finished, call.headers, reserved),
        )
      },
    }
  }

  const start = (call: MeteredCall, project: Project | undefined): CallMeter | Promise<CallMeter> => {
    if (isFull()) throw NOT_WRITTEN()
    const limit = project?.requestsPerMinute ?? undefined
    const { provider } = call.target.connection
    const pricing = { provider, free: isFree(provider), unpriced: project?.unpricedModels ?? REFUSE }
    const allowances = pricing.free || freeOf(call) ? [] : allowancesOf(call, project)
    if (limit === undefined && allowances.length === 0)
      return meterCall(call, { pricing, reserved: [], basis: undefined })
    return admitCall(
      call,
      { limit, allowances, pricing },
      { rate, spend, settled, prices: () => prices.then(() => table) },
    ).then((admitted) => meterCall(call, admitted))
  }

  /** Resolves when the cost of the finished calls of these scopes is known, because a debt must stop the next call. */
  const settled = async (allowances: readonly Allowance[]): Promise<void> => {
    if (!allowances.some(({ scope }) => unread.has(scope))) return
    await Promise.race([reader.settled(), sleep(MAX_SETTLE_MS, undefined, { ref: false })])
  }

  return {
    start(call) {
      const project = findProject(call.claims.projectId)
      return project instanceof Promise ? project.then((found) => start(call, found)) : start(call, project)
    },
    async flush() {
      clearInterval(renewing)
      await reader.close()
      await writer.flush()
    },
  }
}

/** How long a call waits for the cost of previous calls, in milliseconds. */
const MAX_SETTLE_MS = 1_000

const NOT_WRITTEN = () =>
  new ApiError(
    'overloaded',
    "Usage can't be recorded at the moment, and calls are not made without it. Try again in a moment.",
    { retryAfter: 2 },
  )
