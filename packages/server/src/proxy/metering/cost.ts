import type { UsageOperation, UsageRow } from '@activepieces/contract'
import type { AIChatCompletionUsage } from '@activepieces/pieces-common'
import { type PriceTable, readCost, readUsage } from '@activepieces/pieces-common/observe'
import type { RelayOutcome } from '../../domain/connections/relay-outcome.ts'
import type { Capture } from './capture.ts'
import { estimateCompletion, type RequestEstimate } from './estimate.ts'
import { type Cost, costOf, type Pricing } from './pricing.ts'
import type { ResponseFacts } from './read-response.ts'

export type TokensAndCost = Pick<
  UsageRow,
  | 'uncachedTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'outputTokens'
  | 'reasoningTokens'
  | 'costUsd'
  | 'costSource'
  | 'pricedAs'
  | 'estimated'
>

const UNKNOWN: TokensAndCost = {
  uncachedTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  outputTokens: null,
  reasoningTokens: null,
  costUsd: null,
  costSource: null,
  pricedAs: null,
  estimated: false,
}

/** What is known about a call's cost from its request. Plain data. */
export type CostBasis = {
  readonly pricing: Pricing
  /** Model names in the request. */
  readonly models: readonly string[]
  readonly request: RequestEstimate
  /** Whether no vendor charges for this kind of call. */
  readonly free: 'always' | 'unless-reported' | undefined
}

export type CostFacts = {
  readonly basis: CostBasis
  readonly operation: UsageOperation
  readonly outcome: Pick<RelayOutcome, 'status' | 'end' | 'total' | 'bytes'>
  /** Content type of the response. */
  readonly type: string
  readonly capture: Capture
  readonly response: ResponseFacts
  /** Undefined if the table could not be loaded. */
  readonly prices: PriceTable | undefined
}

/** Usage and cost of a call: as reported by the vendor, or estimated if the vendor bills the call but its report is incomplete. */
export function tokensAndCost(facts: CostFacts): TokensAndCost {
  const { basis, outcome, operation, response, prices } = facts
  const { pricing } = basis
  const reported = reportedUsage(response, operation)
  const reportedCost = response.usage && readCost(response.usage)
  const wasAnswered = (outcome.status ?? 0) < 400 && outcome.end !== 'failed'
  const isFree = basis.free === 'always' || (basis.free && !reported && reportedCost === undefined)
  if (isFree) return wasAnswered ? { ...UNKNOWN, costUsd: 0, costSource: 'free' } : UNKNOWN
  const isReported =
    reportedCost !== undefined || (isComplete(reported) && (outcome.end === 'completed' || !wasAnswered))
  const usage = isReported ? reported : wasAnswered ? estimateUsage(facts, reported) : undefined
  if (!usage) return { ...UNKNOWN, ...(reportedCost !== undefined && reportedCostOf(reportedCost)) }
  const models = [...(response.model === undefined ? [] : [[response.model]]), basis.models]
  const cost =
    reportedCost === undefined ? costOf(usage, { models, pricing, table: prices }) : reportedCostOf(reportedCost)
  // Bytes of non-text data can't be converted to tokens, unless a price does so.
  if (!isReported && !cost && operation !== 'chat') return UNKNOWN
  return { ...UNKNOWN, ...tokensOf(usage), ...cost, estimated: !isReported }
}

/** Vendors may send any value: an invalid token count is unknown. */
function reportedUsage(response: ResponseFacts, operation: UsageOperation): AIChatCompletionUsage | undefined {
  const usage = response.usage && readUsage(response.usage)
  if (!usage) return undefined
  const promptTokens = count(usage.promptTokens)
  // Vectors have no completion tokens.
  const completionTokens = count(usage.completionTokens) ?? (operation === 'embeddings' ? 0 : undefined)
  return {
    promptTokens,
    completionTokens,
    totalTokens: undefined,
    cacheReadTokens: count(usage.cacheReadTokens),
    cacheWriteTokens: count(usage.cacheWriteTokens),
    reasoningTokens: count(usage.reasoningTokens),
    parts: usage.parts,
  }
}

function isComplete(usage: AIChatCompletionUsage | undefined): boolean {
  return usage?.promptTokens !== undefined && usage.completionTokens !== undefined
}

/** Undefined if the vendor bills nothing: the call never reached it, or it returned an error before any output. */
function estimateUsage(
  { basis, outcome, type, capture, response }: CostFacts,
  reported: AIChatCompletionUsage | undefined,
): AIChatCompletionUsage | undefined {
  const output = estimateCompletion(capture, outcome.bytes)
  const neverSent = outcome.end === 'client-aborted' && outcome.total === 0
  if (neverSent || (response.error !== undefined && output === undefined && !reported)) return undefined
  const { request } = basis
  // Vendors stop a stream that nobody reads, but complete a response that is sent at the end.
  const endsEarly = outcome.end === 'completed' || /event-?stream|ndjson/.test(type)
  const estimate = endsEarly && output !== undefined ? output : Math.max(output ?? 0, request.completionTokens)
  const completionTokens =
    outcome.end === 'completed' && reported?.completionTokens !== undefined
      ? reported.completionTokens
      : Math.max(reported?.completionTokens ?? 0, estimate)
  const promptTokens = reported?.promptTokens ?? request.promptTokens
  return { totalTokens: undefined, ...reported, promptTokens, completionTokens, parts: undefined }
}

function tokensOf({ parts, ...usage }: AIChatCompletionUsage) {
  const { promptTokens = 0, completionTokens = 0, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage
  const { uncached, cacheRead, cacheWrite, output, reasoning } = parts ?? {
    uncached: Math.max(0, promptTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
    cacheRead: cacheReadTokens,
    cacheWrite: cacheWriteTokens,
    output: Math.max(0, completionTokens - (reasoningTokens ?? 0)),
    reasoning: reasoningTokens,
  }
  return {
    uncachedTokens: count(uncached) ?? null,
    cacheReadTokens: count(cacheRead) ?? null,
    cacheWriteTokens: count(cacheWrite) ?? null,
    outputTokens: count(output) ?? null,
    reasoningTokens: count(reasoning) ?? null,
  }
}

function reportedCostOf(costUsd: number): Cost {
  return { costUsd, costSource: 'vendor', pricedAs: null }
}

function count(tokens: number | undefined): number | undefined {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined
}
