import { OWN_ERROR_HEADER, type UsageOperation, type UsageRow } from '@activepieces/contract'
import { AIError, errorOfReply, type PriceTable, readCost, readUsage } from '@activepieces/pieces-common'
import { toErrorBody } from '../http/errors.ts'
import type { MeteredCall, RelayOutcome } from '../proxy/meter.ts'
import type { Redactor } from '../secrets/redactor.ts'
import { parseJson } from './json.ts'
import { type ReplyFacts, readReply } from './read-reply.ts'
import { type Asked, readRequest } from './request.ts'
import type { Seen } from './window.ts'

/** One attempt, as it is stored; a row without its number. */
export type UsageRecord = Omit<UsageRow, 'id' | 'at' | 'connection' | 'operation'> & {
  readonly at: Date
  readonly connection: string
  readonly operation: UsageOperation
  /** What the vendor calls its model, where it says so. */
  readonly replyModel: string | null
  /** The token that the call was made with, if that has a limit of its own. */
  readonly limitedToken: string | null
  readonly failure: Pick<AIError, 'code' | 'actor' | 'message' | 'remedy'> | undefined
}

/** What came back, as the caller saw it. */
export type Came = {
  readonly outcome: RelayOutcome
  /** A flat list: name, value, name, value. */
  readonly headers: readonly string[]
  readonly seen: Seen
}

export function toRecord(call: MeteredCall, came: Came, prices: PriceTable | undefined): UsageRecord {
  const { outcome } = came
  const { connection } = call.target
  const asked = readRequest(call)
  const reply = readReply(contentType(came.headers), came.seen)
  const failure = failureOf(came, reply, connection.provider)
  const model = asked.model ?? reply.model
  return {
    at: new Date(),
    projectId: call.claims.projectId,
    runId: call.claims.runId ?? null,
    limitedToken: call.claims.maxCostUsd === undefined ? null : call.claims.tokenId,
    connectionId: connection.id,
    connection: connection.slug,
    provider: connection.provider,
    operation: asked.operation,
    model: model?.slice(0, 200) ?? null,
    replyModel: reply.model ?? null,
    status: outcome.status ?? null,
    error: failure?.code ?? null,
    actor: failure?.actor ?? null,
    failure,
    ...tokensAndCost(asked, reply, connection.provider, prices),
    firstByteMs: outcome.firstByte ?? null,
    totalMs: outcome.total,
    requestId: call.id,
    vendorRequestId: outcome.requestId ?? null,
    completeness: COMPLETENESS[outcome.end],
  }
}

/** What the provider has written in a record, without the connection's credentials. Prices are found before. */
export function redactedRecord(record: UsageRecord, { redact }: Redactor): UsageRecord {
  const clean = (text: string | null) => text && redact(text)
  const { failure, model, replyModel, pricedAs, vendorRequestId } = record
  return {
    ...record,
    model: clean(model),
    replyModel: clean(replyModel),
    pricedAs: clean(pricedAs),
    vendorRequestId: clean(vendorRequestId),
    failure: failure && {
      code: failure.code,
      actor: failure.actor,
      remedy: failure.remedy,
      message: redact(failure.message),
    },
  }
}

const COMPLETENESS = { whole: 'complete', cut: 'truncated', left: 'aborted', failed: 'failed' } as const

const UNKNOWN = {
  uncachedTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  outputTokens: null,
  reasoningTokens: null,
  costUsd: null,
  costSource: null,
  pricedAs: null,
}

function tokensAndCost(
  { operation, model }: Asked,
  { usage: raw, model: replyModel }: ReplyFacts,
  provider: string,
  prices: PriceTable | undefined,
) {
  const usage = raw && readUsage(raw)
  if (!raw || !usage) return UNKNOWN
  const { uncached, cacheRead, cacheWrite, output, reasoning } = usage.parts ?? {}
  const tokens = {
    uncachedTokens: whole(uncached),
    cacheReadTokens: whole(cacheRead),
    cacheWriteTokens: whole(cacheWrite),
    outputTokens: whole(output),
    reasoningTokens: whole(reasoning),
  }
  const said = readCost(raw)
  if (said !== undefined) return { ...tokens, costUsd: said, costSource: 'vendor' as const, pricedAs: null }
  // Vectors are no tokens.
  const counted = operation === 'embeddings' ? { ...usage, completionTokens: usage.completionTokens ?? 0 } : usage
  const names = [replyModel, model].filter((name) => name !== undefined)
  const cost = names.map((name) => prices?.(provider, name, counted)).find((price) => price !== undefined)
  if (!cost) return { ...tokens, costUsd: null, costSource: null, pricedAs: null }
  return { ...tokens, costUsd: cost.total, costSource: 'table' as const, pricedAs: cost.pricedAs }
}

/** A vendor may say anything. */
function whole(tokens: number | undefined): number | null {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : null
}

/** In the library's words, as the caller's own library would put it. */
function failureOf({ outcome, headers, seen }: Came, reply: ReplyFacts, provider: string): AIError | undefined {
  const { status = 0, end, code = 'internal-error', message = '' } = outcome
  if (end === 'left') return new AIError({ code: 'aborted', message: 'The caller did not wait for the end.' })
  if (end === 'cut') return new AIError({ code: 'interrupted', message: 'The reply broke off.', provider })
  if (end === 'failed') {
    const body = toErrorBody({ status, code, message, param: null })
    return errorOfReply({ status, headers: new Headers({ [OWN_ERROR_HEADER]: code }), body }, provider)
  }
  if (status >= 400) {
    const text = seen.head.toString() + seen.tail.toString()
    return errorOfReply({ status, headers: toHeaders(headers), body: parseJson(text) ?? text }, provider)
  }
  return reply.error ? errorOfReply({ status: 0, headers: toHeaders(headers), body: reply.error }, provider) : undefined
}

export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) if (headers[at]?.toLowerCase() === name) return headers[at + 1]
  return undefined
}

export function contentType(headers: readonly string[]): string {
  return (headerOf(headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function toHeaders(flat: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < flat.length; at += 2) headers.append(flat[at] ?? '', flat[at + 1] ?? '')
  return headers
}
