import type { AIErrorCode } from '../contract/errors.ts'
import { AWS_TYPES } from './aws.ts'

/** Header with which our proxy marks its own errors, to tell them from the vendor's. */
export const PROXY_ERROR_HEADER = 'x-ai-proxy-error'

/** Facts of an error that determine its code. */
export type ErrorFacts = {
  status: number | undefined
  vendorCode: string | undefined
  type: string | undefined
  words: string
  /** A short-term limit was reached, whatever the message says. */
  temporary: boolean
  /** Code of our own proxy. */
  proxyCode: string | undefined
}

/** Returns the error code. First match wins: our own proxy, a temporary limit, the vendor's message, its types, the status. */
export function classifyError(facts: ErrorFacts): AIErrorCode {
  if (facts.proxyCode) return PROXY_CODES.get(facts.proxyCode) ?? byStatus(facts.status)
  if (facts.temporary) return 'rate-limit'
  const named = `${facts.vendorCode ?? ''} ${facts.type ?? ''}`
  for (const [code, pattern] of VENDOR_WORDS) if (pattern.test(named) || pattern.test(facts.words)) return code
  const byType = VENDOR_TYPES.get(facts.vendorCode ?? '') ?? VENDOR_TYPES.get(facts.type ?? '')
  if (byType) return byType
  return facts.status === undefined && REQUEST_AT_FAULT.test(named) ? 'invalid-request' : byStatus(facts.status)
}

/**
 * Types and codes that blame the request. Only used without a status (inside a stream): OpenAI also returns
 * `invalid_request_error` with 401, 404 and 429.
 */
const REQUEST_AT_FAULT = /\b(invalid|unsupported)_\w+|image_/

/**
 * Codes of our own server that the status does not distinguish. The error's body says who must act and what to do. A test
 * of the server checks that every code of its table is covered.
 */
const PROXY_CODES: ReadonlyMap<string, AIErrorCode> = mapOf({
  'engine-token-missing': 'engine-token',
  'engine-token-invalid': 'engine-token',
  'engine-token-expired': 'engine-token',
  'engine-token-revoked': 'engine-token',
  'wrong-credential': 'engine-token',
  'connection-not-found': 'not-configured',
  'credential-unreadable': 'not-configured',
  'budget-reached': 'limit-reached',
  'price-unknown': 'limit-reached',
  'redirect-refused': 'not-found',
  'vendor-unreachable': 'unreachable',
  'address-refused': 'unreachable',
  'reply-headers-too-large': 'invalid-reply',
})

/**
 * Errors that the status does not distinguish, by the vendors' codes and messages. The first match wins: vendors return 429
 * if credit is used up, and 400 if the context is full.
 */
const VENDOR_WORDS: readonly (readonly [AIErrorCode, RegExp])[] = [
  [
    'out-of-credit',
    /insufficient_quota|billing_(error|hard_limit)|credit balance|exceeded your current quota|spend_limit_reached|calls \/ month|prepayment credits|spending cap/i,
  ],
  [
    'context-length',
    /context_length_exceeded|maximum context length|prompt is too long|too_many_tokens|too many tokens: |context window|input token count .*exceeds|input is too long|input tokens exceed/i,
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

/** The vendors' error types and codes. OpenAI's and Anthropic's only matter inside a stream, where there is no status. */
const VENDOR_TYPES: ReadonlyMap<string, AIErrorCode> = mapOf({
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
  FAILED_PRECONDITION: 'permission', // the country is not supported, or billing is not set up
  NOT_FOUND: 'not-found',
  RESOURCE_EXHAUSTED: 'rate-limit',
  DEADLINE_EXCEEDED: 'timeout',
  UNAVAILABLE: 'overloaded',
  ABORTED: 'conflict',
  INTERNAL: 'server-error',
  ...AWS_TYPES,
})

function byStatus(status: number | undefined): AIErrorCode {
  if (status === undefined) return 'unknown'
  if (status >= 300 && status < 400) return 'not-found' // redirects are never followed: the base URL is wrong
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
  499: 'interrupted', // Cohere: the request was cancelled in transit
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

function mapOf(codes: Record<string, AIErrorCode>): ReadonlyMap<string, AIErrorCode> {
  return new Map(Object.entries(codes))
}
