import type { RelayOutcome } from '../../domain/connections/relay-outcome.ts'
import type { UsageRecord } from '../../domain/usage/record.ts'
import type { Redactor } from '../../platform/secrets/redactor.ts'
import type { MeteredCall } from '../meter.ts'
import type { Reading } from './read-call.ts'
import type { RequestFacts } from './request.ts'

/** A call that has ended, before its bytes are read. */
export type FinishedCall = {
  readonly at: Date
  readonly call: Pick<MeteredCall, 'id' | 'claims' | 'target'>
  readonly facts: RequestFacts
  readonly outcome: RelayOutcome
}

export function toRecord({ at, call, facts, outcome }: FinishedCall, reading: Reading): UsageRecord {
  const { connection } = call.target
  const { names: _, failure, ...tokensAndCost } = reading
  const model = facts.model ?? reading.responseModel
  return {
    at,
    projectId: call.claims.projectId,
    runId: call.claims.runId ?? null,
    limitedToken: call.claims.maxCostUsd === undefined ? null : call.claims.tokenId,
    connectionId: connection.id,
    connection: connection.slug,
    provider: connection.provider,
    operation: facts.operation,
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
  const { failure, model, responseModel, pricedAs, vendorRequestId } = record
  return {
    ...record,
    model: clean(model),
    responseModel: clean(responseModel),
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

const COMPLETENESS = {
  completed: 'complete',
  'upstream-aborted': 'truncated',
  'client-aborted': 'aborted',
  failed: 'failed',
} as const
