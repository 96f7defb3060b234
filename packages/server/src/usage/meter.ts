import type { Project } from '@activepieces/contract'
import { loadPrices, type PriceTable } from '@activepieces/pieces-common'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import type { CallMeter, MeteredCall, ProxyMeter } from '../proxy/meter.ts'
import { type Rate, rateStore } from './rate.ts'
import { type Came, headerOf, redactedRecord, toRecord, type UsageRecord } from './record.ts'
import { maxTokensOf, readRequest } from './request.ts'
import { type Allowance, monthOf, RENEW, type Spend, spendStore, tokenOf } from './spend.ts'
import { COMPRESSED, unpack } from './unpack.ts'
import { createWindow, type Seen, type Window } from './window.ts'
import { usageWriter } from './writer.ts'

export type UsageParts = {
  readonly database: Pick<Database, 'db' | 'isEmbedded'>
  readonly findProject: (id: string) => Project | undefined | Promise<Project | undefined>
  readonly log: Pick<FastifyBaseLogger, 'error'>
  /** Told of every record as it is made, and of what it was made from: for traces. What it throws is logged. */
  readonly onRecord?: ((record: UsageRecord, call: MeteredCall, came: Came) => void) | undefined
}

/** Records that are being made or wait to be written. With more than these the database is not answering, and no call is let through. */
const MOST_WAITING = 50_000

/** Meters every proxied call: holds it against budget and rate before, writes a row of it after. */
export function usageMeter({ database, findProject, log, onRecord }: UsageParts): ProxyMeter {
  const onError = (err: unknown) =>
    log.error({ err }, 'usage could not be metered or written; what was not written is tried again')
  let table: PriceTable | undefined
  const prices = loadPrices().then((loaded) => {
    table = loaded
  }, onError)
  const spend = spendStore(database.db)
  const rate = rateStore(database.db)
  const writer = usageWriter(database, spend.write, onError)
  const renewing = setInterval(() => spend.renew().catch(onError), RENEW).unref()
  /** Records that are still being made. */
  const making = new Set<Promise<void>>()

  const watch = (call: MeteredCall, allowances: readonly Reserved[]): CallMeter => {
    const finish = (came: Came) => {
      const record = redactedRecord(toRecord(call, came, table), call.target.redactor)
      for (const { scope, amount } of allowances) spend.settle(scope, amount, record.costUsd ?? 0)
      writer.add(record)
      try {
        onRecord?.(record, call, came)
      } catch (error) {
        onError(error)
      }
    }
    return watchBytes((came) => {
      const make = (seen: Seen) => finish({ ...came, seen })
      const encoding = headerOf(came.headers, 'content-encoding') ?? 'identity'
      if (encoding === 'identity' && table) return finish(came)
      const later = prices
        .then(() => (encoding === 'identity' ? came.seen : unpack(encoding, came.seen)))
        .then(make)
        .catch(onError)
        .finally(() => making.delete(later))
      making.add(later)
    })
  }

  const start = (call: MeteredCall, project: Project | undefined): CallMeter | Promise<CallMeter> => {
    if (writer.waiting() + making.size > MOST_WAITING) throw NOT_WRITTEN()
    const limit = project?.requestsPerMinute ?? undefined
    const allowances = allowancesOf(call, project)
    if (limit === undefined && allowances.length === 0) return watch(call, [])
    return admit(call, { limit, allowances }, { rate, spend, prices: () => prices.then(() => table) }).then(
      (reserved) => watch(call, reserved),
    )
  }

  return {
    start(call) {
      const project = findProject(call.claims.projectId)
      return project instanceof Promise ? project.then((found) => start(call, found)) : start(call, project)
    },
    async flush() {
      clearInterval(renewing)
      await Promise.all(making)
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
  parts: { rate: Rate; spend: Spend; prices: () => Promise<PriceTable | undefined> },
): Promise<Reserved[]> {
  if (limit !== undefined) {
    const wait = await parts.rate.take(call.claims.projectId, limit)
    if (wait !== undefined) throw tooFast(call.claims.projectId, limit, wait)
  }
  if (allowances.length === 0) return []
  const amount = estimate(call, await parts.prices())
  const reserved: Reserved[] = []
  for (const allowance of allowances) {
    const refused = await parts.spend.reserve(allowance, amount)
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

/** Keeps of the bytes what tells of usage, and gives it on at the end. */
function watchBytes(done: (came: Came) => void): CallMeter {
  let headers: readonly string[] = []
  let window: Window | undefined
  return {
    head(_status, flat) {
      headers = flat
      const encoding = headerOf(flat, 'content-encoding') ?? 'identity'
      window = createWindow(encoding === 'identity' ? undefined : COMPRESSED)
    },
    chunk(piece) {
      window ??= createWindow()
      window.push(piece)
    },
    over: (outcome) => done({ outcome, headers, seen: (window ?? createWindow()).read() }),
  }
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
