import { OWN_ERROR_HEADER } from '@activepieces/contract'
import { AIError } from '@activepieces/pieces-common'
import { errorFromResponse, type PriceTable } from '@activepieces/pieces-common/observe'
import type { RelayOutcome } from '../../domain/connections/relay-outcome.ts'
import type { CallFailure } from '../../domain/usage/record.ts'
import { toErrorBody } from '../../platform/errors.ts'
import { type Capture, captureOf, EMPTY } from './capture.ts'
import { type CostBasis, type TokensAndCost, tokensAndCost } from './cost.ts'
import { parseJson } from './json.ts'
import { type ResponseFacts, type ResponseNames, readNames, readResponse, textOf } from './read-response.ts'
import type { RequestFacts } from './request.ts'
import { encodingsOf, unpack } from './unpack.ts'

/** What is known about a finished call. Sent to a worker thread, so it is plain data. */
export type UnreadCall = {
  readonly provider: string
  readonly facts: RequestFacts
  readonly basis: CostBasis
  readonly outcome: Pick<RelayOutcome, 'status' | 'end' | 'code' | 'message' | 'total' | 'bytes'>
  /** Of the response, as a flat list: name, value, name, value. */
  readonly headers: readonly string[]
  readonly capture: Capture
}

/** What was read from the bytes of a response. */
export type Reading = TokensAndCost & {
  /** The provider's name of the model, if the response contains it. */
  readonly responseModel: string | null
  readonly failure: CallFailure | undefined
  /** Present if requested. */
  readonly names: ResponseNames | undefined
}

export type ReadOptions = { readonly prices?: PriceTable | undefined; readonly names?: boolean | undefined }

/** Decompresses, parses and prices a response. The bytes are hostile: don't call it on the thread that serves calls. */
export function readCall(call: UnreadCall, { prices, names }: ReadOptions = {}): Reading {
  const capture = plainCapture(call)
  const type = contentType(call.headers)
  const response = readResponse(type, capture)
  return {
    responseModel: response.model ?? null,
    ...tokensAndCost({ ...call, operation: call.facts.operation, type, capture, response, prices }),
    failure: failureOf(call, capture, response),
    names: names ? readNames(type, capture) : undefined,
  }
}

/**
 * The reading of a call whose bytes could not be read: its cost is the most that the request allows. Safe on every thread,
 * because it ignores the vendor's bytes.
 */
export function readNothing(call: UnreadCall, options?: Pick<ReadOptions, 'prices'>): Reading {
  return readCall({ ...call, headers: [], capture: EMPTY }, options)
}

/** The beginning and the end of the decompressed body; empty if it can't be decompressed. */
function plainCapture({ headers, capture }: UnreadCall): Capture {
  const encodings = encodingsOf(contentEncoding(headers))
  if (encodings.length === 0) return capture
  const body = unpack(encodings, capture.head)
  if (!body) return EMPTY
  const plain = captureOf(body)
  return capture.isWhole ? plain : { ...plain, isWhole: false }
}

/** The error as the caller's library would report it. */
function failureOf(call: UnreadCall, capture: Capture, response: ResponseFacts): Reading['failure'] {
  const error = errorOf(call, capture, response)
  if (!error) return undefined
  const { code, actor, message, remedy } = error
  return { code, actor, message, remedy }
}

function errorOf(
  { outcome, headers, provider }: UnreadCall,
  capture: Capture,
  response: ResponseFacts,
): AIError | undefined {
  const { status = 0, end, code = 'internal-error', message = '' } = outcome
  if (end === 'client-aborted')
    return new AIError({ code: 'aborted', message: 'The caller disconnected before the response ended.' })
  if (end === 'upstream-aborted')
    return new AIError({ code: 'interrupted', message: 'The response was interrupted.', provider })
  if (end === 'failed') {
    const body = toErrorBody({ status, code, message, param: null })
    return errorFromResponse({ status, headers: new Headers({ [OWN_ERROR_HEADER]: code }), body }, provider)
  }
  if (status >= 400) {
    const text = textOf(capture)
    return errorFromResponse({ status, headers: toHeaders(headers), body: parseJson(text) ?? text }, provider)
  }
  return response.error
    ? errorFromResponse({ status: 0, headers: toHeaders(headers), body: response.error }, provider)
    : undefined
}

/** All values of a header that occurs more than once, joined by commas. */
export function contentEncoding(headers: readonly string[]): string {
  return valuesOf(headers, 'content-encoding').join(',')
}

function contentType(headers: readonly string[]): string {
  return (valuesOf(headers, 'content-type')[0] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name)
}

function toHeaders(flat: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < flat.length; at += 2) headers.append(flat[at] ?? '', flat[at + 1] ?? '')
  return headers
}
