import { ERRORS, type ErrorBody, type ErrorCode, OWN_ERROR_HEADER } from '@activepieces/contract'

export type ApiErrorOptions = {
  /** The field that is wrong, as a dotted path. */
  readonly param?: string | null | undefined
  /** Seconds after which the caller may try again: the response's `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** HTTP status, if it differs from the error table. */
  readonly status?: number | undefined
}

/** An error that the caller receives. Its status, actor and remedy come from the error table. The message must never hold a secret. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly param: string | null
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, { param = null, retryAfter, status }: ApiErrorOptions = {}) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status ?? ERRORS[code].status
    this.param = param
    this.retryAfter = retryAfter
  }
}

/** The body in the one shape that both official SDKs read: OpenAI's `error.code`, Anthropic's `type: error`. */
export function toErrorBody({
  status,
  code,
  message,
  param,
}: Pick<ApiError, 'status' | 'code' | 'message' | 'param'>): ErrorBody {
  const { actor, remedy, retryable } = ERRORS[code]
  const type = ERROR_TYPES[status] ?? 'api_error'
  return { type: 'error', error: { type, code, message, param, actor, remedy, retryable } }
}

/** Headers of an error response of ours. The SDKs retry every 5xx and 429, unless `x-should-retry` says otherwise. */
export function errorHeaders({ code, retryAfter }: ApiError): Record<string, string> {
  return {
    [OWN_ERROR_HEADER]: code,
    ...(!ERRORS[code].retryable && { 'x-should-retry': 'false' }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  }
}

/** The vendors' own words, so that code written against them understands ours. */
const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'invalid_request_error',
  413: 'request_too_large',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}
