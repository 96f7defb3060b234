import type { AIErrorActor, AIErrorCode } from '../contract/errors.ts'
import { AIError, type AIErrorInit } from './ai-error.ts'
import { awsTypeOf } from './aws.ts'
import { classifyError, PROXY_ERROR_HEADER } from './classify.ts'
import { readGoogleError } from './google.ts'

/** What is known about a call when it fails. */
export type AIErrorContext = { provider?: string | undefined; model?: string | undefined; partial?: unknown }

/**
 * Converts whatever was thrown to an AIError: an AIError (the context fills in what it lacks), an error of a vendor's SDK,
 * a connection error, or a vendor's bare error object (`throw e.error.error`).
 */
export function toAIError(thrown: unknown, context: AIErrorContext): AIError {
  const init = thrown instanceof AIError ? fieldsOf(thrown) : (connectionError(thrown) ?? readVendorError(thrown))
  return new AIError({
    ...init,
    provider: init.provider ?? context.provider,
    model: init.model ?? context.model,
    partial: init.partial ?? context.partial,
    cause: thrown instanceof AIError ? thrown.cause : thrown,
  })
}

function fieldsOf(error: AIError): AIErrorInit {
  return { ...error, message: error.message }
}

/**
 * Converts an error object inside a 200 response or a stream to an AIError.
 *
 * @param error the vendor's error: an object, a string or a list of either
 * @param details `fallback`: the code of an error that cannot be classified; defaults to `unknown`
 */
export function errorInResponse(
  error: unknown,
  details: { headers?: Headers; partial?: unknown; fallback?: AIErrorCode } = {},
): AIError {
  const read = readVendorError({ error, headers: details.headers })
  const code = read.code === 'unknown' ? (details.fallback ?? 'unknown') : read.code
  return new AIError({ ...read, code, partial: details.partial, cause: error })
}

/**
 * Converts an error response of a vendor to an AIError, as the providers do.
 *
 * @param response `body`: parsed JSON, or the text; a status below 400 means an error inside a successful response
 */
export function errorFromResponse(
  response: { status: number; headers: Headers; body: unknown },
  provider: string,
): AIError {
  const { status, headers, body } = response
  const read = readVendorError({ error: body, headers, ...(status >= 400 && { status }) })
  return new AIError({ ...read, provider })
}

// ---- connection errors, without a response

function connectionError(thrown: unknown): AIErrorInit | undefined {
  if (!(thrown instanceof Error) || ('status' in thrown && typeof thrown.status === 'number')) return undefined
  // The SDKs parse the body themselves.
  if (thrown instanceof SyntaxError) return { code: 'invalid-reply', message: 'The response is not JSON.' }
  if (thrown instanceof RangeError && /call stack/.test(thrown.message)) {
    return { code: 'invalid-reply', message: 'The response is nested too deeply.' }
  }
  const chain = causes(thrown)
  const text = chain.map((error) => `${error.name} ${error.constructor.name} ${error.message}`).join('\n')
  const reason = chain
    .map((error) => ('code' in error ? error.code : undefined))
    .find((code) => typeof code === 'string')
  if (/UserAbort|AbortError/.test(text)) return { code: 'aborted', message: 'The call was aborted.' }
  if (/Timeout|timed? ?out/i.test(text)) return { code: 'timeout', message: 'The request timed out.' }
  if (/terminated|other side closed|ECONNRESET|EPIPE|UND_ERR_SOCKET|premature/i.test(`${text} ${reason}`)) {
    return { code: 'interrupted', message: 'The connection ended before the response was complete.' }
  }
  if (/APIConnectionError|fetch failed/.test(text)) {
    const message = `No connection to the server${reason ? ` (${reason})` : ''}.`
    // Vendors are reached through the proxy, whose errors have remedies of their own.
    return { code: 'unreachable', message, remedy: 'Check that the server of `server.apiUrl` runs and can be reached.' }
  }
  return undefined
}

function causes(error: Error): Error[] {
  const chain = [error]
  for (let cause = error.cause; cause instanceof Error && chain.length < MAX_NESTING; cause = cause.cause)
    chain.push(cause)
  return chain
}

/** Errors that are nested deeper come from a hostile or broken vendor. */
const MAX_NESTING = 20

// ---- errors with a response, in the shapes that SDKs and factories throw

function readVendorError(thrown: unknown): AIErrorInit {
  const outer = asRecord(thrown)
  const headers = outer['headers'] instanceof Headers ? outer['headers'] : undefined
  const body = innermost(outer['error'] ?? thrown)
  const cause = text(asRecord(body['metadata'])['raw']) // the vendor behind a gateway
  const said =
    text(body['message']) ??
    text(body['Message']) ?? // AWS, before the request reaches the service
    text(body['detail']) ??
    text(body['error']) ??
    text(outer['message'])
  const words = cause && said ? `${said}: ${cause}` : said
  const google = readGoogleError(body)
  const vendorCode =
    text(body['code']) ??
    text(body['type']) ??
    text(body['error_type']) ??
    google.reason ??
    google.word ??
    awsTypeOf(body, headers) ??
    text(outer['code'])
  const status = numeric(outer['status']) ?? numeric(body['status']) ?? numeric(body['code'])
  const own = ownErrorOf(body, headers)
  const facts = {
    status,
    vendorCode,
    type: text(body['type']) ?? text(body['error_type']) ?? google.word,
    words: words ?? '',
    temporary: google.temporary,
    proxyCode: own?.code,
  }
  return {
    code: classifyError(facts),
    message: words
      ? shorten(words)
      : `The vendor returned ${status === undefined ? 'an error' : `status ${status}`} without a message.`,
    status,
    vendorMessage: words,
    vendorCode,
    parameter: text(body['param']),
    requestId:
      text(outer['requestID']) ??
      requestIdOf(headers) ??
      text(asRecord(outer['error'])['request_id']) ??
      text(body['id']), // Cohere
    retryAfter: retryAfter(headers) ?? google.retryAfter,
    ...(headers?.get('x-should-retry') === 'false' && { retryable: false }),
    ...own?.told,
  }
}

/**
 * Reads an error of our own server, which says who must act and what to do. A header marks it. A factory that throws the
 * bare error object loses the header, but keeps these fields, which no vendor sends.
 */
function ownErrorOf(body: Record<string, unknown>, headers: Headers | undefined) {
  const marked = headers?.get(PROXY_ERROR_HEADER) ?? undefined
  const actor = ACTORS.find((one) => one === body['actor'])
  const remedy = text(body['remedy'])
  const told = actor && remedy ? { actor, remedy: shorten(remedy), retryable: body['retryable'] === true } : undefined
  const code = marked ?? (told && !headers ? text(body['code']) : undefined)
  return code === undefined ? undefined : { code, told }
}

const ACTORS: readonly AIErrorActor[] = ['flow-author', 'admin', 'vendor', 'nobody']

/** Unwraps `{ error: { error: {…} } }`, `[{ error }]` and `{ error: {…} }` to the object with the message. */
function innermost(error: unknown): Record<string, unknown> {
  let inner = error
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    const { error: next } = asRecord(inner)
    if (Array.isArray(inner)) inner = inner[0]
    else if (typeof next === 'object' && next !== null) inner = next
    else break
  }
  return typeof inner === 'string' ? { message: inner } : asRecord(inner)
}

// ---- fields

/** Response headers with the vendor's request id, in lower case. */
export const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'apim-request-id',
  'x-groq-request-id',
] as const

/** Returns the vendor's request id. */
export function requestIdOf(headers: Headers | undefined): string | undefined {
  return REQUEST_ID_HEADERS.map((name) => headers?.get(name)).find((id) => id != null) ?? undefined
}

/** Returns seconds from `retry-after-ms`, or from `retry-after` in seconds or as a date. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const ms = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  if (ms > 0) return ms / 1000
  const value = headers?.get('retry-after')
  if (!value) return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds)
  const until = Date.parse(value)
  return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1000)
}

function shorten(words: string): string {
  return words.length > 1_000 ? `${words.slice(0, 1_000)} …` : words
}

function asRecord(value: unknown): Record<string, unknown> {
  // SAFETY: every object may be read as a record of unknown fields.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numeric(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && number >= 100 && number < 600 ? number : undefined
}
