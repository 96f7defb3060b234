import type { UsageOperation, UsageRow } from '@activepieces/contract'
import type { Redactor } from '../../platform/secrets/redactor.ts'
import type { MeteredCall, RelayOutcome } from '../meter.ts'
import type { Reading } from './read-call.ts'
import type { Asked } from './request.ts'

/** One attempt, as it is stored; a row without its number. */
export type UsageRecord = Omit<UsageRow, 'id' | 'at' | 'connection' | 'operation'> & {
  readonly at: Date
  readonly connection: string
  readonly operation: UsageOperation
  /** The provider's own name of its model, where the response has it. */
  readonly replyModel: string | null
  /** The token that the call was made with, if that has a limit of its own. */
  readonly limitedToken: string | null
  readonly failure: Reading['failure']
  /** Bytes of the request body that were read. Not stored. */
  readonly requestBytes: number
  /** Bytes of the response body, as it came. Not stored. */
  readonly responseBytes: number
}

/** A call that is over, before its bytes are read. */
export type FinishedCall = {
  readonly at: Date
  readonly call: Pick<MeteredCall, 'id' | 'claims' | 'target'>
  readonly asked: Asked
  readonly outcome: RelayOutcome
}

export function toRecord({ at, call, asked, outcome }: FinishedCall, reading: Reading): UsageRecord {
  const { connection } = call.target
  const { names: _, failure, ...tokensAndCost } = reading
  const model = asked.model ?? reading.replyModel
  return {
    at,
    projectId: call.claims.projectId,
    runId: call.claims.runId ?? null,
    limitedToken: call.claims.maxCostUsd === undefined ? null : call.claims.tokenId,
    connectionId: connection.id,
    connection: connection.slug,
    provider: connection.provider,
    operation: asked.operation,
    model: model?.slice(0, 200) ?? null,
    status: outcome.status ?? null,
    error: failure?.code ?? null,
    actor: failure?.actor ?? null,
    failure,
    ...tokensAndCost,
    firstByteMs: outcome.firstByte ?? null,
    totalMs: outcome.total,
    requestId: call.id,
    vendorRequestId: outcome.requestId ?? null,
    completeness: COMPLETENESS[outcome.end],
    requestBytes: outcome.requestBytes,
    responseBytes: outcome.bytes,
  }
}

/** Redacts the connection's credentials in what comes from the provider. Prices are looked up before that. */
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
