import type { Project } from '@activepieces/contract'
import { loadPrices, type PriceTable } from '@activepieces/pieces-common'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import type { CallMeter, MeteredCall, ProxyMeter } from '../proxy/meter.ts'
import { COMPRESSED_BYTES, createCapture, EMPTY } from './capture.ts'
import { type Rate, rateStore } from './rate.ts'
import { contentEncoding, type Reading } from './read-call.ts'
import { createReader } from './reader.ts'
import { type FinishedCall, redactedRecord, toRecord, type UsageRecord } from './record.ts'
import { maxTokensOf, readRequest } from './request.ts'
import { type Allowance, monthOf, RENEW, type Spend, spendStore, tokenOf } from './spend.ts'
import { encodingsOf } from './unpack.ts'
import { usageWriter } from './writer.ts'

export type UsageParts = {
  readonly database: Pick<Database, 'db' | 'isEmbedded'>
  readonly findProject: (id: string) => Project | undefined | Promise<Project | undefined>
  readonly log: Pick<FastifyBaseLogger, 'error'>
  /** Receives every record as it is made: for traces. What it throws is logged. */
  readonly onRecord?: ((record: UsageRecord, call: RecordedCall, names: Reading['names']) => void) | undefined
  /** For reading the bytes of one call, in milliseconds. */
  readonly readTimeLimit?: number
}

/** What is still known of a call when its record is made. */
export type RecordedCall = FinishedCall['call'] & Pick<MeteredCall, 'headers'>

/** Calls whose bytes are not read or whose records are not written, and the bytes that are held for them. Above that, calls are refused. */
const MAX_WAITING_CALLS = 50_000
const MAX_WAITING_BYTES = 64 * 1024 * 1024

/** Meters every proxied call: holds it against budget and rate before, writes a row of it after. */
export function usageMeter({ database, findProject, log, onRecord, readTimeLimit }: UsageParts): ProxyMeter {
  const onError = (err: unknown) =>
    log.error({ err }, 'usage could not be metered or written; what was not written is tried again')
  const prices = loadPrices().catch((error) => {
    onError(error)
    return undefined
  })
  const spend = spendStore(database.db)
  const rate = rateStore(database.db)
  const writer = usageWriter(database, spend.write, onError)
  const reader = createReader({
    onError,
    names: onRecord !== undefined,
    ...(readTimeLimit && { timeLimit: readTimeLimit }),
  })
  const renewing = setInterval(() => spend.renew().catch(onError), RENEW).unref()

  const isFull = () => {
    const { calls, bytes } = reader.waiting()
    return calls + writer.waiting() > MAX_WAITING_CALLS || bytes > MAX_WAITING_BYTES
  }

  const record = (finished: FinishedCall, headers: MeteredCall['headers'], reserved: readonly Reserved[]) => {
    return (reading: Reading) => {
      const made = redactedRecord(toRecord(finished, reading), finished.call.target.redactor)
      for (const { scope, amount } of reserved) spend.settle(scope, amount, made.costUsd ?? 0)
      writer.add(made)
      onRecord?.(made, { ...finished.call, headers }, reading.names)
    }
  }

  const watch = (call: MeteredCall, reserved: readonly Reserved[]): CallMeter => {
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
        const asked = readRequest(call)
        const { status, end, code, message } = outcome
        const finished = { at: new Date(), call: { id, claims, target }, asked, outcome }
        const { provider } = target.connection
        reader.read(
          { provider, asked, outcome: { status, end, code, message }, headers, capture: capture?.read() ?? EMPTY },
          record(finished, call.headers, reserved),
        )
      },
    }
  }

  const start = (call: MeteredCall, project: Project | undefined): CallMeter | Promise<CallMeter> => {
    if (isFull()) throw NOT_WRITTEN()
    const limit = project?.requestsPerMinute ?? undefined
    const allowances = allowancesOf(call, project)
    if (limit === undefined && allowances.length === 0) return watch(call, [])
    return admit(call, { limit, allowances }, { rate, spend, prices, settled: reader.settled }).then((reserved) =>
      watch(call, reserved),
    )
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

type Reserved = { readonly scope: string; readonly amount: number }

/** What the call is held against: the project's month, and the token. */
function allowancesOf({ claims }: MeteredCall, project: Project | undefined): Allowance[] {
  const { projectId, tokenId, maxCostUsd } = claims
  const budget = project?.monthlyBudgetUsd ?? undefined
  return [
    ...(budget === undefined ? [] : [{ scope: monthOf(projectId), limit: budget }]),
    ...(maxCostUsd === undefined ? [] : [{ scope: tokenOf(tokenId), limit: maxCostUsd }]),
  ]
}

/** @throws ApiError 429 `rate-limit-reached`, 402 `budget-reached` */
async function admit(
  call: MeteredCall,
  { limit, allowances }: { limit: number | undefined; allowances: readonly Allowance[] },
  parts: { rate: Rate; spend: Spend; prices: Promise<PriceTable | undefined>; settled: () => Promise<void> },
): Promise<Reserved[]> {
  if (limit !== undefined) {
    const wait = await parts.rate.take(call.claims.projectId, limit)
    if (wait !== undefined) throw tooFast(call.claims.projectId, limit, wait)
  }
  if (allowances.length === 0) return []
  const amount = estimate(call, await parts.prices)
  const reserved: Reserved[] = []
  for (const allowance of allowances) {
    let refused = await parts.spend.reserve(allowance, amount)
    if (refused) {
      // What finished calls did not cost is given back once they are read.
      await parts.settled()
      refused = await parts.spend.reserve(allowance, amount)
    }
    if (refused) {
      for (const { scope } of reserved) parts.spend.settle(scope, amount, 0)
      throw usedUp(allowance, refused.left, amount)
    }
    reserved.push({ scope: allowance.scope, amount })
  }
  return reserved
}

/** Of a completion whose length the caller does not limit, in tokens. */
const USUAL_COMPLETION = 1_000

/** Four bytes are taken for a token, and no prompt for more than this: files and images cost less than their bytes. */
const LARGEST_PROMPT = 100_000

/** What a call will cost, roughly. 0 where the model has no known price. */
function estimate(call: MeteredCall, prices: PriceTable | undefined): number {
  const { model } = readRequest(call)
  const maxTokens = maxTokensOf(call) ?? USUAL_COMPLETION
  const bytes = Number(call.headers['content-length'] ?? call.body?.length ?? 0)
  const promptTokens = Math.min(LARGEST_PROMPT, Math.ceil(bytes / 4))
  const usage = { promptTokens, completionTokens: maxTokens, totalTokens: promptTokens + maxTokens }
  return (model === undefined ? undefined : prices?.(call.target.connection.provider, model, usage))?.total ?? 0
}

function tooFast(projectId: string, limit: number, wait: number): ApiError {
  const words = `The project "${projectId}" may make ${limit} requests a minute. Try again in ${wait} seconds, or an admin raises the limit.`
  return new ApiError('rate-limit-reached', words, { retryAfter: wait })
}

function usedUp({ scope, limit }: Allowance, left: number, amount: number): ApiError {
  const [kind, id] = scope.split(':')
  const whose = kind === 'token' ? 'The engine token' : `The project "${id}" this month`
  const words = `${whose} may cost ${dollars(limit)}; ${dollars(Math.max(0, left))} are left, and this call is estimated at ${dollars(amount)}. An admin raises the limit.`
  return new ApiError('budget-reached', words)
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 6 : 2).replace(/(\.\d\d\d*?)0+$/, '$1')}`
}

const NOT_WRITTEN = () =>
  new ApiError(
    'overloaded',
    'Usage cannot be written at the moment, and no call is made without it. Try again in a moment.',
    { retryAfter: 2 },
  )
