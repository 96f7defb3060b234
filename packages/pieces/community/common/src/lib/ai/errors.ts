import { AWS_TYPES, awsTypeOf } from './errors-aws.ts'
import { readGoogleError } from './errors-google.ts'

/** Who has to do something before the call can work: `nobody` means: wait, then try again. */
export type AIErrorActor = 'flow-author' | 'admin' | 'vendor' | 'nobody'

/** What went wrong. The code is the contract; messages are for people and may change. */
export type AIErrorCode = keyof typeof ERRORS

/**
 * Every kind of failure once: who must act, whether the same call may work later, and what to do.
 * An AIError takes its `actor`, `retryable` and `remedy` from here.
 */
const ERRORS = {
  'invalid-request': row('flow-author', false, 'Change the parameter that the message names.'),
  'context-length': row('flow-author', false, 'Shorten the prompt or choose a model with a larger context window.'),
  'content-filter': row('flow-author', false, "Rephrase the prompt: the vendor's content filter refused it."),
  'model-not-found': row(
    'flow-author',
    false,
    'Choose another model, or ask the admin whether the key may use this one.',
  ),
  'too-large': row('flow-author', false, 'Send less in one request: it is larger than the vendor accepts.'),
  refused: row('flow-author', false, 'Rephrase the prompt: the model refused to answer.'),
  truncated: row('flow-author', false, 'Raise maxTokens or ask for a shorter answer: it did not fit.'),
  'invalid-object': row('flow-author', false, 'Simplify the schema, or choose a model that follows schemas better.'),
  'unknown-provider': row('flow-author', false, 'Choose one of the providers that the message lists.'),
  unsupported: row('flow-author', false, 'Choose a provider or a model that has this capability.'),
  'engine-token': row(
    'admin',
    false,
    'Run the step again: its engine token is missing, expired or not valid for this server.',
  ),
  authentication: row('admin', false, "Enter a valid API key in the provider's connection."),
  permission: row('admin', false, "Give the key the right that the message names, in the vendor's console."),
  'out-of-credit': row('admin', false, "Add credit or raise the spending limit in the vendor's console."),
  'not-configured': row('admin', false, 'Connect the provider in the admin console.'),
  'not-found': row('admin', false, "Check the base URL of the provider's connection."),
  'limit-reached': row('admin', false, "Raise the project's budget or limit, or wait until it starts anew."),
  unreachable: row(
    'admin',
    true,
    "Check the base URL of the connection and that the server can reach the vendor's host.",
  ),
  'rate-limit': row('nobody', true, 'Wait and try again: too many requests in a short time.'),
  overloaded: row('nobody', true, 'Wait and try again: the vendor is overloaded.'),
  timeout: row('nobody', true, 'Try again, or ask for a shorter answer.'),
  conflict: row('nobody', true, 'Try again.'),
  interrupted: row('nobody', true, 'Try again: the connection was cut before the reply was whole.'),
  aborted: row('nobody', false, 'The call was cancelled.'),
  'server-error': row('vendor', true, "Try again later; see the vendor's status page if it stays."),
  'invalid-reply': row(
    'vendor',
    false,
    "The reply is not what the vendor's API promises: check the base URL, or tell the vendor.",
  ),
  'invalid-tool-arguments': row('vendor', false, 'Try again or choose a model that follows tool schemas better.'),
  unknown: row('vendor', false, 'Read the message; if it does not help, tell the vendor.'),
} as const

function row<Actor extends AIErrorActor, Retryable extends boolean>(
  actor: Actor,
  retryable: Retryable,
  remedy: string,
) {
  return { actor, retryable, remedy }
}

/** What an AIError is made from; `actor`, `retryable` and `remedy` follow from the code unless given. */
export type AIErrorInit = {
  code: AIErrorCode
  /** One sentence in plain words, or the vendor's own. */
  message: string
  status?: number | undefined
  provider?: string | undefined
  model?: string | undefined
  requestId?: string | undefined
  retryAfter?: number | undefined
  retryable?: boolean | undefined
  vendorMessage?: string | undefined
  vendorCode?: string | undefined
  parameter?: string | undefined
  partial?: unknown
  cause?: unknown
}

/** The one error class of the library: whatever a provider throws reaches the caller as an AIError. */
export class AIError extends Error {
  override readonly name = 'AIError'
  readonly code: AIErrorCode
  /** HTTP status of the reply, where there was one. */
  readonly status: number | undefined
  /** The registry value of the provider, e.g. `openai`. */
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The vendor's id of the request: quote it to their support. */
  readonly requestId: string | undefined
  /** Seconds to wait before the next try, where the vendor says so. */
  readonly retryAfter: number | undefined
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean
  /** Who must act. */
  readonly actor: AIErrorActor
  /** What they should do, in one sentence. */
  readonly remedy: string
  /** The vendor's own words, free of keys. */
  readonly vendorMessage: string | undefined
  /** The vendor's own code or type, e.g. `insufficient_quota`. */
  readonly vendorCode: string | undefined
  /** The parameter that is wrong, where that is known, e.g. `creativity` or `max_tokens`. */
  readonly parameter: string | undefined
  /** What had come before the failure: a completion without an end. */
  readonly partial: unknown

  constructor(init: AIErrorInit) {
    super(withoutSecrets(init.message), init.cause === undefined ? undefined : { cause: init.cause })
    const known = ERRORS[init.code]
    this.code = init.code
    this.status = init.status
    this.provider = init.provider
    this.model = init.model
    this.requestId = init.requestId
    this.retryAfter = init.retryAfter
    this.retryable = init.retryable ?? known.retryable
    this.actor = known.actor
    this.remedy = known.remedy
    this.vendorMessage = init.vendorMessage === undefined ? undefined : withoutSecrets(init.vendorMessage)
    this.vendorCode = init.vendorCode
    this.parameter = init.parameter
    this.partial = init.partial
  }

  /** The public fields, for a log or another process; neither `cause` nor `partial`. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, status, provider, model, requestId, retryAfter, retryable } = this
    const { actor, remedy, vendorMessage, vendorCode, parameter } = this
    return {
      name,
      message,
      code,
      status,
      provider,
      model,
      requestId,
      retryAfter,
      retryable,
      actor,
      remedy,
      vendorMessage,
      vendorCode,
      parameter,
    }
  }
}

/** What is known about a call when it fails. */
export type AIErrorContext = { provider?: string | undefined; model?: string | undefined; partial?: unknown }

/**
 * Makes an AIError of whatever was thrown: an AIError (which gets what it lacks of the context), an error of a vendor's
 * SDK, a connection error, or a vendor's bare error object (`throw e.error.error`). The one place where errors are read.
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
 * Makes an AIError of an error object that came inside a 200 reply or a stream.
 *
 * @param error the vendor's error: an object, a string or a list of either
 */
export function errorInReply(error: unknown, details: { headers?: Headers; partial?: unknown } = {}): AIError {
  const read = readVendorError({ error, headers: details.headers })
  return new AIError({ ...read, partial: details.partial, cause: error })
}

// ---- connection errors: there is no reply to read

function connectionError(thrown: unknown): AIErrorInit | undefined {
  if (!(thrown instanceof Error) || ('status' in thrown && typeof thrown.status === 'number')) return undefined
  // The SDKs parse what says that it is JSON.
  if (thrown instanceof SyntaxError) return { code: 'invalid-reply', message: 'The reply is not JSON.' }
  const chain = causes(thrown)
  const text = chain.map((error) => `${error.name} ${error.constructor.name} ${error.message}`).join('\n')
  const reason = chain
    .map((error) => ('code' in error ? error.code : undefined))
    .find((code) => typeof code === 'string')
  if (/UserAbort|AbortError/.test(text)) return { code: 'aborted', message: 'The call was aborted.' }
  if (/Timeout|timed? ?out/i.test(text)) return { code: 'timeout', message: 'No answer came in time.' }
  if (/terminated|other side closed|ECONNRESET|EPIPE|UND_ERR_SOCKET|premature/i.test(`${text} ${reason}`)) {
    return { code: 'interrupted', message: 'The connection was cut before the reply was whole.' }
  }
  if (/APIConnectionError|fetch failed/.test(text)) {
    return { code: 'unreachable', message: `No connection to the server${reason ? ` (${reason})` : ''}.` }
  }
  return undefined
}

function causes(error: Error): Error[] {
  return error.cause instanceof Error ? [error, ...causes(error.cause)] : [error]
}

// ---- errors that carry a vendor's reply, in the shapes that the SDKs and the seed's factory throw

function readVendorError(thrown: unknown): AIErrorInit {
  const outer = asRecord(thrown)
  const headers = outer['headers'] instanceof Headers ? outer['headers'] : undefined
  const body = innermost(outer['error'] ?? thrown)
  const cause = text(asRecord(body['metadata'])['raw']) // a gateway's own words say less than those of its vendor
  const said =
    text(body['message']) ??
    text(body['Message']) ?? // AWS, of what stands before its service
    text(body['detail']) ??
    text(body['error']) ??
    text(outer['message'])
  const words = cause && said ? `${said}: ${cause}` : said
  const google = readGoogleError(body)
  const vendorCode =
    text(body['code']) ??
    text(body['type']) ??
    google.reason ??
    google.word ??
    awsTypeOf(body, headers) ??
    text(outer['code'])
  const status = numeric(outer['status']) ?? numeric(body['status']) ?? numeric(body['code'])
  const facts = {
    status,
    vendorCode,
    type: text(body['type']) ?? google.word,
    words: words ?? '',
    passing: google.passing,
    own: headers?.get(OWN_ERROR_HEADER),
  }
  return {
    code: classify(facts),
    message: words ? shorten(words) : `The vendor answered ${status ?? 'with an error'} and said nothing more.`,
    status,
    vendorMessage: words,
    vendorCode,
    parameter: text(body['param']),
    requestId: text(outer['requestID']) ?? requestIdOf(headers) ?? text(asRecord(outer['error'])['request_id']),
    retryAfter: retryAfter(headers) ?? google.retryAfter,
    ...(headers?.get('x-should-retry') === 'false' ? { retryable: false } : {}),
  }
}

/** Our proxy marks its own errors with this header, so that nobody takes them for the vendor's. */
const OWN_ERROR_HEADER = 'x-ai-proxy-error'

/** `{ error: { error: {...} } }`, `[{ error }]` and `{ error: {...} }` down to the object that has the words. */
function innermost(error: unknown): Record<string, unknown> {
  if (typeof error === 'string') return { message: error }
  if (Array.isArray(error)) return innermost(error[0])
  const record = asRecord(error)
  return typeof record['error'] === 'object' && record['error'] !== null ? innermost(record['error']) : record
}

type Facts = {
  status: number | undefined
  vendorCode: string | undefined
  type: string | undefined
  words: string
  /** A limit that was reached for a short time, whatever the words say. */
  passing: boolean
  own: string | null | undefined
}

function classify(facts: Facts): AIErrorCode {
  if (facts.own) return OWN_CODES[facts.own] ?? byStatus(facts.status)
  if (facts.passing) return 'rate-limit'
  const named = `${facts.vendorCode ?? ''} ${facts.type ?? ''}`
  for (const [code, pattern] of VENDOR_WORDS) if (pattern.test(named) || pattern.test(facts.words)) return code
  const byType = VENDOR_TYPES[facts.vendorCode ?? ''] ?? VENDOR_TYPES[facts.type ?? '']
  if (byType) return byType
  return facts.status === undefined && REQUEST_AT_FAULT.test(named) ? 'invalid-request' : byStatus(facts.status)
}

/**
 * Types and codes that blame the request, for errors inside a stream. They count only where there is no status: OpenAI
 * gives `invalid_request_error` with 401, 404 and 429 too.
 */
const REQUEST_AT_FAULT = /\b(invalid|unsupported)_\w+|image_/

/** The codes of our own proxy, as it names them in its header. */
const OWN_CODES: Record<string, AIErrorCode> = {
  'engine-token-missing': 'engine-token',
  'engine-token-invalid': 'engine-token',
  'engine-token-expired': 'engine-token',
  'connection-not-found': 'not-configured',
  'vendor-unreachable': 'unreachable',
  'wrong-credential': 'engine-token',
  'credential-unreadable': 'not-configured',
  'redirect-refused': 'not-found',
  'connect-timeout': 'timeout',
  'first-byte-timeout': 'timeout',
  'idle-timeout': 'timeout',
}

/**
 * What a status alone does not tell, in codes and words of the vendors.
 * The first row that fits wins: a missing credit and a full context hide behind 429 and 400.
 */
const VENDOR_WORDS: readonly (readonly [AIErrorCode, RegExp])[] = [
  [
    'out-of-credit',
    /insufficient_quota|billing_(error|hard_limit)|credit balance|exceeded your current quota|spend_limit_reached|prepayment credits|spending cap/i,
  ],
  [
    'context-length',
    /context_length_exceeded|maximum context length|prompt is too long|context window|input token count .*exceeds|input is too long|input tokens exceed/i,
  ],
  [
    'too-large',
    /request_too_large|request too large|payload size exceeds|string_above_max_length|too many total text bytes/i,
  ],
  [
    'content-filter',
    /content_filter|content_policy_violation|content (management|filtering) policy|bio_policy|misalignment_policy/i,
  ],
  ['authentication', /incorrect api key|api[_ ]key[_ ](not[_ ]valid|invalid)|make sure your api key is valid/i],
  ['unsupported', /not a chat model/i],
  [
    'model-not-found',
    /model_not_found|model .*(does not exist|not found)|^model: |^models\/\S+ is not found|model identifier is invalid/i,
  ],
]

/** The vendors' error types and codes, for errors that come without a status (inside a stream); Google's words with one. */
const VENDOR_TYPES: Record<string, AIErrorCode> = {
  invalid_api_key: 'authentication',
  authentication_error: 'authentication',
  permission_error: 'permission',
  not_found_error: 'not-found',
  rate_limit_error: 'rate-limit',
  rate_limit_exceeded: 'rate-limit',
  overloaded_error: 'overloaded',
  timeout_error: 'timeout',
  api_error: 'server-error',
  server_error: 'server-error',
  API_KEY_INVALID: 'authentication', // with status 400
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  FAILED_PRECONDITION: 'permission', // not in this country, or not without billing
  NOT_FOUND: 'not-found',
  RESOURCE_EXHAUSTED: 'rate-limit',
  DEADLINE_EXCEEDED: 'timeout',
  UNAVAILABLE: 'overloaded',
  ABORTED: 'conflict',
  INTERNAL: 'server-error',
  ...AWS_TYPES,
}

function byStatus(status: number | undefined): AIErrorCode {
  if (status === undefined) return 'unknown'
  if (status >= 300 && status < 400) return 'not-found' // a redirect, which is never followed: the base URL is wrong
  return STATUSES[status] ?? (status >= 500 ? 'server-error' : status >= 400 ? 'invalid-request' : 'unknown')
}

/** @see https://platform.openai.com/docs/guides/error-codes and https://docs.anthropic.com/en/api/errors */
const STATUSES: Record<number, AIErrorCode> = {
  401: 'authentication',
  402: 'out-of-credit',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  413: 'too-large',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

// ---- small readers

/** The vendor's id of the request, by the names that vendors have for its header. */
export function requestIdOf(headers: Headers | undefined): string | undefined {
  return headers?.get('x-request-id') ?? headers?.get('request-id') ?? headers?.get('x-amzn-requestid') ?? undefined
}

/** Seconds, from `retry-after-ms`, or `retry-after` in seconds or as a date. */
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

/** Vendors quote (parts of) keys in their words; whatever looks like one is taken out. */
function withoutSecrets(words: string): string {
  return words.replace(
    /\b(?:sk|pk|rk|gsk|xai|key|api)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\b(?:ABSK|bedrock-api-key-)[\w+/=.-]{8,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\bBearer\s+\S{8,}/gi,
    '[redacted]',
  )
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
